"""How much memory and time a training takes, before it begins. Pure.

One formula for the CPU (32-bit floats, checked against what was measured: docs/local.md) and for CUDA (16-bit floats,
with 4-bit weights for QLoRA; not measured here). It imports the standard library and msgspec alone.
"""

import msgspec

from service.providers.local.job import Device, JobMethod, TunedPart

MEGABYTE = 1e6
# Python with torch, transformers, trl and peft, before any model.
CPU_RUNTIME_MB, CUDA_RUNTIME_MB = 450.0, 800.0
FLOAT32, FLOAT16, FOUR_BITS = 4.0, 2.0, 0.56
# AdamW keeps two more numbers for each weight that is learnt, and there is a gradient; all in 32 bits.
OPTIMIZER_BYTES = 12.0
# Numbers that the backward pass needs, per token: of a layer's width, of its feed-forward width, of the vocabulary.
WIDTH_COPIES, FORWARD_COPIES, VOCABULARY_COPIES = 20.0, 6.0, 6.0
CHECKPOINTED_COPIES = 2.0
# Operations for each weight and token: forward 2, backward 2 for what flows back and 2 for the gradients.
LORA_FLOPS, FULL_FLOPS, REFERENCE_FLOPS, FORWARD_FLOPS = 4.0, 6.0, 2.0, 2.0
CPU_FLOPS_PER_SECOND = 66e9
CPU_START_SECONDS, STEP_SECONDS = 12.0, 0.015
CHECKPOINTED_TIME = 4 / 3
LARGE_VOCABULARY_FROM = 1e9


class ModelShape(msgspec.Struct, frozen=True, kw_only=True):
    """What of a model decides about memory and time."""

    parameters: int
    """Weights in all."""
    layers: int
    """Blocks."""
    width: int
    """Numbers of a token between two blocks."""
    forward_width: int
    """Numbers of a token inside a block's feed-forward part, of those that are active."""
    vocabulary: int
    """Tokens that it knows."""
    active_parameters: int | None = None
    """Weights that one token meets, in a mixture of experts; null: all."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How it is trained. `tokens`: of a row, padded, as most batches have it."""

    method: JobMethod = "supervised"
    tuned: TunedPart = "lora"
    batch_size: int = 4
    tokens: int = 1024
    lora_rank: int = 16
    gradient_checkpointing: bool = False
    device: Device = "cpu"


def guess_shape(parameters: int, active_parameters: int | None = None) -> ModelShape:
    """A usual shape for a size: 12 width² weights in a layer, and a layer for each 128 of the width."""
    active = active_parameters or parameters
    width = max(64, round((active * 128 / 12) ** (1 / 3)))
    return ModelShape(
        parameters=parameters,
        layers=max(2, width // 128),
        width=width,
        forward_width=round(width * 3.5),
        vocabulary=128_000 if active > LARGE_VOCABULARY_FROM else 49_152,
        active_parameters=active_parameters,
    )


def count_trainable(shape: ModelShape, plan: Plan) -> int:
    """Weights that are learnt."""
    if plan.tuned == "full":
        return shape.parameters
    # Four matrices of attention, two of them narrower, and three of the feed-forward part.
    return round(plan.lora_rank * shape.layers * (6 * shape.width + 3 * (shape.width + shape.forward_width)))


def estimate_memory(shape: ModelShape, plan: Plan) -> float:
    """The most memory at once, in 10^6 bytes: resident memory on the CPU, VRAM on CUDA."""
    cuda = plan.device == "cuda"
    number = FLOAT16 if cuda else FLOAT32
    weight = {"qlora": FOUR_BITS, "lora": number, "full": FLOAT32}[plan.tuned]
    held = shape.parameters * weight + count_trainable(shape, plan) * OPTIMIZER_BYTES
    if plan.tuned != "full":
        held += count_trainable(shape, plan) * FLOAT32
    sequences = plan.batch_size * (2 if plan.method == "dpo" else 1)
    layer = CHECKPOINTED_COPIES * shape.width
    if not plan.gradient_checkpointing:
        layer = WIDTH_COPIES * shape.width + FORWARD_COPIES * shape.forward_width
    per_token = shape.layers * layer * number + VOCABULARY_COPIES * shape.vocabulary * FLOAT32
    runtime = CUDA_RUNTIME_MB if cuda else CPU_RUNTIME_MB
    return runtime + (held + sequences * plan.tokens * per_token) / MEGABYTE


def estimate_seconds(shape: ModelShape, plan: Plan, *, steps: int, evaluated_rows: int = 0) -> float:
    """Processor seconds on one core, which on a quiet core is the time it takes. `evaluated_rows`: of all passes."""
    return CPU_START_SECONDS + steps * estimate_step(shape, plan) + evaluated_rows * _estimate_row(shape, plan)


def estimate_step(shape: ModelShape, plan: Plan) -> float:
    """Processor seconds for one batch."""
    flops = FULL_FLOPS if plan.tuned == "full" else LORA_FLOPS
    sequences = plan.batch_size
    if plan.method == "dpo":
        sequences, flops = 2 * sequences, flops + REFERENCE_FLOPS
    elif plan.method == "kto":  # the reference, and both once more for the mean distance
        flops += 3 * REFERENCE_FLOPS
    if plan.gradient_checkpointing:
        flops *= CHECKPOINTED_TIME
    active = shape.active_parameters or shape.parameters
    return STEP_SECONDS + sequences * plan.tokens * active * flops / CPU_FLOPS_PER_SECOND


def find_fitting_batch(shape: ModelShape, plan: Plan, *, used_mb: float, limit_mb: float) -> int | None:
    """The largest halved batch that fits into the limit, given what the present one used; None if none does."""
    measured = max(1.0, used_mb / estimate_memory(shape, plan))
    batch = plan.batch_size // 2
    while batch:
        if measured * estimate_memory(shape, msgspec.structs.replace(plan, batch_size=batch)) <= limit_mb:
            return batch
        batch //= 2
    return None


def _estimate_row(shape: ModelShape, plan: Plan) -> float:
    active = shape.active_parameters or shape.parameters
    rows = 4 if plan.method == "dpo" else 1
    return rows * plan.tokens * active * FORWARD_FLOPS / CPU_FLOPS_PER_SECOND
