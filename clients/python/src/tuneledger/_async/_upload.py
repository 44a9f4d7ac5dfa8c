"""Send files in pieces, and report the progress."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tuneledger._async._platform import off_loop
from tuneledger._sources import CHUNK, Source


async def chunks(source: Source) -> AsyncIterator[bytes]:
    """Yield the bytes from the beginning, so that a retry sends them again if the source allows it."""
    sent = 0
    async for piece in _pieces(source):
        yield piece
        sent += len(piece)
        if source.on_progress is not None:
            source.on_progress(sent, source.size)


async def _pieces(source: Source) -> AsyncIterator[bytes]:
    file = source.file
    if isinstance(file, bytes):
        for place in range(0, len(file), CHUNK):
            yield file[place : place + CHUNK]
    elif isinstance(file, str | os.PathLike):
        with await off_loop(Path(file).open, "rb") as opened:
            async for piece in _read(opened):
                yield piece
    elif hasattr(file, "read"):
        if source.start is not None:
            file.seek(source.start)
        async for piece in _read(file):
            yield piece
    else:
        async for piece in file:
            yield piece


async def _read(opened: Any) -> AsyncIterator[bytes]:
    while piece := await off_loop(opened.read, CHUNK):
        yield piece
