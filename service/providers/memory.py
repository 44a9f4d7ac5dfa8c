"""How much memory training needs, by a model's size. Pure.

Bytes per parameter: weights in 16 bit are 2, in 4 bit about 0.6. Full training adds gradients and two moments of the
optimizer in 32 bit, 16 in all. A fifth more and 2 GB are for activations and buffers at usual lengths.
"""

import msgspec

LORA_BYTES, QLORA_BYTES, FULL_BYTES, DISK_BYTES = 2.0, 0.6, 16.0, 2.2
OVERHEAD, FIXED_GB = 1.2, 2.0


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


def estimate_memory(parameters_billion: float) -> Memory:
    """Estimate from the size in billions of parameters, of which all have to be in memory."""

    def gigabytes(per_parameter: float) -> float:
        return round(parameters_billion * per_parameter * OVERHEAD + FIXED_GB, 1)

    return Memory(
        lora_gb=gigabytes(LORA_BYTES),
        qlora_gb=gigabytes(QLORA_BYTES),
        full_gb=gigabytes(FULL_BYTES),
        disk_gb=round(parameters_billion * DISK_BYTES, 1),
    )
