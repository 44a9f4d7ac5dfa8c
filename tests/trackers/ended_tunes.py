"""A tune that has ended at the sandbox, and its runs at the trackers."""

from typing import Any

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from service.models import worker as registrar
from service.trackers import worker as trackers
from service.tunes.progress import poller
from service.tunes.submission import dispatcher as dispatch
from tests.tunes.conftest import Desk, ok, working
from tests.tunes.sandbox import Sandbox

LOOPS = (dispatch.run, poller.run, registrar.run, trackers.request_runs, trackers.run)


async def end_tune(desk: Desk, sandbox: Sandbox, engine: AsyncEngine) -> tuple[Any, list[Any]]:
    """Tune, and wait until every tracker has the run. Returns the tune and its runs."""
    asked = await desk.asked(await desk.connected(sandbox), model="headlines", seed=7)

    async def find_runs() -> list[Any]:
        runs: list[Any] = (await ok(await desk.api.get(f"/v1/tunes/{asked['id']}/tracked-runs")))["data"]
        return runs if runs and all(run["finished_at"] for run in runs) else []

    async with working(engine, *LOOPS):
        tune = await desk.until(asked["id"], "succeeded")
        runs = await desk.happens(find_runs)
    return tune, runs


async def integrate(api: httpx.AsyncClient, **fields: object) -> str:
    return str((await ok(await api.post("/v1/integrations", json={"name": "tracker", **fields})))["id"])
