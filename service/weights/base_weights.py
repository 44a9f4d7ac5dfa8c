"""The base model that an adapter is laid over: a folder of safetensors, or a GGUF file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gguf
import msgspec
import numpy as np

from service.weights.architectures import BY_NAME, Architecture, Heads, get_architecture, get_heads
from service.weights.refusal import NotConvertible
from service.weights.tensor_file import Tensor, Values, read_folder

EMBEDDINGS, HEAD = "model.embed_tokens.weight", "lm_head.weight"


class FolderBase:
    """A model as transformers saves it."""

    def __init__(self, folder: Path) -> None:
        try:
            self.config = msgspec.json.decode((folder / "config.json").read_bytes(), type=dict[str, Any])
        except (OSError, msgspec.DecodeError) as error:
            raise NotConvertible("The base model has no readable config.json.") from error
        if self.config.get("quantization_config"):
            raise NotConvertible("The base model is quantized; its weights cannot be merged. Take the one it is from.")
        self.folder = folder
        self.tensors: dict[str, Tensor] = read_folder(folder)

    @property
    def is_tied(self) -> bool:
        return HEAD not in self.tensors

    def get(self, name: str) -> Tensor:
        """Get a weight. Of a tied model, the output's weights are those of the embeddings."""
        return self.tensors[EMBEDDINGS if name == HEAD and self.is_tied else name]


class GgufBase:
    """A GGUF file. Its weights, quantized or not, are read in float32."""

    def __init__(self, file: Path) -> None:
        try:
            self.reader = gguf.GGUFReader(file)
        except (OSError, ValueError, IndexError, KeyError) as error:
            raise NotConvertible(f"{file.name} is no GGUF file: {error}.") from error
        self.tensors = {tensor.name: tensor for tensor in self.reader.tensors}

    @property
    def architecture(self) -> Architecture:
        name = self.get_field("general.architecture")
        if name not in BY_NAME:
            raise NotConvertible(f"An adapter is not laid over a GGUF file of the architecture {name} here.")
        return BY_NAME[name]

    @property
    def heads(self) -> Heads:
        name = self.architecture.name
        queries = int(self.get_field(f"{name}.attention.head_count"))
        return Heads(queries=queries, keys=int(self.get_field(f"{name}.attention.head_count_kv") or queries))

    def get_field(self, name: str) -> Any:
        field = self.reader.get_field(name)
        return None if field is None else field.contents()

    def get_shape(self, name: str) -> Sequence[int]:
        return [int(size) for size in reversed(self.tensors[name].shape)]

    def load(self, name: str) -> Values:
        tensor = self.tensors[name]
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        return values.astype(np.float32).reshape(self.get_shape(name))


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """What GGUF calls the weights of a model, and how it orders their rows."""

    architecture: Architecture
    heads: Heads
    names: gguf.TensorNameMap

    def name(self, weight: str) -> str:
        """Give the name in GGUF. Raises NotConvertible for a weight that the architecture has not."""
        name = self.names.get_name(weight, try_suffixes=(".weight", ".bias"))
        if name is None:
            raise NotConvertible(f"A {self.architecture.name} model has no weight {weight}.")
        return name

    def order(self, name: str, values: Values) -> Values:
        return self.heads.interleave(name, values) if self.architecture.interleaves else values


def open_base(path: Path) -> FolderBase | GgufBase:
    return FolderBase(path) if path.is_dir() else GgufBase(path)


def get_layout(base: FolderBase | GgufBase) -> Layout:
    """Get the layout of a base model in GGUF. Raises NotConvertible for an architecture not known here."""
    if isinstance(base, GgufBase):
        architecture, heads = base.architecture, base.heads
        blocks = int(base.get_field(f"{architecture.name}.block_count"))
    else:
        architecture, heads = get_architecture(base.config), get_heads(base.config)
        blocks = int(base.config["num_hidden_layers"])
    return Layout(architecture=architecture, heads=heads, names=gguf.get_tensor_name_map(architecture.arch, blocks))
