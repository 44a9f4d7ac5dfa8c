"""Run the whole application as a server in its own processes, for tests over the network."""

import asyncio
import os
import signal
import socket
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from service.server.supervisor import ROOT
from tests.conftest import clone_template, database
from tests.http_client import LOOPBACK

KEY = "tl_key_of_the_served_tests_operator"


@asynccontextmanager
async def served(clones: asyncpg.Connection, postgres_url: str, directory: Path, *arguments: str) -> AsyncIterator[str]:
    """The address of a server on a fresh database; KEY opens it. Without `arguments` it has no worker."""
    async with fresh(clones, postgres_url) as url, running(url, directory, *(arguments or ["--no-worker"])) as address:
        yield address


@asynccontextmanager
async def running(database_url: str, directory: Path, *arguments: str, **settings: str) -> AsyncIterator[str]:
    """The address of `serve` with these arguments and TUNELEDGER_<settings>."""
    command = [sys.executable, "-m", "service", "serve", *arguments]
    environment = environment_of(database_url, directory, **settings)
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
    """The URL of a migrated database, for as long as the block lasts."""
    name = f"tuneledger_test_{uuid.uuid4().hex[:16]}"
    await clone_template(clones, name)
    try:
        yield database(postgres_url, name)
    finally:
        await clones.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def environment_of(database_url: str, directory: Path, **settings: str) -> dict[str, str]:
    """What a server finds: one process of the API, on a port of its own choice, and TUNELEDGER_<settings>."""
    usual = {
        "connections_allow": LOOPBACK,
        "bootstrap_key": KEY,
        "data_directory": str(directory),
        "port": "0",
        "processes": "1",
    }
    chosen = {**usual, "requests_per_minute": "0", **settings}
    return {
        **{name: text for name, text in os.environ.items() if not name.startswith("TUNELEDGER_")},
        **{f"TUNELEDGER_{name.upper()}": text for name, text in chosen.items()},
        "DATABASE_URL": database_url,
        "PYTHONPATH": str(ROOT),
    }


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def heed_interrupts() -> None:
    """In a child before it begins: a shell's background ignores SIGINT and hands that down, a terminal does not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
