"""A tuned model is deployed and stopped, at an emulated provider whose machines take a while."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.deployments import worker
from service.deployments.domain import DEPLOYMENT, DeploymentObserved, DeploymentRequested
from tests.emulators.together import TogetherEmulator, emulate
from tests.tunes.conftest import Desk, ok, working
from tests.tunes.test_together import asked


@pytest.fixture
async def together() -> AsyncIterator[TogetherEmulator]:
    async with emulate(pace=0.05) as emulator:
        yield emulator


@pytest.fixture
async def tuned(desk: Desk, together: TogetherEmulator, engine: AsyncEngine) -> dict[str, Any]:
    tune_id = await asked(desk, together, model="headlines")
    async with working(engine):
        return await desk.until(tune_id, "succeeded")


async def deploy(api: httpx.AsyncClient, tune: dict[str, Any], **fields: Any) -> Any:
    body = {"connection_id": tune["connection_id"], "model": tune["provider_model"], "name": "Headlines"}
    response = await api.post("/v1/deployments", json=body | fields)
    assert response.status_code == 201, response.text
    return response.json()


async def reaches(desk: Desk, deployment_id: str, *states: str) -> Any:
    async def look() -> Any:
        seen = await ok(await desk.api.get(f"/v1/deployments/{deployment_id}"))
        return seen if seen["state"] in states else None

    return await desk.happens(look)


def count_machines(emulator: TogetherEmulator) -> int:
    return sum(len(endpoint.deployments) for endpoint in emulator.endpoints.stored.values())


async def test_a_model_is_deployed_answers_and_is_stopped(
    desk: Desk, together: TogetherEmulator, engine: AsyncEngine, api: httpx.AsyncClient, tuned: dict[str, Any]
) -> None:
    made = await deploy(api, tuned, idle_minutes=60, max_replicas=1)
    assert (made["state"], made["address"], made["hours"]) == ("pending", None, 0.0)
    async with working(engine, worker.run):
        ready = await reaches(desk, made["id"], "ready")
        assert ready["address"]
        assert float(ready["price_per_hour"]["amount"]) > 0
        assert float(ready["cost"]["amount"]) >= 0
        listed = (await ok(await api.get("/v1/deployments?state=ready")))["data"]
        assert [each["id"] for each in listed] == [made["id"]]
        stopping = await ok(await api.delete(f"/v1/deployments/{made['id']}"))
        assert stopping["stop_requested"] is True
        stopped = await reaches(desk, made["id"], "stopped")
    assert stopped["ended_at"]
    assert count_machines(together) == 0
    assert (await ok(await api.delete(f"/v1/deployments/{made['id']}")))["state"] == "stopped"
    types = [entry["type"] for entry in (await ok(await api.get(f"/v1/deployments/{made['id']}/history")))["data"]]
    assert (types[0], types[1], types[-1]) == ("DeploymentRequested", "DeploymentSubmitting", "DeploymentStopped")
    assert types.count("DeploymentSubmitting") == 1


async def test_a_lost_answer_makes_no_second_deployment(
    desk: Desk, together: TogetherEmulator, engine: AsyncEngine, api: httpx.AsyncClient, tuned: dict[str, Any]
) -> None:
    together.faults.add("POST .*/endpoints", drop="after")
    together.faults.add("POST .*/deployments", drop="after")
    made = await deploy(api, tuned)
    async with working(engine, worker.run):
        await reaches(desk, made["id"], "ready")
    assert count_machines(together) == 1


async def test_one_that_is_stopped_before_it_was_made_costs_nothing(
    together: TogetherEmulator, engine: AsyncEngine, api: httpx.AsyncClient, tuned: dict[str, Any]
) -> None:
    made = await deploy(api, tuned)
    assert (await ok(await api.delete(f"/v1/deployments/{made['id']}")))["state"] == "stopped"
    async with working(engine, worker.run):
        pass
    assert count_machines(together) == 0


async def test_one_whose_time_is_up_is_stopped_by_itself(
    desk: Desk, together: TogetherEmulator, engine: AsyncEngine, api: httpx.AsyncClient, tuned: dict[str, Any]
) -> None:
    made = await deploy(api, tuned, stop_after_hours=0.0005)
    async with working(engine, worker.run):
        stopped = await reaches(desk, made["id"], "stopped")
    assert stopped["stop_requested"] in (True, False)
    assert count_machines(together) == 0


async def test_a_model_that_the_provider_does_not_have_fails_with_its_words(
    desk: Desk, together: TogetherEmulator, engine: AsyncEngine, api: httpx.AsyncClient, tuned: dict[str, Any]
) -> None:
    made = await deploy(api, tuned, model="nobody/has-this")
    async with working(engine, worker.run):
        failed = await reaches(desk, made["id"], "failed")
    assert "nobody/has-this" in failed["error"]


async def test_one_that_fails_at_the_provider_is_removed_there_and_stays_failed(
    desk: Desk, together: TogetherEmulator, engine: AsyncEngine, api: httpx.AsyncClient, tuned: dict[str, Any]
) -> None:
    together.endpoints.fails = True
    made = await deploy(api, tuned)

    async def ends() -> Any:
        seen = await ok(await api.get(f"/v1/deployments/{made['id']}"))
        return seen if seen["ended_at"] else None

    async with working(engine, worker.run):
        failed = await desk.happens(ends)
    assert (failed["state"], failed["error"]) == ("failed", "Timed out waiting for readiness")
    assert count_machines(together) == 0
    listed = (await ok(await api.get("/v1/deployments?state=failed")))["data"]
    assert [each["ended_at"] for each in listed] == [failed["ended_at"]]
    types = [entry["type"] for entry in (await ok(await api.get(f"/v1/deployments/{made['id']}/history")))["data"]]
    assert types[-1] == "DeploymentStopped"


async def test_what_needs_no_deployment_is_refused(desk: Desk, api: httpx.AsyncClient) -> None:
    body = {"connection_id": await desk.connected(), "model": "ft:anything"}
    refused = await api.post("/v1/deployments", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    nowhere = await api.post("/v1/deployments", json=body | {"connection_id": "0192aaaa-7000-7000-8000-00000000000a"})
    assert (nowhere.status_code, nowhere.json()["errors"][0]["pointer"]) == (404, "/connection_id")


def test_requests_and_observations_fold() -> None:
    at = datetime.now(UTC)
    asked = DeploymentRequested(
        connection_id="0192aaaa-7000-7000-8000-00000000000a",  # type: ignore[arg-type]
        connection_kind="together",
        model="m",
        name="n",
        stop_after=at + timedelta(hours=1),
    )
    seen = DeploymentObserved(deployment_id="d", state="ready", raw_status="READY", at=at, address="a")
    record = DEPLOYMENT.evolve(DEPLOYMENT.evolve(None, asked), seen)
    assert (record.state, record.address, record.started_at) == ("ready", "a", at)
