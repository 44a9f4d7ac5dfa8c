"""A model's own limits on hyperparameters, which Together tells. Pure."""

from collections.abc import Mapping
from typing import Any

import msgspec

from service.providers.provider import Method
from service.providers.traits import Parameter

Limits = Mapping[str, Any]
# Limits on each parameter: the names of the smallest and the largest value.
RANGES = {
    "learning_rate": ("min_learning_rate", "max_learning_rate"),
    "n_epochs": (None, "max_num_epochs"),
    "n_evals": (None, "max_num_evals"),
    "n_checkpoints": (None, "max_num_checkpoints"),
}


class ModelLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What `models/limits` says about a model."""

    min_learning_rate: float | None = None
    max_learning_rate: float | None = None
    max_num_epochs: int | None = None
    max_num_evals: int | None = None
    max_num_checkpoints: int | None = None
    min_max_seq_length: int | None = None
    max_seq_length_sft: int | None = None
    max_seq_length_dpo: int | None = None
    supports_full_training: bool = True
    supports_tools: bool = True
    lora_training: dict[str, Any] | None = None
    full_training: dict[str, Any] | None = None

    @property
    def default_rank(self) -> int | None:
        return (self.lora_training or {}).get("default_rank")


def narrow_parameters(parameters: Mapping[str, Parameter], limits: ModelLimits, method: Method) -> dict[str, Parameter]:
    """The method's parameters with this model's ranges in place of the general ones."""
    ranges = {name: (_get(limits, lowest), _get(limits, highest)) for name, (lowest, highest) in RANGES.items()}
    lora, full = limits.lora_training or {}, limits.full_training or {}
    longest = limits.max_seq_length_dpo if method == "dpo" else limits.max_seq_length_sft
    largest = "max_batch_size_dpo" if method == "dpo" else "max_batch_size"
    ranges |= {
        "max_seq_length": (limits.min_max_seq_length, longest),
        "batch_size": (_least(lora, full, "min_batch_size"), _most(lora, full, largest)),
        "lora_r": (None, lora.get("max_rank")),
    }
    narrowed = {name: _narrow(parameter, *ranges.get(name, (None, None))) for name, parameter in parameters.items()}
    if not limits.supports_full_training:
        narrowed["training_type"] = msgspec.structs.replace(narrowed["training_type"], choices=("Lora",))
    return narrowed


def _narrow(parameter: Parameter, lowest: float | None, highest: float | None) -> Parameter:
    ranges = {"minimum": lowest, "maximum": highest}
    return msgspec.structs.replace(parameter, **{name: value for name, value in ranges.items() if value})


def _get(limits: ModelLimits, name: str | None) -> float | None:
    return getattr(limits, name) if name else None


def _least(lora: Limits, full: Limits, name: str) -> float | None:
    # Full training is told as zero where it is not offered.
    return min((limits[name] for limits in (lora, full) if limits.get(name)), default=None)


def _most(lora: Limits, full: Limits, name: str) -> float | None:
    return max((limits[name] for limits in (lora, full) if limits.get(name)), default=None)
