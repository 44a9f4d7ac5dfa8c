"""A server of the whole application in processes of its own, for tests that need to come over the network."""

import asyncio
import os
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
async def served(clones: asyncpg.Connection, postgres_url: str, directory: Path) -> AsyncIterator[str]:
    """The address of a server on a fresh database, without a worker; KEY opens it."""
    name = f"tuneledger_test_{uuid.uuid4().hex[:16]}"
    await clones.execute(f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}"')
    environment = {
        **{name: text for name, text in os.environ.items() if not name.startswith("TUNELEDGER_")},
        "DATABASE_URL": database(postgres_url, name),
        "TUNELEDGER_BOOTSTRAP_KEY": KEY,
        "TUNELEDGER_DATA_DIRECTORY": str(directory),
        "TUNELEDGER_PORT": "0",
        "TUNELEDGER_PROCESSES": "1",
        "TUNELEDGER_REQUESTS_PER_MINUTE": "0",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "service", "serve", "--no-worker"]
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
        await clones.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
