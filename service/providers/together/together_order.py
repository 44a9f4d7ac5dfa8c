"""The request that creates a Together job, from flat hyperparameters, and the token that its suffix carries. Pure."""

import hashlib
import math
from typing import Any

from service.providers.provider import JobSpec

SUFFIX_LENGTH = 40
TOKEN_LENGTH = 16
LORA = ("lora_r", "lora_alpha", "lora_dropout", "lora_trainable_modules")
SFT = ("train_on_inputs",)
DPO = ("dpo_beta", "dpo_normalize_logratios_by_length", "dpo_reference_free", "rpo_alpha", "simpo_gamma")
SCHEDULER = ("min_lr_ratio", "num_cycles")
NESTED = frozenset({*LORA, *SFT, *DPO, *SCHEDULER, "training_type", "lr_scheduler_type"})
PRICED = (
    *("training_file", "validation_file", "model", "from_checkpoint"),
    *("n_epochs", "n_evals", "training_type", "training_method"),
)
PATIENCE, WARMUP_EVALS = 2, 1  # Together's own defaults of early stopping
WANDB = {
    "api_key": ("wandb_api_key", "wandb_key"),  # the document's name, and the one that the SDK sends
    "base_url": ("wandb_base_url",),
    "project": ("wandb_project_name",),
    "name": ("wandb_name",),
    "entity": ("wandb_entity",),
}
Values = dict[str, Any]


def shorten_token(token: str) -> str:
    """A token of 64 bits: the suffix has room for 40 characters, the user's own among them."""
    return hashlib.sha256(token.encode()).hexdigest()[:TOKEN_LENGTH]


def build_suffix(suffix: str | None, token: str) -> str:
    short = shorten_token(token)
    return f"{suffix[: SUFFIX_LENGTH - TOKEN_LENGTH - 1]}-{short}" if suffix else short


def build_body(order: JobSpec, *, default_rank: int | None = None) -> Values:
    """The body of POST /fine-tunes. `default_rank`: the model's, where other LoRA settings come without a rank."""
    given: Values = dict(order.hyperparameters)
    extra = {name: value for name, value in order.extra.items() if name != "wandb"}
    body = {
        **{name: value for name, value in given.items() if name not in NESTED},
        # A checkpoint brings its model along; Together refuses both.
        "model": None if order.start_from else order.base_model,
        "from_checkpoint": order.start_from,
        "training_file": order.training_file,
        "validation_file": order.validation_file,
        "n_evals": given.get("n_evals", count_evals(order)),
        "suffix": build_suffix(order.suffix, order.token),
        "random_seed": order.seed,
        "training_method": build_method(order),
        "training_type": build_training_type(given, default_rank=default_rank),
        "lr_scheduler": build_scheduler(given),
    }
    return {name: value for name, value in (body | build_wandb(order) | extra).items() if value is not None}


def build_quote_body(order: JobSpec) -> Values:
    return {name: value for name, value in build_body(order).items() if name in PRICED}


def needs_default_rank(order: JobSpec) -> bool:
    """Whether LoRA is set up without a rank: the wire asks for one then, and only `models/limits` knows it."""
    given = order.hyperparameters
    return "lora_r" not in given and given.get("training_type") != "Full" and any(name in given for name in LORA)


def count_evals(order: JobSpec) -> int | None:
    """Evaluate once per epoch, or as often as early stopping needs. Together's default of 0 ignores the file."""
    if order.validation_file is None:
        return None
    given = order.hyperparameters
    evals = int(given.get("n_epochs", 1))
    if given.get("early_stopping_enabled"):
        patience = int(given.get("early_stopping_patience", PATIENCE))
        evals = max(evals, patience + int(given.get("early_stopping_warmup_evals", WARMUP_EVALS)) + 1)
    return evals


def build_method(order: JobSpec) -> Values:
    given = order.hyperparameters
    if order.method == "dpo":
        method: Values = {"method": "dpo"} | _pick(given, DPO)
        if "simpo_gamma" in given:  # SimPO has no reference model and compares by length
            method = {"dpo_reference_free": True, "dpo_normalize_logratios_by_length": True} | method
        return method
    return {"method": "sft", "train_on_inputs": given.get("train_on_inputs", "auto")}


def build_training_type(given: Values, *, default_rank: int | None) -> Values | None:
    """None where nothing is said: a model gets LoRA then, and a checkpoint what its job had."""
    if given.get("training_type") == "Full":
        return {"type": "Full"}
    lora = _pick(given, LORA)
    rank = lora.get("lora_r", default_rank)
    if rank is None or not lora:
        return None
    return {"type": "Lora", "lora_r": rank, "lora_alpha": math.floor(2 * rank)} | lora


def build_scheduler(given: Values) -> Values | None:
    args = _pick(given, SCHEDULER)
    kind = given.get("lr_scheduler_type", "cosine" if args else None)
    if kind is None:
        return None
    if kind == "linear":
        return {"lr_scheduler_type": kind, "lr_scheduler_args": {"min_lr_ratio": args.get("min_lr_ratio", 0.0)}}
    return {"lr_scheduler_type": kind, "lr_scheduler_args": {"min_lr_ratio": 0.0, "num_cycles": 0.5} | args}


def build_wandb(order: JobSpec) -> Values:
    tracker = order.extra.get("wandb") or {}
    return {field: tracker[name] for name, fields in WANDB.items() if tracker.get(name) for field in fields}


def find_wandb_key(order: JobSpec) -> str | None:
    return (order.extra.get("wandb") or {}).get("api_key") or None


def _pick(given: Values, names: tuple[str, ...]) -> Values:
    return {name: given[name] for name in names if name in given}
