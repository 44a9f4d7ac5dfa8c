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
async def living(clones: asyncpg.Connection, postgres_url: str, directory: Path) -> AsyncIterator[Living]:
    """Everything on a fresh database; KEY opens it."""
    name, port = f"tuneledger_test_{uuid.uuid4().hex[:16]}", free_port()
    await clones.execute(f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}"')
    environment = {
        **{name: text for name, text in os.environ.items() if not name.startswith("TUNELEDGER_")},
        "DATABASE_URL": database(postgres_url, name),
        "TUNELEDGER_BOOTSTRAP_KEY": KEY,
        "TUNELEDGER_DATA_DIRECTORY": str(directory),
        "TUNELEDGER_PORT": "0",
        "TUNELEDGER_PROCESSES": "1",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "service", "serve", "--sandbox", "--sandbox-port", str(port)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, env=environment)
    try:
        assert process.stdout is not None
        async for line in process.stdout:
            if b"ready on" in line:
                url = line.decode().split("ready on ")[1].split()[0]
                yield Living(url=url, sandbox=f"http://127.0.0.1:{port}")
                break
    finally:
        process.terminate()
        await process.communicate()
        await clones.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
