"""A provider that takes every question and never answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class SilentProvider:
    def __init__(self) -> None:
        self.base_url = ""
        self.waiting = 0
        self.ended = asyncio.Event()

    async def listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        self.waiting += 1
        await self.ended.wait()
        writer.close()


@asynccontextmanager
async def silent_provider() -> AsyncIterator[SilentProvider]:
    """Listen until the end of the block; then whoever still waits is cut off."""
    provider = SilentProvider()
    server = await asyncio.start_server(provider.listen, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    provider.base_url = f"http://{host}:{port}/v1"
    try:
        yield provider
    finally:
        provider.ended.set()
        server.close()
