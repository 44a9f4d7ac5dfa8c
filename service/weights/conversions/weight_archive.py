"""Unpack an archive of weights that somebody else packed: nothing outside the folder, nothing that runs, no bomb."""

import gzip
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, cast

import zstandard

from service.weights.conversions.weight_names import LEFT_OUT
from service.weights.refusal import NotConvertible

MAX_FILES = 5_000
# Weights hardly compress: an archive that grows by more than this was made to fill a disk.
MAX_GROWTH, MIN_ALLOWED_BYTES = 10, 1_000_000_000
MAX_WINDOW_BYTES = 1 << 31  # what `zstd --long=31` needs; its own limit is 8 MB
PIECE_BYTES = 1 << 20


def unpack(archive: Path, folder: Path, *, name: str) -> None:
    """Unpack regular files into the folder. Raises NotConvertible for an archive that asks for anything else."""
    allowed = max(archive.stat().st_size * MAX_GROWTH, MIN_ALLOWED_BYTES)
    allowed = min(allowed, shutil.disk_usage(folder).free)
    try:
        with _open(archive, name) as opened, tarfile.open(fileobj=opened, mode="r|") as entries:
            for number, entry in enumerate(entries):
                if number >= MAX_FILES:
                    raise NotConvertible(f"{name} holds more than {MAX_FILES} files.")
                target = _check(entry, name)
                if target is not None and target.suffix not in LEFT_OUT:
                    allowed -= _write(entries.extractfile(entry), folder / target, allowed=allowed, name=name)
    except (tarfile.TarError, zstandard.ZstdError, EOFError, OSError) as error:
        raise NotConvertible(f"{name} cannot be unpacked: {error}.") from error


@contextmanager
def _open(archive: Path, name: str) -> Iterator[IO[bytes]]:
    with archive.open("rb") as raw:
        if name.endswith(".zst"):
            yield zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW_BYTES).stream_reader(
                raw, read_across_frames=True
            )
        elif name.endswith("gz"):
            with gzip.open(raw) as unpacked:
                yield cast("IO[bytes]", unpacked)
        else:
            yield raw


def _check(entry: tarfile.TarInfo, name: str) -> Path | None:
    """Return the path to write to, within the folder; None for a folder."""
    path = PurePosixPath(entry.name)
    if path.is_absolute() or ".." in path.parts or "\\" in entry.name or "\0" in entry.name:
        raise NotConvertible(f"{name} holds {entry.name[:200]!r}, which would be written outside its folder.")
    if entry.isdir():
        return None
    if not entry.isreg():
        raise NotConvertible(f"{name} holds {entry.name[:200]!r}, which is a link or a device.")
    return Path(*path.parts)


def _write(source: IO[bytes] | None, target: Path, *, allowed: int, name: str) -> int:
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with target.open("xb") as opened:
        while source is not None and (piece := source.read(PIECE_BYTES)):
            written += len(piece)
            if written > allowed:
                raise NotConvertible(f"{name} would fill more than the {allowed} bytes that are left for it.")
            opened.write(piece)
    return written
