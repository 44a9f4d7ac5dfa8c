"""One tenant's silent provider, or its hundred imports, leave room for another tenant."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.inference import example_runs
from tests.tunes import conftest as tunes
from tests.tunes.conftest import sandbox, shared_sandbox, worker_process
from tests.tunes.sandbox import MODEL, Sandbox
from tests.worker.silent_provider import SilentProvider, silent_provider

__all__ = ["sandbox", "shared_sandbox"]

MARGIN = 30.0  # seconds; the worst of a busy machine, and far below any timeout of the silent provider


@asynccontextmanager
async def both_workers(database_url: str, engine: AsyncEngine) -> AsyncIterator[None]:
    """A worker for tunes in a process of its own, and one for runs in this one."""
    async with worker_process(database_url), example_runs.run_worker(engine):
        yield


async def happens(happened: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(MARGIN):
        while not await happened():  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.05)


async def runs_of(api: httpx.AsyncClient, engine: AsyncEngine) -> example_runs.Desk:
    return example_runs.Desk(api, engine, UUID((await api.get("/v1/me")).json()["workspace_id"]))


async def ask_for_silence(api: httpx.AsyncClient, engine: AsyncEngine, provider: SilentProvider) -> list[str]:
    """Eight tunes and as many runs at a provider that never answers; the tunes' ids."""
    desk, runs = tunes.Desk(api), await runs_of(api, engine)
    connection_body: dict[str, Any] = {"base_url": provider.base_url, "timeout_seconds": 600}
    connection_id = await desk.connected(**connection_body)
    target = {"connection_id": connection_id, "base_model": MODEL}
    tune_body = await tunes.ok(await api.post("/v1/tunes", json={**await desk.frozen(), "targets": [target] * 8}))
    for _ in range(8):
        await runs.asked(connection_id, 1)
    return [tune["id"] for tune in tune_body["tunes"]]


async def test_a_silent_provider_costs_its_own_tenant_alone(
    api: httpx.AsyncClient, stranger: httpx.AsyncClient, sandbox: Sandbox, engine: AsyncEngine, database_url: str
) -> None:
    async with silent_provider() as provider, both_workers(database_url, engine):
        hanging = await ask_for_silence(api, engine, provider)
        desk, runs = tunes.Desk(stranger), await runs_of(stranger, engine)

        async def all_shares_are_taken() -> bool:
            return provider.waiting >= 5  # the tunes share one upload; half of the eight slots of runs

        await happens(all_shares_are_taken)
        connection_id = await desk.connected(sandbox)
        tune = await desk.asked(connection_id)
        run_id = await runs.asked(connection_id, 1)

        async def is_sent() -> bool:
            return bool((await desk.tune(tune["id"]))["state"] != "pending")

        async def has_ended() -> bool:
            return bool((await runs.operation(run_id))["state"] == "succeeded")

        await happens(is_sent)
        await happens(has_ended)
        states = [(await tunes.Desk(api).tune(tune_id))["state"] for tune_id in hanging]
        assert states == ["pending"] * 8
