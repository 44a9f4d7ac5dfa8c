"""Start two fresh databases on one Postgres, and a real server on the first of them."""

import asyncio
import os
import re
import signal
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.http_client import HttpClient
from service.access.domain import generate_secret
from service.database.engine import connect_arguments, create_engine
from service.database.migrate import migrate

READY = re.compile(r"is ready on http://([\d.]+):(\d+)")


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """`url` is the server's database, `twin` another with the same tables and nothing in them: the floor's."""

    url: str
    twin: str
    engine: AsyncEngine
    client: HttpClient
    directory: Path


@asynccontextmanager
async def start_environment(postgres: str, directory: Path) -> AsyncIterator[Environment]:
    """Databases, server and client; all of them are gone afterwards."""
    async with database(postgres) as url, database(postgres) as twin, server(url) as client:
        engine = create_engine(url, pool_size=4, application_name="benchmarks", statement_timeout=0)
        try:
            yield Environment(url=url, twin=twin, engine=engine, client=client, directory=directory)
        finally:
            await engine.dispose()


@asynccontextmanager
async def connect(url: str) -> AsyncIterator[Any]:
    """A connection of asyncpg's own, with nothing of ours around it."""
    address, arguments = connect_arguments(url)
    given = address.translate_connect_args(username="user") | dict(address.query) | arguments
    connection = await asyncpg.connect(**given, server_settings={"jit": "off"})
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def database(postgres: str) -> AsyncIterator[str]:
    name = f"tuneledger_bench_{uuid.uuid4().hex[:12]}"
    async with connect(postgres) as admin:
        await admin.execute(f'create database "{name}"')
    url = sa.make_url(postgres).set(database=name).render_as_string(hide_password=False)
    try:
        await migrate(url)
        yield url
    finally:
        async with connect(postgres) as admin:
            await admin.execute(f'drop database "{name}" with (force)')


@asynccontextmanager
async def server(url: str, **more: str) -> AsyncIterator[HttpClient]:
    """The command people start, with its worker and, but for the environment in `more`, its defaults."""
    key = generate_secret()
    environment = {
        "DATABASE_URL": url,
        "TUNELEDGER_BOOTSTRAP_KEY": key,
        "TUNELEDGER_PORT": "0",
        "TUNELEDGER_REQUESTS_PER_MINUTE": "0",
        "TUNELEDGER_LOG_LEVEL": "warning",
        **more,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "service", "serve"),
        env={**os.environ, **environment, "PYTHONPATH": str(Path(__file__).parent.parent)},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        host, port = await _ready(process)
        async with HttpClient(host, port, key) as client:
            yield client
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


async def _ready(process: asyncio.subprocess.Process) -> tuple[str, int]:
    assert process.stdout is not None
    async with asyncio.timeout(180):
        async for line in process.stdout:
            if found := READY.search(line.decode()):
                return found[1], int(found[2])
    raise RuntimeError("the server ended before it was ready")
