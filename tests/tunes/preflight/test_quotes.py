"""Figures that the provider tells itself: its price for a job, and its ranges for a model."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.tunes.submission import dispatcher as dispatch
from tests.emulators.together import TogetherEmulator, emulate, jobs_api
from tests.emulators.together.catalog import DOLLARS_PER_TOKEN, LORA_ONLY
from tests.tunes.conftest import Desk, ok, working
from tests.tunes.sandbox import MODEL as SANDBOX_MODEL
from tests.tunes.test_together import CURVE, MODEL, connected

ESTIMATE = "/v1/tunes/estimate"


@pytest.fixture
async def together() -> AsyncIterator[TogetherEmulator]:
    async with emulate(pace=0.05) as emulator:
        yield emulator


async def body(desk: Desk, emulator: TogetherEmulator, *, model: str = MODEL, **parameters: Any) -> Any:
    target = {"connection_id": await connected(desk, emulator), "base_model": model}
    return {**await desk.frozen(), "targets": [target | {"hyperparameters": CURVE | parameters}]}


async def test_a_quote_stands_beside_the_catalogue_and_leaves_no_file(
    desk: Desk, together: TogetherEmulator, api: httpx.AsyncClient, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = await body(desk, together)
    wanted["targets"].append({"connection_id": await desk.connected(), "base_model": SANDBOX_MODEL})
    own = (await ok(await api.post(ESTIMATE, json=wanted)))["targets"][0]
    assert (own["sources"]["cost"], own["quote_note"]) == ("catalogue", None)
    estimate = await ok(await api.post(ESTIMATE, json=wanted, params={"quote": "true"}))
    quoted, other = estimate["targets"]
    assert quoted["sources"] == {"cost": "provider quote", "training_tokens": "provider quote", "seconds": None}
    assert (quoted["cost"]["source"], quoted["cost"]["verified"]) == ("the provider's quote", True)
    # Its price counts the evaluations too, which ours does not.
    assert float(quoted["cost"]["total"]["amount"]) > quoted["training_tokens"] * DOLLARS_PER_TOKEN
    assert other["quote_note"] == "OpenAI tells no price before a job is created."
    assert other["sources"]["training_tokens"] == "computed"
    assert together.files.stored == {}
    assert (await ok(await api.get("/v1/tunes")))["data"] == []

    monkeypatch.setattr(jobs_api, "USER_LIMIT", 0)
    refused = await ok(await api.post(ESTIMATE, json=wanted, params={"quote": "true"}))
    assert (refused["sendable"], [fault["code"] for fault in refused["faults"]]) == (False, ["quote_refused"])

    await ok(await api.post("/v1/tunes", json=wanted))
    async with working(engine, dispatch.run):
        await desk.happens(lambda: has_files(together))
        before = set(together.files.stored)
        await ok(await api.post(ESTIMATE, json=wanted, params={"quote": "true"}))
    assert set(together.files.stored) == before


async def has_files(together: TogetherEmulator) -> bool:
    return bool(together.jobs.stored)


async def test_the_account_s_own_ranges_are_checked_before_anything_is_sent(
    desk: Desk, together: TogetherEmulator, api: httpx.AsyncClient
) -> None:
    wanted = await body(desk, together, model=LORA_ONLY, lora_r=32, training_type="Full")
    for path in (ESTIMATE, "/v1/tunes", ESTIMATE):
        told = (await api.post(path, json=wanted)).json()
        faults = {fault["pointer"]: fault["detail"] for fault in told.get("faults") or told["errors"]}
        assert "at most 16" in faults["/targets/0/hyperparameters/lora_r"]
        assert "has to be Lora" in faults["/targets/0/hyperparameters/training_type"]
    assert together.faults.calls["GET /v1/fine-tunes/models/limits"] == 1
    unknown = await api.post("/v1/tunes", json=await body(desk, together, model="nobody/knows-it"))
    assert (unknown.status_code, unknown.json()["errors"][0]["code"]) == (422, "not_tunable")


async def test_a_provider_that_cannot_be_asked_keeps_nobody_waiting(desk: Desk, api: httpx.AsyncClient) -> None:
    connection_id = await desk.connected(kind="together")
    target = {"connection_id": connection_id, "base_model": MODEL, "hyperparameters": CURVE}
    wanted = {**await desk.frozen(), "targets": [target]}
    estimate = await ok(await api.post(ESTIMATE, json=wanted, params={"quote": "true"}))
    [told] = estimate["targets"]
    assert (estimate["sendable"], told["sources"]["cost"]) == (True, "catalogue")
    assert told["quote_note"]
