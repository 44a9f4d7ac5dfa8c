"""Tunes at Vertex, its emulator in its place, from the request to a version of a model that chats."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.models import worker as models
from service.tunes.progress import poller
from service.tunes.submission import dispatcher as dispatch
from tests.emulators.faults import Fault
from tests.emulators.vertex import VertexEmulator, emulate
from tests.emulators.vertex.wire import build_error
from tests.tunes.conftest import Desk, ok, worker_process, working

MODEL = "gemini-2.5-flash"


@pytest.fixture
async def vertex() -> AsyncIterator[VertexEmulator]:
    async with emulate(pace=0.05) as emulator:
        yield emulator


async def connected(desk: Desk, emulator: VertexEmulator) -> str:
    return await desk.connected(
        kind="vertex", base_url=emulator.base_url, secret=emulator.tokens.write_key(), options=emulator.options
    )


async def asked(desk: Desk, emulator: VertexEmulator, **given: Any) -> str:
    chosen = {"epoch_count": 2, "adapter_size": 4}
    target = {"connection_id": await connected(desk, emulator), "base_model": MODEL, "hyperparameters": chosen}
    body = {**await desk.frozen(), "targets": [target]} | given
    return str((await ok(await desk.api.post("/v1/tunes", json=body)))["tunes"][0]["id"])


async def find_version(api: httpx.AsyncClient, tune_id: str) -> Any:
    found = (await ok(await api.get("/v1/models?name=headlines")))["data"]
    versions = (await ok(await api.get(f"/v1/models/{found[0]['id']}/versions")))["data"] if found else []
    return next((version for version in versions if version["tune_id"] == tune_id), None)


async def test_a_tune_lives_from_the_request_to_a_version_that_chats(
    desk: Desk, vertex: VertexEmulator, engine: AsyncEngine, api: httpx.AsyncClient
) -> None:
    tune_id = await asked(desk, vertex, model="headlines")
    async with working(engine, dispatch.run, poller.run, models.run):
        tune = await desk.until(tune_id)
        version = await desk.happens(lambda: find_version(api, tune_id))
    assert (tune["state"], tune["raw_status"], tune["error"]) == ("succeeded", "JOB_STATE_SUCCEEDED", None)
    assert tune["provider_model"] == version["provider_model"]
    assert tune["trained_tokens"] > 0
    assert len(await desk.listed(tune_id, "checkpoints")) == 2
    [job] = vertex.jobs.stored.values()
    assert (job.id, job.spec["hyperParameters"]["adapterSize"]) == (tune["job_id"], "ADAPTER_SIZE_FOUR")
    content = vertex.bucket.find(job.spec["trainingDatasetUri"])
    assert content
    assert json.loads(content.splitlines()[0])["contents"][-1]["role"] == "model"
    chat = {"model": f"headlines:{version['version']}", "messages": [{"role": "user", "content": "hello"}]}
    answer = await ok(await api.post("/v1/chat/completions", json=chat))
    assert answer["choices"][0]["message"]["content"] == "Echo: hello"


async def test_a_lost_answer_makes_no_second_job_and_no_second_file(
    desk: Desk, vertex: VertexEmulator, engine: AsyncEngine
) -> None:
    vertex.faults.add("POST /v1/projects/.*/tuningJobs", drop="after")
    vertex.faults.add("POST /upload/.*", drop="after")
    tune_id = await asked(desk, vertex)
    async with working(engine):
        assert (await desk.until(tune_id))["state"] == "succeeded"
    assert len(vertex.jobs.stored) == 1
    assert len(vertex.bucket.stored) == 2


@pytest.mark.parametrize("step", ["POST /upload/.*", "POST /v1/projects/.*/tuningJobs"])
async def test_a_worker_killed_in_the_middle_of_a_step_leaves_one_job(
    desk: Desk, vertex: VertexEmulator, engine: AsyncEngine, database_url: str, step: str
) -> None:
    vertex.faults.add(step, delay=60.0)
    [fault] = vertex.faults.queue
    tune_id = await asked(desk, vertex)
    async with worker_process(database_url) as worker:
        await desk.happens(lambda: has_come(fault))
        worker.kill()
        await worker.wait()
    async with working(engine):
        tune = await desk.until(tune_id)
    assert tune["state"] == "succeeded"
    assert [job.id for job in vertex.jobs.stored.values()] == [tune["job_id"]]
    assert len(vertex.bucket.stored) == 2


async def has_come(fault: Fault) -> bool:
    return fault.times == 0


async def test_a_failed_job_says_why(desk: Desk, vertex: VertexEmulator, engine: AsyncEngine) -> None:
    vertex.jobs.settings["fault"] = "Too few examples."
    tune_id = await asked(desk, vertex)
    async with working(engine):
        tune = await desk.until(tune_id)
    assert (tune["state"], tune["error"]["message"]) == ("failed", "Too few examples.")


async def test_the_secret_is_nowhere(desk: Desk, vertex: VertexEmulator, engine: AsyncEngine) -> None:
    token = vertex.tokens.made
    vertex.faults.add("POST /v1/projects/.*", status=401, body=build_error(401, "Invalid token ya29.token-1."))
    tune_id = await asked(desk, vertex)
    async with working(engine):
        tune = await desk.until(tune_id)
    assert tune["state"] == "failed"
    assert token[0] == "ya29.token-1"
    for secret in (token[0], "PRIVATE KEY"):
        assert secret not in str(tune)
        assert secret not in str(await desk.listed(tune_id, "history"))
