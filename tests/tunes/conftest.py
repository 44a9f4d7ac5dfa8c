"""A workspace with a frozen dataset, a sandbox behind a connection, and workers that can be started and stopped."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.composition import open_ledger
from service.database.engine import new_id
from service.settings import Settings
from service.tunes.progress import poller
from service.tunes.submission import dispatcher as dispatch
from service.vault.vault import open_vault
from service.worker.context import WorkerContext
from tests.http_client import FILES, LOOPBACK, SECRET_KEY
from tests.tunes.sandbox import MODEL, ROOT, Sandbox, sandbox_in

SETTINGS = Settings(
    secret_key=SECRET_KEY,
    data_directory=FILES,
    poll_interval=0.2,
    lease_seconds=2.0,
    connections_allow=LOOPBACK,
    tune_settle_seconds=1.0,
    tune_look_seconds=0.3,
    tune_doubt_seconds=3.0,
)
ENDED = ("succeeded", "failed", "cancelled")


@pytest.fixture(scope="session")
async def shared_sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    async with sandbox_in(tmp_path_factory.mktemp("sandbox"), pace=0.05) as running:
        yield running


@pytest.fixture
async def sandbox(shared_sandbox: Sandbox) -> AsyncIterator[Sandbox]:
    yield shared_sandbox
    await shared_sandbox.http.delete("/sandbox/faults")


@pytest.fixture
async def slow_sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    """One whose jobs take their time, so that they can be met half-way."""
    async with sandbox_in(tmp_path, pace=1.0) as running:
        yield running


async def ok(response: httpx.Response) -> Any:
    assert response.is_success, response.text
    return response.json()


class Desk:
    """What a user of the API does here, without the ceremony."""

    def __init__(self, api: httpx.AsyncClient) -> None:
        self.api = api

    async def frozen(self, train: int = 24, *, validation: int = 6) -> dict[str, Any]:
        """A dataset of so many examples with a version v1; the fields of a request for tunes that name it."""
        made = await ok(await self.api.post("/v1/datasets", json={"name": str(new_id())}))
        path = f"/v1/datasets/{made['id']}"
        splits = ["train"] * train + ["validation"] * validation
        examples = [{"content": {"messages": turns(n)}, "split": split} for n, split in enumerate(splits)]
        await ok(await self.api.post(f"{path}/examples", json={"examples": examples}))
        await ok(await self.api.post(f"{path}/versions", json={"name": "v1"}))
        return {"dataset_id": made["id"], "dataset_version": "v1"}

    async def connected(self, sandbox: Sandbox | None = None, **given: Any) -> str:
        """A connection to the sandbox; without one, to where nobody answers."""
        base_url = sandbox.base_url if sandbox else "http://127.0.0.1:9/v1"
        body = {"name": str(new_id()), "kind": "sandbox", "base_url": base_url, "secret": "sk-hush-hush-hush"}
        return str((await ok(await self.api.post("/v1/connections", json=body | given)))["id"])

    async def asked(self, connection_id: str, *, of: dict[str, Any] | None = None, **given: Any) -> dict[str, Any]:
        """One tune, as it was recorded."""
        epochs = given.pop("hyperparameters", {"n_epochs": 2})
        target = {"connection_id": connection_id, "base_model": MODEL, "hyperparameters": epochs}
        body = {**(of or await self.frozen()), "targets": [target]} | given
        tune: dict[str, Any] = (await ok(await self.api.post("/v1/tunes", json=body)))["tunes"][0]
        return tune

    async def tune(self, tune_id: str) -> dict[str, Any]:
        tune: dict[str, Any] = await ok(await self.api.get(f"/v1/tunes/{tune_id}"))
        return tune

    async def listed(self, tune_id: str, what: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await ok(await self.api.get(f"/v1/tunes/{tune_id}/{what}?limit=1000")))["data"]
        return found

    async def recorded(self, tune_id: str) -> list[str]:
        """The types of the tune's events."""
        return [entry["type"] for entry in await self.listed(tune_id, "history")]

    async def until(self, tune_id: str, *states: str) -> dict[str, Any]:
        """The tune in one of these states, or at its end."""
        async with asyncio.timeout(60):
            while (tune := await self.tune(tune_id))["state"] not in (states or ENDED):
                assert tune["state"] not in ENDED, tune
                await asyncio.sleep(0.05)
        return tune

    async def happens(self, happened: Callable[[], Awaitable[Any]]) -> Any:
        for _ in range(1_200):
            if result := await happened():
                return result
            await asyncio.sleep(0.05)
        return pytest.fail("it did not happen within a minute")


def turns(number: int) -> list[dict[str, str]]:
    subject = ("the match", "the election", "the film")[number % 3]
    answer = ("sports", "politics", "culture")[number % 3]
    return [
        {"role": "user", "content": f"Which category is headline number {number} about {subject}?"},
        {"role": "assistant", "content": answer},
    ]


@pytest.fixture
def desk(api: httpx.AsyncClient) -> Desk:
    return Desk(api)


def context_of(engine: AsyncEngine) -> WorkerContext:
    return WorkerContext(
        engine=engine, ledger=open_ledger(engine), settings=SETTINGS, vault=open_vault(SETTINGS), owner=new_id()
    )


Loop = Callable[[WorkerContext, asyncio.Event], Awaitable[None]]


@asynccontextmanager
async def working(engine: AsyncEngine, *loops: Loop) -> AsyncIterator[WorkerContext]:
    """A worker in this process, until the end of the block: both loops, where none is named."""
    context, stop = context_of(engine), asyncio.Event()
    tasks = [asyncio.ensure_future(loop(context, stop)) for loop in loops or (dispatch.run, poller.run)]
    try:
        yield context
    finally:
        stop.set()
        await asyncio.gather(*tasks)


@asynccontextmanager
async def worker_process(database_url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A worker in a process of its own, to be killed; it is at work when this begins."""
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "TUNELEDGER_SECRET_KEY": str(SETTINGS.secret_key),
        "TUNELEDGER_POLL_INTERVAL": "0.2",
        "TUNELEDGER_LEASE_SECONDS": "2",
        "TUNELEDGER_CONNECTIONS_ALLOW": LOOPBACK,
        "TUNELEDGER_TUNE_SETTLE_SECONDS": "1",
        "TUNELEDGER_TUNE_LOOK_SECONDS": "0.3",
    }
    command = [sys.executable, "-m", "tests.tunes.worker_process"]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, cwd=ROOT, env=environment
    )
    assert process.stdout
    await asyncio.wait_for(process.stdout.readline(), 30)
    log = asyncio.ensure_future(process.stdout.read())  # a full pipe would stop the worker
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await log
