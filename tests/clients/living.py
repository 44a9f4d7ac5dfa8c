"""A server with its worker and the sandbox, for clients that come over the network."""

import asyncio
import os
import socket
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import msgspec

from service.processes import ROOT
from tests.conftest import TEMPLATE, database

KEY = "tl_key_of_the_clients_tests"


class Living(msgspec.Struct, frozen=True, kw_only=True):
    """Where the API and the sandbox are."""

    url: str
    sandbox: str


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@asynccontextmanager
async def running(database_url: str, directory: Path, *arguments: str, **settings: str) -> AsyncIterator[str]:
    """`serve` with these arguments and TUNELEDGER_<settings>, on a free port by default; its address. KEY opens it."""
    given = {"bootstrap_key": KEY, "data_directory": str(directory), "port": "0", "processes": "1", **settings}
    environment = {
        **{name: text for name, text in os.environ.items() if not name.startswith("TUNELEDGER_")},
        **{f"TUNELEDGER_{name.upper()}": text for name, text in given.items()},
        "DATABASE_URL": database_url,
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "service", "serve", *arguments]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, env=environment)
    try:
        assert process.stdout is not None
        async for line in process.stdout:
            if b"ready on" in line:
                yield line.decode().split("ready on ")[1].split()[0]
                break
    finally:
        process.terminate()
        await process.communicate()


@asynccontextmanager
async def fresh(clones: asyncpg.Connection, postgres_url: str) -> AsyncIterator[str]:
    """The URL of a fresh, migrated database."""
    name = f"tuneledger_test_{uuid.uuid4().hex[:16]}"
    await clones.execute(f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}"')
    try:
        yield database(postgres_url, name)
    finally:
        await clones.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@asynccontextmanager
async def living(clones: asyncpg.Connection, postgres_url: str, directory: Path) -> AsyncIterator[Living]:
    """Everything on a fresh database."""
    port = free_port()
    async with (
        fresh(clones, postgres_url) as database_url,
        running(database_url, directory, "--sandbox", "--sandbox-port", str(port)) as url,
    ):
        yield Living(url=url, sandbox=f"http://127.0.0.1:{port}")
