"""A LoRA adapter as PEFT saves it: what it adds to which weights, and what it replaces."""

import re
from collections.abc import Mapping
from math import sqrt
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from service.weights.refusal import NotConvertible
from service.weights.tensor_file import Tensor, Values, read_tensors

CONFIG, TENSORS = "adapter_config.json", "adapter_model.safetensors"
PREFIX = "base_model.model."
# Each changes the sum in a way that is not computed here; PEFT's own merge can.
REFUSED = (
    "use_dora",
    "fan_in_fan_out",
    "lora_bias",
    "trainable_token_indices",
    "target_parameters",
    "layer_replication",
)
# Others change the base weights too, so that the adapter alone does not say what was trained.
INITS = (True, False, "gaussian", "eva", "orthogonal")


class Delta(msgspec.Struct, frozen=True, kw_only=True):
    """`scale` times `b` times `a` is added to a weight."""

    a: Tensor
    b: Tensor
    scale: float

    def compute(self) -> Values:
        # PEFT multiplies the product, not a factor: so the last bit is the same.
        return (self.b.load() @ self.a.load()) * np.float32(self.scale)


class Adapter(msgspec.Struct, frozen=True, kw_only=True):
    """By weight's name, as the base model names it."""

    config: dict[str, Any]
    deltas: dict[str, Delta]
    replaced: dict[str, Tensor]

    @property
    def ties_embeddings(self) -> bool:
        return bool(self.config.get("ensure_weight_tying"))


def read_adapter(folder: Path) -> Adapter:
    """Read an adapter's folder. Raises NotConvertible where a plain sum is not what it means."""
    config = read_config(folder)
    sides: dict[str, dict[str, Tensor]] = {}
    replaced = {}
    for key, tensor in read_tensors(folder / TENSORS).items():
        name = key.removeprefix(PREFIX)
        module, lora, side = name.removesuffix(".weight").partition(".lora_")
        if lora and side in {"A", "B"}:
            sides.setdefault(f"{module}.weight", {})[side] = tensor
        elif lora:
            raise NotConvertible(f"The adapter has {key}, which only PEFT can merge.")
        else:
            replaced[name.replace(".base_layer.", ".")] = tensor
    return Adapter(
        config=config, deltas={name: _pair(config, name, pair) for name, pair in sides.items()}, replaced=replaced
    )


def read_config(folder: Path) -> dict[str, Any]:
    """Read adapter_config.json. Raises NotConvertible for anything but plain LoRA."""
    try:
        config = msgspec.json.decode((folder / CONFIG).read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.DecodeError) as error:
        raise NotConvertible(f"The adapter has no readable {CONFIG}.") from error
    if not (folder / TENSORS).is_file():
        raise NotConvertible(f"The adapter has no {TENSORS}. A pickle (.bin) can run code and is not read.")
    refused = [name for name in REFUSED if config.get(name)]
    if config.get("peft_type", "LORA") != "LORA":
        refused.append(f"peft_type {config['peft_type']}")
    if config.get("bias", "none") != "none":
        refused.append(f"bias {config['bias']}")
    if config.get("init_lora_weights", True) not in INITS:
        refused.append(f"init_lora_weights {config['init_lora_weights']}")
    if refused:
        raise NotConvertible(f"The adapter uses {', '.join(refused)}: merge it with PEFT, and export that model.")
    return config


def _pair(config: Mapping[str, Any], name: str, sides: Mapping[str, Tensor]) -> Delta:
    if set(sides) != {"A", "B"}:
        raise NotConvertible(f"The adapter has only one half of {name}.")
    a, b = sides["A"], sides["B"]
    if len(a.shape) != 2 or len(b.shape) != 2 or a.shape[0] != b.shape[1]:  # noqa: PLR2004 - matrices
        raise NotConvertible(f"The two halves of {name} do not fit: {a.shape} and {b.shape}.")
    rank, alpha = (_find(config, name, setting) for setting in ("rank", "alpha"))
    return Delta(a=a, b=b, scale=alpha / sqrt(rank) if config.get("use_rslora") else alpha / rank)


def _find(config: Mapping[str, Any], name: str, setting: str) -> float:
    """Find a setting of a module: one that a pattern gives, or the one of all modules."""
    module = name.removesuffix(".weight")
    for pattern, value in (config.get(f"{setting}_pattern") or {}).items():
        if re.fullmatch(rf"(.*\.)?({pattern})", module):
            return float(value)
    return float(config["r" if setting == "rank" else "lora_alpha"])
