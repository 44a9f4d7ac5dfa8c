"""A server of the whole application in processes of its own, for tests that need to come over the network."""

import asyncio
import os
import socket
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from service.processes import ROOT
from tests.conftest import TEMPLATE, database

KEY = "tl_key_of_the_served_tests_operator"


@asynccontextmanager
async def served(clones: asyncpg.Connection, postgres_url: str, directory: Path, *arguments: str) -> AsyncIterator[str]:
    """The address of a server on a fresh database; KEY opens it. Without `arguments` it has no worker."""
    async with fresh(clones, postgres_url) as url:
        command = [sys.executable, "-m", "service", "serve", *(arguments or ["--no-worker"])]
        environment = environment_of(url, directory)
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
    await clones.execute(f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}"')
    try:
        yield database(postgres_url, name)
    finally:
        await clones.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def environment_of(database_url: str, directory: Path) -> dict[str, str]:
    """What a server finds: one process of the API, on a port of its own choice."""
    return {
        **{name: text for name, text in os.environ.items() if not name.startswith("TUNELEDGER_")},
        "DATABASE_URL": database_url,
        "TUNELEDGER_BOOTSTRAP_KEY": KEY,
        "TUNELEDGER_DATA_DIRECTORY": str(directory),
        "TUNELEDGER_PORT": "0",
        "TUNELEDGER_PROCESSES": "1",
        "TUNELEDGER_REQUESTS_PER_MINUTE": "0",
        "PYTHONPATH": str(ROOT),
    }


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])
