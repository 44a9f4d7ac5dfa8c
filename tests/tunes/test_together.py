"""Tunes at Together, its emulator in its place, from the request to a version of a model."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.models import worker as models
from service.tunes.progress import poller
from service.tunes.submission import dispatcher as dispatch
from tests.emulators.faults import Fault
from tests.emulators.together import TogetherEmulator, emulate
from tests.emulators.together.server import SECRET
from tests.tunes.conftest import Desk, ok, worker_process, working

MODEL = "Qwen/Qwen3-8B"
CURVE = {"n_epochs": 2, "n_checkpoints": 2, "lora_r": 16}


@pytest.fixture
async def together() -> AsyncIterator[TogetherEmulator]:
    async with emulate(pace=0.05) as emulator:
        yield emulator


async def connected(desk: Desk, emulator: TogetherEmulator, **settings: Any) -> str:
    return await desk.connected(kind="together", base_url=emulator.base_url, secret=SECRET, **settings)


async def asked(desk: Desk, emulator: TogetherEmulator, *, timeout_seconds: int = 10, **given: object) -> str:
    connection_id = await connected(desk, emulator, timeout_seconds=timeout_seconds)
    target = {"connection_id": connection_id, "base_model": MODEL, "hyperparameters": CURVE}
    body = {**await desk.frozen(), "targets": [target]} | given
    return str((await ok(await desk.api.post("/v1/tunes", json=body)))["tunes"][0]["id"])


async def test_a_tune_lives_from_the_request_to_a_version_that_can_be_run(
    desk: Desk, together: TogetherEmulator, engine: AsyncEngine, api: httpx.AsyncClient
) -> None:
    tune_id = await asked(desk, together, model="headlines", seed=7)
    async with working(engine, dispatch.run, poller.run, models.run):
        tune = await desk.until(tune_id)
        version = await desk.happens(lambda: find_version(api, tune_id))
    assert (tune["state"], tune["raw_status"], tune["error"]) == ("succeeded", "completed", None)
    assert tune["provider_model"] == version["provider_model"]
    assert tune["trained_tokens"] > 0
    [job] = together.jobs.stored.values()
    assert (job.id, job.body["random_seed"], job.body["training_type"]["lora_r"]) == (tune["job_id"], 7, 16)
    assert job.validation is not None
    points = await desk.listed(tune_id, "metrics")
    assert [point["step"] for point in points] == list(range(1, job.total_steps + 1))
    assert any(point["valid_loss"] is not None for point in points)
    assert len(await desk.listed(tune_id, "checkpoints")) == 2
    lines = [line["message"] for line in await desk.listed(tune_id, "events")]
    assert any("checkpoint" in line for line in lines)


async def find_version(api: httpx.AsyncClient, tune_id: str) -> object:
    found = (await ok(await api.get("/v1/models?name=headlines")))["data"]
    versions = (await ok(await api.get(f"/v1/models/{found[0]['id']}/versions")))["data"] if found else []
    return next((version for version in versions if version["tune_id"] == tune_id), None)


async def test_a_lost_answer_makes_no_second_job(desk: Desk, together: TogetherEmulator, engine: AsyncEngine) -> None:
    together.faults.add("POST /v1/fine-tunes", drop="after")
    together.faults.add("POST /v1/files/.*/preprocess", drop="after")
    tune_id = await asked(desk, together)
    async with working(engine):
        assert (await desk.until(tune_id))["state"] == "succeeded"
    assert len(together.jobs.stored) == 1
    assert len(together.files.stored) == 2


async def test_a_late_answer_and_a_late_list_make_no_second_job(
    desk: Desk, together: TogetherEmulator, engine: AsyncEngine
) -> None:
    together.jobs.list_lag = 0.7
    together.faults.add("POST /v1/fine-tunes", delay=2.0)
    tune_id = await asked(desk, together, timeout_seconds=1)
    async with working(engine), working(engine):  # two workers race for it
        tune = await desk.until(tune_id)
    assert tune["state"] == "succeeded"
    assert [job.id for job in together.jobs.stored.values()] == [tune["job_id"]]
    assert "TuneInDoubt" in await desk.recorded(tune_id)


async def test_a_cancelled_tune_that_succeeds_after_all_has_its_model(
    desk: Desk, together: TogetherEmulator, engine: AsyncEngine, api: httpx.AsyncClient
) -> None:
    together.jobs.settings["stubborn"] = True
    tune_id = await asked(desk, together)
    async with working(engine):
        await desk.until(tune_id, "running")
        await ok(await api.post(f"/v1/tunes/{tune_id}/cancel"))
        tune = await desk.until(tune_id, "succeeded")
    assert tune["provider_model"]


@pytest.mark.parametrize(
    "step",
    [
        *["POST /v1/files", "PUT /storage/.*", "POST /v1/files/.*/preprocess"],
        *["GET /v1/fine-tunes", "POST /v1/fine-tunes", "GET /v1/fine-tunes/.*/events"],
    ],
)
async def test_a_worker_killed_in_the_middle_of_a_step_leaves_one_job(
    desk: Desk, together: TogetherEmulator, engine: AsyncEngine, database_url: str, step: str
) -> None:
    together.faults.add(step, delay=60.0)
    [fault] = together.faults.queue
    tune_id = await asked(desk, together)
    async with worker_process(database_url) as worker:
        await desk.happens(lambda: has_come(fault))
        worker.kill()
        await worker.wait()
    async with working(engine):
        tune = await desk.until(tune_id)
    assert tune["state"] == "succeeded"
    assert [job.id for job in together.jobs.stored.values()] == [tune["job_id"]]
    assert len(together.files.stored) == 2


async def has_come(fault: Fault) -> bool:
    return fault.times == 0


async def test_a_failed_job_says_why(desk: Desk, together: TogetherEmulator, engine: AsyncEngine) -> None:
    together.jobs.outcomes.append("user_error")
    tune_id = await asked(desk, together)
    async with working(engine):
        tune = await desk.until(tune_id)
    assert tune["state"] == "failed"
    assert "learning rate" in tune["error"]["message"]


async def test_the_connection_is_checked(desk: Desk, together: TogetherEmulator, api: httpx.AsyncClient) -> None:
    connection_id = await connected(desk, together)
    checked = await ok(await api.post(f"/v1/connections/{connection_id}/check"))
    assert checked["ok"]
    together.secret = "another"
    refused = await api.post(f"/v1/connections/{connection_id}/check")
    assert (refused.status_code, refused.json()["detail"]) == (502, "Invalid API key provided.")


async def test_the_secret_is_nowhere(desk: Desk, together: TogetherEmulator, engine: AsyncEngine) -> None:
    body = {"error": {"message": f"Invalid key {SECRET}", "type": "t", "code": "invalid_api_key"}}
    together.faults.add("POST /v1/fine-tunes", status=401, body=body)
    tune_id = await asked(desk, together)
    async with working(engine):
        tune = await desk.until(tune_id)
    assert tune["state"] == "failed"
    assert SECRET not in str(tune)
    assert SECRET not in str(await desk.listed(tune_id, "history"))
