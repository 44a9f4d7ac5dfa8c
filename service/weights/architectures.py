"""The architectures that a folder is converted from: their names in GGUF, and how llama.cpp lays out their heads."""

from collections.abc import Mapping
from math import pi
from typing import Any

import gguf
import msgspec
import numpy as np

from service.weights.refusal import NotConvertible
from service.weights.tensor_file import Values


class Architecture(msgspec.Struct, frozen=True, kw_only=True):
    """Where `interleaves`, GGUF keeps the rotary halves of each head of the queries and keys interleaved."""

    name: str
    arch: gguf.MODEL_ARCH
    interleaves: bool = False


LLAMA = Architecture(name="llama", arch=gguf.MODEL_ARCH.LLAMA, interleaves=True)
BY_MODEL_TYPE = {
    "llama": LLAMA,
    "mistral": LLAMA,
    "qwen2": Architecture(name="qwen2", arch=gguf.MODEL_ARCH.QWEN2),
    "qwen3": Architecture(name="qwen3", arch=gguf.MODEL_ARCH.QWEN3),
}
BY_NAME = {each.name: each for each in BY_MODEL_TYPE.values()}


class Heads(msgspec.Struct, frozen=True, kw_only=True):
    """How many heads the queries have, and the keys."""

    queries: int
    keys: int

    def interleave(self, name: str, values: Values) -> Values:
        """Reorder the rows of a query's or key's weight or bias as GGUF keeps them; others stay."""
        count = {"attn_q": self.queries, "attn_k": self.keys}.get(name.rsplit(".", 2)[-2])
        if count is None:
            return values
        return values.reshape(count, 2, len(values) // count // 2, -1).swapaxes(1, 2).reshape(values.shape)


def get_architecture(config: Mapping[str, Any]) -> Architecture:
    """Get the architecture that a config.json names. Raises NotConvertible for one that is not known here."""
    model_type = str(config.get("model_type"))
    if model_type not in BY_MODEL_TYPE:
        known = ", ".join(sorted(BY_MODEL_TYPE))
        raise NotConvertible(
            f"A model of the type {model_type} is not converted to GGUF here ({known} are): "
            "export it merged, and use llama.cpp's convert_hf_to_gguf.py."
        )
    return BY_MODEL_TYPE[model_type]


def get_heads(config: Mapping[str, Any]) -> Heads:
    queries = int(config["num_attention_heads"])
    return Heads(queries=queries, keys=int(config.get("num_key_value_heads") or queries))


def write_hyperparameters(writer: gguf.GGUFWriter, config: Mapping[str, Any]) -> None:
    """Write what llama.cpp has to know to run the model."""
    heads = get_heads(config)
    head_size = _get_head_size(config)
    rope = _get_rope(config)
    writer.add_block_count(int(config["num_hidden_layers"]))
    writer.add_context_length(int(config["max_position_embeddings"]))
    writer.add_embedding_length(int(config["hidden_size"]))
    writer.add_feed_forward_length(int(config["intermediate_size"]))
    writer.add_head_count(heads.queries)
    writer.add_head_count_kv(heads.keys)
    writer.add_layer_norm_rms_eps(float(config["rms_norm_eps"]))
    writer.add_rope_freq_base(float(rope.get("rope_theta", 10_000)))
    writer.add_rope_dimension_count(head_size)
    writer.add_vocab_size(int(config["vocab_size"]))
    if config.get("head_dim"):
        writer.add_key_length(head_size)
        writer.add_value_length(head_size)
    _write_rope_scaling(writer, rope)


def compute_rope_factors(config: Mapping[str, Any]) -> Values | None:
    """Compute the factors of `rope_freqs.weight`, which Llama 3.1 and later have; None for other models."""
    rope = _get_rope(config)
    if rope.get("rope_type") != "llama3":
        return None
    low, high = (float(rope[f"{side}_freq_factor"]) for side in ("low", "high"))
    context, factor = float(rope["original_max_position_embeddings"]), float(rope["factor"])
    size = _get_head_size(config)
    frequencies = float(rope.get("rope_theta", 10_000)) ** -(np.arange(0, size, 2, dtype=np.float32) / size)
    wavelengths = 2 * pi / frequencies
    smooth = (context / wavelengths - low) / (high - low)
    between = 1 / ((1 - smooth) / factor + smooth)
    factors = np.where(wavelengths > context / low, factor, np.where(wavelengths < context / high, 1, between))
    return factors.astype(np.float32)


def _get_head_size(config: Mapping[str, Any]) -> int:
    return int(config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"])


def _get_rope(config: Mapping[str, Any]) -> dict[str, Any]:
    """Get the rotary settings: transformers 5 has them in one object, older versions in two places."""
    old = {"rope_theta": config.get("rope_theta", 10_000), **(config.get("rope_scaling") or {})}
    rope = {**old, **(config.get("rope_parameters") or {})}
    return {**rope, "rope_type": rope.get("rope_type") or rope.get("type") or "default"}


def _write_rope_scaling(writer: gguf.GGUFWriter, rope: Mapping[str, Any]) -> None:
    match rope["rope_type"]:
        case "default" | "llama3":
            return
        case "linear":
            writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        case "yarn":
            writer.add_rope_scaling_type(gguf.RopeScalingType.YARN)
            writer.add_rope_scaling_orig_ctx_len(int(rope["original_max_position_embeddings"]))
        case unknown:
            raise NotConvertible(f"The rotary scaling {unknown} is not converted to GGUF here.")
    writer.add_rope_scaling_factor(float(rope["factor"]))
