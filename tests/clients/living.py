"""A server with its worker and the sandbox, for clients that come over the network."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import msgspec

from tests.live_server import KEY, free_port, served

__all__ = ["KEY", "Living", "living"]


class Living(msgspec.Struct, frozen=True, kw_only=True):
    """Where the API and the sandbox are."""

    url: str
    sandbox: str


@asynccontextmanager
async def living(clones: asyncpg.Connection, postgres_url: str, directory: Path) -> AsyncIterator[Living]:
    """Everything on a fresh database; KEY opens it."""
    port = free_port()
    async with served(clones, postgres_url, directory, "--sandbox", "--sandbox-port", str(port)) as url:
        yield Living(url=url, sandbox=f"http://127.0.0.1:{port}")
