"""A way to a server that can be shut, as when the network is gone."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit


class Door:
    """Forwards bytes to the server at `url` while it is open; always at the same address."""

    def __init__(self, url: str) -> None:
        self._host, self._port = urlsplit(url).hostname, urlsplit(url).port
        self._here = 0
        self._server: asyncio.Server | None = None
        self._passing: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._here}"

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", self._here)
        self._here = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """What passes is cut off, and who knocks is refused."""
        if self._server is not None:
            self._server.close()
            for writer in list(self._passing):
                writer.transport.abort()
            await self._server.wait_closed()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inside_reader, inside_writer = await asyncio.open_connection(self._host, self._port)
        both = {writer, inside_writer}
        self._passing |= both
        await asyncio.gather(_pump(reader, inside_writer), _pump(inside_reader, writer))
        self._passing -= both


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()
