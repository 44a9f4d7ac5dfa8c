"""Safetensors files: read one tensor at a time, in float32, and write them as they come.

The `safetensors` library is not used: with numpy it cannot read bfloat16, and it writes a file only from memory.
"""

from collections.abc import Callable, Mapping
from math import prod
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from service.weights.refusal import NotConvertible

Values = NDArray[np.float32]

DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}
MAX_HEADER_BYTES = 100_000_000  # the limit of the format's own library
INDEX = "model.safetensors.index.json"
METADATA = "__metadata__"


class Tensor(msgspec.Struct, frozen=True, kw_only=True):
    """Where a tensor is: bytes `start` to `end` of a file."""

    dtype: str
    shape: tuple[int, ...]
    file: Path
    start: int
    end: int

    def load(self) -> Values:
        """Read the values, in float32."""
        raw = np.memmap(self.file, mode="r", offset=self.start, shape=self.end - self.start)
        return _widen(raw.view(DTYPES[self.dtype]), self.dtype).reshape(self.shape)


def read_tensors(file: Path) -> dict[str, Tensor]:
    """Find the tensors of a file. Raises NotConvertible for one that is broken or quantized."""
    size = file.stat().st_size
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        if not 0 < length <= min(size - 8, MAX_HEADER_BYTES):
            raise NotConvertible(f"{file.name} is no safetensors file: its header does not fit.")
        try:
            header = msgspec.json.decode(opened.read(length), type=dict[str, dict[str, Any]])
        except msgspec.DecodeError as error:
            raise NotConvertible(f"{file.name} is no safetensors file: {error}.") from error
    begin = 8 + length
    return {name: _locate(file, name, entry, begin, size) for name, entry in header.items() if name != METADATA}


def read_folder(folder: Path, *, stem: str = "model") -> dict[str, Tensor]:
    """Find the tensors of a model's folder, in one file or in several. Raises NotConvertible without any."""
    files = sorted(folder.glob(f"{stem}*.safetensors"))
    if not files:
        pickles = [file.name for file in folder.glob("*.bin")]
        reason = f"; {pickles[0]} is a pickle, which can run code and is not read" if pickles else ""
        raise NotConvertible(f"The folder has no {stem}.safetensors{reason}.")
    return {name: tensor for file in files for name, tensor in read_tensors(file).items()}


def write_tensors(
    file: Path, tensors: Mapping[str, tuple[str, tuple[int, ...]]], load: Callable[[str], Values]
) -> None:
    """Write tensors of these types and shapes, one in memory at a time. The same tensors make the same bytes."""
    header: dict[str, Any] = {METADATA: {"format": "pt"}}
    end = 0
    for name, (dtype, shape) in tensors.items():
        start, end = end, end + prod(shape) * np.dtype(DTYPES[dtype]).itemsize
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}
    text = msgspec.json.encode(header)
    text += b" " * (-len(text) % 8)
    with file.open("wb") as opened:
        opened.write(len(text).to_bytes(8, "little") + text)
        for name, (dtype, _) in tensors.items():
            opened.write(_narrow(load(name), dtype).data)


def round_to(values: Values, dtype: str) -> Values:
    """Round as a file of this type does."""
    return _widen(_narrow(values, dtype), dtype)


def _locate(file: Path, name: str, entry: Mapping[str, Any], begin: int, size: int) -> Tensor:
    try:
        dtype, shape = str(entry["dtype"]), tuple(int(each) for each in entry["shape"])
        start, end = (begin + int(each) for each in entry["data_offsets"])
    except (KeyError, TypeError, ValueError) as error:
        raise NotConvertible(f"{file.name}: the header's entry of {name} is broken.") from error
    if dtype not in DTYPES:
        raise NotConvertible(f"{name} has the type {dtype}: weights that are quantized cannot be merged or converted.")
    is_whole = start < end and end - start == prod(shape) * np.dtype(DTYPES[dtype]).itemsize
    if not (begin <= start <= end <= size and is_whole and min(shape, default=0) >= 0):
        raise NotConvertible(f"{file.name} is cut off or broken at {name}.")
    return Tensor(dtype=dtype, shape=shape, file=file, start=start, end=end)


def _widen(values: NDArray[Any], dtype: str) -> Values:
    if dtype == "BF16":
        values = (values.astype(np.uint32) << 16).view(np.float32)
    return values.astype(np.float32)


def _narrow(values: Values, dtype: str) -> NDArray[Any]:
    values = np.ascontiguousarray(values, dtype=np.float32)
    if dtype != "BF16":
        return values.astype(DTYPES[dtype])
    bits = values.view(np.uint32)
    rounded = ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2")
    return np.where(np.isnan(values), np.uint16(0x7FC0), rounded)
