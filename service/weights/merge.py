"""An adapter laid over its base model, weight by weight."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from service.weights.base_weights import EMBEDDINGS, HEAD, FolderBase
from service.weights.peft_adapter import Adapter
from service.weights.refusal import NotConvertible
from service.weights.tensor_file import INDEX, Values, round_to, write_tensors

# Beside the weights: what a folder needs to be used, and nothing that runs.
COPIED = ("*.json", "*.jinja", "*.model", "*.txt", "LICENSE*", "NOTICE*")
NOT_COPIED = {"config.json", INDEX, "adapter_config.json", "training_args.json", "trainer_state.json"}


class MergedModel:
    """The weights of a folder with an adapter's added. What the adapter touches of a tied pair is untied."""

    def __init__(self, base: FolderBase, adapter: Adapter | None) -> None:
        self._base = base
        self._deltas = adapter.deltas if adapter else {}
        self._replaced = adapter.replaced if adapter else {}
        touched = {*self._deltas, *self._replaced}
        keeps_tie = adapter is not None and adapter.ties_embeddings
        self.unties = base.is_tied and bool(touched & {EMBEDDINGS, HEAD}) and not keeps_tie
        self.names = [*base.tensors, *([HEAD] if self.unties else [])]
        if missing := sorted(touched - {*self.names, HEAD}):
            raise NotConvertible(f"The adapter changes {missing[0]}, which the base model has not: it is of another.")

    def load(self, name: str) -> Values:
        """Load a merged weight, rounded to the base's type: so a GGUF file is that of the merged folder."""
        values = (self._replaced.get(name) or self._base.get(name)).load()
        if name in self._deltas:
            values = values + self._deltas[name].compute()
        return round_to(values, self._base.get(name).dtype)

    def describe(self, name: str) -> tuple[str, tuple[int, ...]]:
        """Say type and shape of a weight: those of the base."""
        tensor = self._base.get(name)
        return tensor.dtype, self._replaced[name].shape if name in self._replaced else tensor.shape

    def write(self, folder: Path) -> None:
        """Write the merged model: files of the base's names, its tokenizer, and a config.json that fits."""
        folder.mkdir(parents=True, exist_ok=True)
        files = {name: self._base.get(name).file.name for name in self.names}
        for file in sorted(set(files.values())):
            tensors = {name: self.describe(name) for name in self.names if files[name] == file}
            write_tensors(folder / file, tensors, self.load)
        for path in _list_companions(self._base.folder):
            shutil.copyfile(path, folder / path.name)
        _write_json(folder / "config.json", self._build_config())
        if len(set(files.values())) > 1:
            _write_json(folder / INDEX, {"metadata": {}, "weight_map": files})

    def _build_config(self) -> dict[str, Any]:
        """Copy the base's, without the name of a file of code that it would run."""
        config = {name: value for name, value in self._base.config.items() if name not in {"auto_map", "_name_or_path"}}
        return config | ({"tie_word_embeddings": False} if self.unties else {})


def _list_companions(folder: Path) -> list[Path]:
    found = {path for pattern in COPIED for path in folder.glob(pattern) if path.is_file() and not path.is_symlink()}
    return sorted(path for path in found if path.name not in NOT_COPIED)


def _write_json(file: Path, value: Mapping[str, Any]) -> None:
    file.write_bytes(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")
