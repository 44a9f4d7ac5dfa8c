"""An old job at Fireworks is adopted, and its model deployed, at an emulator in its place."""

from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.deployments import worker as deployments
from service.models import worker as models
from service.tunes.progress import poller
from tests.emulators.fireworks import FireworksEmulator, emulate
from tests.emulators.fireworks.server import SECRET
from tests.emulators.fireworks.wire import ACCOUNT
from tests.tunes.conftest import Desk, ok, working
from tests.tunes.test_deployments import reaches


@pytest.fixture
async def fireworks() -> AsyncIterator[FireworksEmulator]:
    async with emulate(running=True) as emulator:
        yield emulator


async def connected(desk: Desk, emulator: FireworksEmulator) -> str:
    return await desk.connected(
        kind="fireworks", base_url=emulator.base_url, secret=SECRET, options={"account": ACCOUNT}
    )


async def test_an_old_job_is_adopted_and_its_model_deployed(
    desk: Desk, fireworks: FireworksEmulator, engine: AsyncEngine, api: httpx.AsyncClient
) -> None:
    connection_id = await connected(desk, fireworks)
    fireworks.jobs.add("old", collection="dpoJobs")
    fireworks.models.add("old", {"adapter_config.json": b"{}"})
    body = {"connection_id": connection_id, "job_id": "old", "model": "headlines", **await desk.frozen()}
    adopted = await ok(await api.post("/v1/tunes/adopt", json=body))
    assert adopted["job_id"] == "dpoJobs/old"
    async with working(engine, poller.run, models.run, deployments.run):
        tune = await desk.until(adopted["id"])
        assert (tune["state"], tune["raw_status"]) == ("succeeded", "JOB_STATE_COMPLETED")
        spec = {"connection_id": connection_id, "model": tune["provider_model"], "name": "Headlines"}
        made = await ok(await api.post("/v1/deployments", json=spec | {"idle_minutes": 10}))
        ready = await reaches(desk, made["id"], "ready")
        assert ready["address"].startswith(f"accounts/{ACCOUNT}/deployments/tl-")
        await ok(await api.delete(f"/v1/deployments/{made['id']}"))
        await reaches(desk, made["id"], "stopped")
    [line, *_] = await desk.listed(adopted["id"], "events")
    assert line["message"].startswith("JOB_STATE_")


async def test_a_new_tune_is_refused_with_what_to_do(
    desk: Desk, fireworks: FireworksEmulator, api: httpx.AsyncClient
) -> None:
    target = {"connection_id": await connected(desk, fireworks), "base_model": "accounts/fireworks/models/qwen3-8b"}
    refused = await api.post("/v1/tunes", json={**await desk.frozen(), "targets": [target]})
    assert refused.status_code == 422
    assert "Fireworks takes no new managed tuning jobs" in refused.text
    assert not any("POST" in call for call in fireworks.faults.calls)
