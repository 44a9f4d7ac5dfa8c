"""How many operations a training took, by the usual formula, and what share of its base model's own training. Pure."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from service.providers.catalog import find_base_model
from service.providers.pretraining_tokens import find_pretraining

Part = Literal["lora", "full", "unknown"]
# For each weight and token: forward 2, backward 2, and 2 for the gradients of the weights that are learnt.
FULL_FLOPS, LORA_FLOPS = 6, 4
LORA_BY_DEFAULT = frozenset({"local", "together", "fireworks"})
LORA_NAMES = ("lora_r", "lora_rank", "lora_alpha", "adapter_size")
PART_NAMES = ("tuned", "training_type", "tuning_mode")
BILLION, TRILLION = 1e9, 1e12


class TrainingCompute(msgspec.Struct, frozen=True, kw_only=True):
    """Operations of a training: weights that a token meets, times tokens, times 6; with LoRA times 4."""

    flops: float
    """Floating point operations."""
    tokens: int
    """The trained tokens, all epochs included."""
    tokens_by: Literal["provider", "estimate"]
    """Who counted them."""
    parameters_billion: float
    """The weights that a token meets, in billions."""
    part: Part
    """What was learnt: adapters, all weights, or what nobody tells; that counts as all."""
    pretraining_share: float | None
    """Its share of the operations of the base model's own training. Null where the maker has not told its tokens."""
    source: str
    """Where the sizes were read."""


def compute_training(
    kind: str,
    base_model: str,
    hyperparameters: Mapping[str, Any],
    *,
    trained_tokens: int | None,
    estimated_tokens: int | None,
) -> TrainingCompute | None:
    """None where the model's size or the tokens are not known."""
    model, tokens = find_base_model(kind, base_model), trained_tokens or estimated_tokens
    billions = model and (model.active_parameters_billion or model.parameters_billion)
    if model is None or not billions or not tokens:
        return None
    part = find_part(kind, hyperparameters)
    flops = (LORA_FLOPS if part == "lora" else FULL_FLOPS) * billions * BILLION * tokens
    known = find_pretraining(base_model)
    share, source = None, model.source
    if known and known.tokens_trillion:
        share = flops / (FULL_FLOPS * billions * BILLION * known.tokens_trillion * TRILLION)
        source = f"{model.source}; {known.source}"
    return TrainingCompute(
        flops=flops,
        tokens=tokens,
        tokens_by="provider" if trained_tokens else "estimate",
        parameters_billion=billions,
        part=part,
        pretraining_share=share,
        source=source,
    )


def find_part(kind: str, hyperparameters: Mapping[str, Any]) -> Part:
    """What is learnt, by the provider's own words, else by what it does without any."""
    word = next((str(hyperparameters[name]).lower() for name in PART_NAMES if name in hyperparameters), "")
    if "full" in word:
        return "full"
    has_adapter = word or any(name in hyperparameters for name in LORA_NAMES) or kind in LORA_BY_DEFAULT
    return "lora" if has_adapter else "unknown"
