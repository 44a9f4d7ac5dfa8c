"""Files to upload: their bytes, size, name and type."""

import mimetypes
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

OnProgress = Callable[[int, int | None], object]
"""Called with the bytes transferred so far, and the total if it is known."""

CHUNK = 256 * 1024
_TYPES = {
    ".csv": "text/csv",
    ".jsonl": "application/x-ndjson",
    ".markdown": "text/markdown",
    ".md": "text/markdown",
    ".ndjson": "application/x-ndjson",
}


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A path, bytes, an open binary file or an iterable of bytes; `start` is the position of an open file."""

    file: Any
    content_type: str
    on_progress: OnProgress | None = None
    size: int | None = None
    start: int | None = None

    @property
    def repeatable(self) -> bool:
        """Whether the same bytes can be sent again."""
        return isinstance(self.file, str | os.PathLike | bytes) or self.start is not None


def source(
    file: Any, *, types: Sequence[str], content_type: str | UnsetType = UNSET, on_progress: OnProgress | None = None
) -> Source:
    """Describe a file. `types` are accepted by the route; without a `content_type` the file's name chooses one."""
    start = file.tell() if hasattr(file, "seek") and file.seekable() else None
    return Source(
        file=file,
        content_type=_type(file, types) if content_type is UNSET else content_type,
        on_progress=on_progress,
        size=_size(file, start),
        start=start,
    )


def name_of(file: Any) -> str | UnsetType:
    """The file's name, for routes that need it."""
    name = file if isinstance(file, str | os.PathLike) else getattr(file, "name", None)
    return Path(name).name if isinstance(name, str | os.PathLike) else UNSET


def _type(file: Any, types: Sequence[str]) -> str:
    name = name_of(file)
    suffix = "" if name is UNSET else Path(name).suffix.lower()
    guess = _TYPES.get(suffix) or mimetypes.types_map.get(suffix)
    if guess in types:
        return str(guess)
    return "application/octet-stream" if "application/octet-stream" in types else types[0]


def _size(file: Any, start: int | None) -> int | None:
    if isinstance(file, bytes):
        return len(file)
    if isinstance(file, str | os.PathLike):
        return Path(file).stat().st_size
    if start is None:
        return None
    size: int = file.seek(0, os.SEEK_END) - start
    file.seek(start)
    return size
