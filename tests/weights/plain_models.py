"""A tiny base model and an adapter of it as files, made with numpy alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from service.weights.tensor_file import Values, write_tensors

LAYER = "model.layers.0"
Q, K, UP = f"{LAYER}.self_attn.q_proj", f"{LAYER}.self_attn.k_proj", f"{LAYER}.mlp.up_proj"
SHAPES = {
    "model.embed_tokens.weight": (260, 32),
    f"{LAYER}.input_layernorm.weight": (32,),
    f"{Q}.weight": (32, 32),
    f"{K}.weight": (16, 32),
    f"{UP}.weight": (48, 32),
    f"{LAYER}.mlp.down_proj.weight": (32, 48),
    "model.norm.weight": (32,),
}
CONFIG = {
    "model_type": "llama",
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 1,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
    "rms_norm_eps": 1e-6,
    "vocab_size": 260,
    "tie_word_embeddings": True,
    "auto_map": {"AutoModelForCausalLM": "modeling_evil.Model"},
}
TOKENIZER = {
    "model": {"type": "BPE", "vocab": {f"t{number}": number for number in range(258)}, "merges": [["t0", "t1"]]},
    "added_tokens": [{"id": 258, "content": "<s>", "special": True}, {"id": 259, "content": "</s>", "special": True}],
    "pre_tokenizer": {"type": "ByteLevel"},
}
ADAPTER = {"peft_type": "LORA", "r": 2, "lora_alpha": 4, "base_model_name_or_path": "/home/somebody/base"}


def save_json(file: Path, value: Mapping[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(msgspec.json.encode(value))


def save_tensors(file: Path, tensors: Mapping[str, Values], dtype: str = "F32") -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    write_tensors(file, {name: (dtype, values.shape) for name, values in tensors.items()}, tensors.__getitem__)


def save_base(folder: Path, *, dtype: str = "F32", **config: Any) -> dict[str, Values]:
    random = np.random.default_rng(1)
    tensors = {name: random.normal(size=shape).astype(np.float32) for name, shape in SHAPES.items()}
    save_tensors(folder / "model.safetensors", tensors, dtype)
    save_json(folder / "config.json", {**CONFIG, **config})
    save_json(folder / "tokenizer.json", TOKENIZER)
    save_json(folder / "tokenizer_config.json", {"eos_token": "</s>", "chat_template": "{{ messages }}"})
    (folder / "modeling_evil.py").write_text("raise SystemExit")
    return tensors


def save_adapter(folder: Path, weights: tuple[str, ...] = (Q, K, UP), **config: Any) -> dict[str, Values]:
    """Save an adapter; returns what it adds to each weight."""
    random = np.random.default_rng(2)
    tensors: dict[str, Values] = {}
    sums: dict[str, Values] = {}
    for module in weights:
        rows, columns = SHAPES.get(f"{module}.weight", (32, 32))
        a, b = (random.normal(size=shape).astype(np.float32) for shape in ((2, columns), (rows, 2)))
        tensors |= {f"base_model.model.{module}.lora_A.weight": a, f"base_model.model.{module}.lora_B.weight": b}
        sums[f"{module}.weight"] = (b @ a) * np.float32(2)
    save_tensors(folder / "adapter_model.safetensors", tensors)
    save_json(folder / "adapter_config.json", {**ADAPTER, **config})
    return sums
