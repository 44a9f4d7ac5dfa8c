"""Downloads, which the server writes while they are read."""

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
    """A file to download. Each call of a method sends a new request."""

    def __init__(self, api: AsyncApi, call: HttpCall) -> None:
        self._api = api
        self._call = call

    async def read(self) -> bytes:
        """Read the whole file into memory."""
        return (await self._api.send(self._call)).content

    async def iter_bytes(self) -> AsyncIterator[bytes]:
        """Iterate over the pieces as they arrive."""
        async with self._api.streaming(self._call) as response:
            async for piece in response.aiter_bytes():
                yield piece

    async def iter_lines(self) -> AsyncIterator[str]:
        """Iterate over the lines, without line ends."""
        lines = Lines()
        async with self._api.streaming(self._call) as response:
            async for piece in response.aiter_bytes():
                for line in lines.feed(piece):
                    yield line
        for line in lines.end():
            yield line

    async def to_file(self, file: str | os.PathLike[str], *, on_progress: OnProgress | None = None) -> Path:
        """Write it to `file`, which appears only once it is complete."""
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
        length = response.headers.get("content-length")
        # A compressed body is longer than its Content-Length.
        total = int(length) if length and "content-encoding" not in response.headers else None
        written = 0
        with await off_loop(part.open, "wb") as opened:
            async for piece in response.aiter_bytes():
                written += await off_loop(opened.write, piece)
                if on_progress is not None:
                    on_progress(written, total)
