# Derived from the awaited client by `make clients`.
"""Downloads, which the server writes while they are read."""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx

from tuneledger._calls import HttpCall
from tuneledger._lines import Lines
from tuneledger._sources import OnProgress
from tuneledger._sync._api import Api
from tuneledger._sync._platform import off_loop


class Download:
    """A file to download. Each call of a method sends a new request."""

    def __init__(self, api: Api, call: HttpCall) -> None:
        self._api = api
        self._call = call

    def read(self) -> bytes:
        """Read the whole file into memory."""
        return (self._api.send(self._call)).content

    def iter_bytes(self) -> Iterator[bytes]:
        """Iterate over the pieces as they arrive."""
        with self._api.streaming(self._call) as response:
            for piece in response.iter_bytes():
                yield piece

    def iter_lines(self) -> Iterator[str]:
        """Iterate over the lines, without line ends."""
        lines = Lines()
        with self._api.streaming(self._call) as response:
            for piece in response.iter_bytes():
                for line in lines.feed(piece):
                    yield line
        for line in lines.end():
            yield line

    def to_file(self, file: str | os.PathLike[str], *, on_progress: OnProgress | None = None) -> Path:
        """Write it to `file`, which appears only once it is complete."""
        target = Path(file)
        part = target.with_name(target.name + ".part")
        try:
            with self._api.streaming(self._call) as response:
                self._write(response, part, on_progress)
            off_loop(part.replace, target)
        finally:
            part.unlink(missing_ok=True)
        return target

    def _write(self, response: httpx.Response, part: Path, on_progress: OnProgress | None) -> None:
        length = response.headers.get("content-length")
        # A compressed body is longer than its Content-Length.
        total = int(length) if length and "content-encoding" not in response.headers else None
        written = 0
        with off_loop(part.open, "wb") as opened:
            for piece in response.iter_bytes():
                written += off_loop(opened.write, piece)
                if on_progress is not None:
                    on_progress(written, total)
