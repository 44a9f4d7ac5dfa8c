"""Files that the server makes while they are read."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from tuneledger._async._api import AsyncApi
from tuneledger._async._platform import off_loop
from tuneledger._calls import HttpCall
from tuneledger._lines import Lines
from tuneledger._sources import OnProgress


class AsyncDownload:
    """A file. Nothing is asked for before one of the methods is called, and each call asks anew."""

    def __init__(self, api: AsyncApi, call: HttpCall) -> None:
        self._api = api
        self._call = call

    async def read(self) -> bytes:
        """All of it, in memory."""
        return (await self._api.send(self._call)).content

    async def iter_bytes(self) -> AsyncIterator[bytes]:
        """Piece by piece, as it comes."""
        async with self._api.streaming(self._call) as response:
            async for piece in response.aiter_bytes():
                yield piece

    async def iter_lines(self) -> AsyncIterator[str]:
        """Line by line, without the ends."""
        lines = Lines()
        async with self._api.streaming(self._call) as response:
            async for piece in response.aiter_bytes():
                for line in lines.feed(piece):
                    yield line
        for line in lines.end():
            yield line

    async def to_file(self, file: str | os.PathLike[str], *, on_progress: OnProgress | None = None) -> Path:
        """Writes it to `file`, which is there once it is whole, and not before."""
        target = Path(file)
        part = target.with_name(target.name + ".part")
        try:
            async with self._api.streaming(self._call) as response:
                await self._write(response, part, on_progress)
            await off_loop(part.replace, target)
        finally:
            part.unlink(missing_ok=True)
        return target

    async def _write(self, response: httpx.Response, part: Path, on_progress: OnProgress | None) -> None:
        told = response.headers.get("content-length")
        # What comes compressed is longer than it says.
        total = int(told) if told and "content-encoding" not in response.headers else None
        written = 0
        with await off_loop(part.open, "wb") as opened:
            async for piece in response.aiter_bytes():
                written += await off_loop(opened.write, piece)
                if on_progress is not None:
                    on_progress(written, total)
