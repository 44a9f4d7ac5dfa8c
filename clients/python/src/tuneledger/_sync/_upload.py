# Derived from the awaited client by `make clients`.
"""Send files in pieces, and report the progress."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tuneledger._sources import CHUNK, Source
from tuneledger._sync._platform import off_loop


def chunks(source: Source) -> Iterator[bytes]:
    """Yield the bytes from the beginning, so that a retry sends them again if the source allows it."""
    sent = 0
    for piece in _pieces(source):
        yield piece
        sent += len(piece)
        if source.on_progress is not None:
            source.on_progress(sent, source.size)


def _pieces(source: Source) -> Iterator[bytes]:
    file = source.file
    if isinstance(file, bytes):
        for place in range(0, len(file), CHUNK):
            yield file[place : place + CHUNK]
    elif isinstance(file, str | os.PathLike):
        with off_loop(Path(file).open, "rb") as opened:
            for piece in _read(opened):
                yield piece
    elif hasattr(file, "read"):
        if source.start is not None:
            file.seek(source.start)
        for piece in _read(file):
            yield piece
    else:
        for piece in file:
            yield piece


def _read(opened: Any) -> Iterator[bytes]:
    while piece := off_loop(opened.read, CHUNK):
        yield piece
