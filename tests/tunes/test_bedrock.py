"""Tunes at Bedrock, its emulator in its place, from the request to a version of a model."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.emulators.bedrock import BedrockEmulator, emulate
from tests.emulators.bedrock.jobs import BASE_MODELS
from tests.emulators.bedrock.server import SECRET
from tests.emulators.bedrock.wire import KEYS
from tests.tunes.conftest import Desk, ok, working


@pytest.fixture
async def bedrock() -> AsyncIterator[BedrockEmulator]:
    async with emulate(pace=0.05) as emulator:
        yield emulator


async def connected(desk: Desk, emulator: BedrockEmulator) -> str:
    options = emulator.options
    return await desk.connected(kind="bedrock", base_url=emulator.address, secret=SECRET, options=options)


async def asked(desk: Desk, emulator: BedrockEmulator) -> str:
    curve = {"epochCount": 2, "learningRate": 0.00001}
    connection_id = await connected(desk, emulator)
    target = {"connection_id": connection_id, "base_model": BASE_MODELS[0], "hyperparameters": curve}
    body = {**await desk.frozen(), "targets": [target]}
    return str((await ok(await desk.api.post("/v1/tunes", json=body)))["tunes"][0]["id"])


async def test_a_tune_lives_from_the_request_to_its_model(
    desk: Desk, bedrock: BedrockEmulator, engine: AsyncEngine
) -> None:
    tune_id = await asked(desk, bedrock)
    async with working(engine):
        tune = await desk.until(tune_id)
    assert (tune["state"], tune["raw_status"], tune["error"]) == ("succeeded", "Completed", None)
    [job] = bedrock.jobs.stored.values()
    assert (job.arn, job.model_arn) == (tune["job_id"], tune["provider_model"])
    assert job.body["hyperParameters"] == {"epochCount": "2", "learningRate": "0.00001"}
    [point] = await desk.listed(tune_id, "metrics")
    assert (point["step"], point["train_loss"], point["full_valid_loss"]) == (2, 0.5, 0.6)
    rows = [json.loads(line) for content in bedrock.storage.objects.values() for line in content.splitlines()]
    assert {row["schemaVersion"] for row in rows} == {"bedrock-conversation-2024"}


async def test_lost_answers_make_no_second_job_and_no_second_file(
    desk: Desk, bedrock: BedrockEmulator, engine: AsyncEngine
) -> None:
    bedrock.faults.add("POST /model-customization-jobs", drop="after")
    bedrock.faults.add("PUT /.*", drop="after")
    tune_id = await asked(desk, bedrock)
    async with working(engine):
        assert (await desk.until(tune_id))["state"] == "succeeded"
    assert len(bedrock.jobs.stored) == 1
    assert sum(count for call, count in bedrock.faults.done.items() if call.startswith("PUT")) == 2


async def test_a_failed_job_says_why(desk: Desk, bedrock: BedrockEmulator, engine: AsyncEngine) -> None:
    bedrock.jobs.settings = {"outcome": "Failed"}
    tune_id = await asked(desk, bedrock)
    async with working(engine):
        tune = await desk.until(tune_id)
    assert tune["state"] == "failed"
    assert "learning rate" in tune["error"]["message"]


async def test_the_secret_is_nowhere(
    desk: Desk, bedrock: BedrockEmulator, engine: AsyncEngine, api: httpx.AsyncClient
) -> None:
    said = {"message": f"No access for {KEYS['access_key_id']}, {KEYS['session_token']}"}
    headers = {"x-amzn-ErrorType": "AccessDeniedException"}
    bedrock.faults.add("POST /model-customization-jobs", status=403, body=said, headers=headers)
    tune_id = await asked(desk, bedrock)
    async with working(engine):
        tune = await desk.until(tune_id)
    assert tune["state"] == "failed"
    shown = f"{tune} {await desk.listed(tune_id, 'history')} {(await api.get('/v1/connections')).text}"
    assert not [key for key in KEYS.values() if key in shown]
