"""What a training on own hardware will need, from the size of the model and the rows. Pure."""

import math

import msgspec

from service.providers.local.job import Hyperparameters
from service.providers.local.training_estimate import Plan, estimate_memory, estimate_seconds, guess_shape
from service.tunes.preflight.domain import Order, RowFacts

KINDS = frozenset({"local", "ray"})
BILLION, MB_PER_GB = 1e9, 1000
USUAL_TOKENS = 512  # of a row, where no tokenizer is installed
SETTINGS = {field.name for field in msgspec.structs.fields(Hyperparameters)}


class Needs(msgspec.Struct, frozen=True, kw_only=True):
    """Memory in GB, and time of one CPU."""

    memory_gb: float
    seconds: float


def estimate_needs(order: Order, train: RowFacts) -> Needs | None:
    """None for a provider's machines, for a model whose size is not known, and for settings that are refused anyway."""
    size = order.model and order.model.parameters_billion
    if order.kind not in KINDS or not size or order.method == "reinforcement":
        return None
    given = {name: value for name, value in order.hyperparameters.items() if name in SETTINGS}
    try:
        settings = msgspec.convert(given, Hyperparameters, strict=False)
    except msgspec.ValidationError:
        return None
    tokens = round(train.tokens / train.rows) if train.tokens and train.rows else USUAL_TOKENS
    plan = Plan(
        method=order.method,
        tuned=settings.tuned,
        batch_size=settings.batch_size,
        tokens=min(tokens, settings.max_length),
        lora_rank=settings.lora_rank,
        gradient_checkpointing=settings.gradient_checkpointing,
    )
    shape = guess_shape(round(size * BILLION))
    batches = settings.n_epochs * math.ceil(train.rows / settings.batch_size)
    steps = settings.max_steps * settings.gradient_accumulation if settings.max_steps else math.ceil(batches)
    longest = msgspec.structs.replace(plan, tokens=min(train.longest or tokens, settings.max_length))
    return Needs(
        memory_gb=round(estimate_memory(shape, longest) / MB_PER_GB, 1),
        seconds=round(estimate_seconds(shape, plan, steps=steps)),
    )
