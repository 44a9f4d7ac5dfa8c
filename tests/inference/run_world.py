"""What the tests of every kind of run share: a connection, an operation's end, and workers that do the kind."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import new_id
from service.inference import worker
from tests.http_client import LOOPBACK
from tests.tunes.conftest import SETTINGS, context_of, ok
from tests.tunes.sandbox import ROOT, Sandbox

Works = Mapping[str, worker.RunWork]


async def make_connection(api: httpx.AsyncClient, sandbox: Sandbox | None, **fields: Any) -> str:
    """A connection to the sandbox; without one, to where nobody answers."""
    base_url = sandbox.base_url if sandbox else "http://127.0.0.1:9/v1"
    body = {"name": str(new_id()), "kind": "sandbox", "base_url": base_url, "secret": "sk-hush-hush-hush"}
    return str((await ok(await api.post("/v1/connections", json=body | fields)))["id"])


async def wait_for_end(api: httpx.AsyncClient, run_id: str) -> dict[str, Any]:
    operation: dict[str, Any] = await ok(await api.get(f"/v1/operations/{run_id}?wait=60"))
    assert operation["finished_at"], operation
    return operation


@asynccontextmanager
async def run_worker(works: Works, engine: AsyncEngine) -> AsyncIterator[None]:
    """A worker in this process, until the end of the block."""
    stop = asyncio.Event()
    task = asyncio.ensure_future(worker.run(works, context_of(engine), stop))
    try:
        yield
    finally:
        stop.set()
        await task


@asynccontextmanager
async def worker_process(works: str, database_url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A worker in a process of its own, to be killed. `works` is where they are: `module:name`."""
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "TUNELEDGER_SECRET_KEY": str(SETTINGS.secret_key),
        "TUNELEDGER_LEASE_SECONDS": "2",
        "TUNELEDGER_CONNECTIONS_ALLOW": LOOPBACK,
    }
    command = [sys.executable, "-m", "tests.inference.worker_process", works]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, cwd=ROOT, env=environment)
    assert process.stdout
    await asyncio.wait_for(process.stdout.readline(), 30)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
