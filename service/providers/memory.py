"""How much memory training needs, by a model's size. Pure."""

import msgspec

from service.providers.local.job import TunedPart
from service.providers.local.training_estimate import Plan, estimate_memory, guess_shape

# Short examples, a small batch, and what the backward pass needs computed again: as one trains on a single GPU.
USUAL = Plan(batch_size=4, tokens=512, gradient_checkpointing=True, device="cuda")
BILLION, MB_PER_GB = 1e9, 1000
DISK_BYTES = 2.2


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """Memory to train on own hardware, in GB; an estimate for short examples and small batches."""

    lora_gb: float
    """With LoRA on weights in 16 bit."""
    qlora_gb: float
    """With LoRA on weights in 4 bit."""
    full_gb: float
    """With all parameters trained."""
    disk_gb: float
    """Space for the weights on disk."""


def estimate_gpu_memory(parameters_billion: float, active_parameters_billion: float | None = None) -> Memory:
    """Estimate from the size in billions of parameters, of which all have to be in memory."""
    active = None if active_parameters_billion is None else round(active_parameters_billion * BILLION)
    shape = guess_shape(round(parameters_billion * BILLION), active)

    def gigabytes(tuned: TunedPart) -> float:
        return round(estimate_memory(shape, msgspec.structs.replace(USUAL, tuned=tuned)) / MB_PER_GB, 1)

    return Memory(
        lora_gb=gigabytes("lora"),
        qlora_gb=gigabytes("qlora"),
        full_gb=gigabytes("full"),
        disk_gb=round(parameters_billion * DISK_BYTES, 1),
    )
