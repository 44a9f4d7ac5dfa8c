"""Tunes are paused and resumed by workers, at a provider that can; a worker may be killed at any point."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.errors import Conflict
from service.providers.provider import RemoteJob
from service.tunes import decisions as tunes
from service.tunes.events import TUNE, TuneCancelRequested, TuneState, TuneSucceeded
from service.tunes.pauses import decisions
from service.tunes.progress import poller
from service.tunes.submission import dispatcher as dispatch
from tests.datasets.import_files import tables_follow_from_the_log
from tests.tunes.conftest import Desk, ok, working
from tests.tunes.sandbox import JOBS, Sandbox
from tests.tunes.test_decisions import RUNNING


async def test_a_running_job_is_paused_and_goes_on(
    desk: Desk, slow_sandbox: Sandbox, engine: AsyncEngine, api: httpx.AsyncClient
) -> None:
    asked = await desk.asked(await desk.connected(slow_sandbox), hyperparameters={"n_epochs": 2})
    path = f"/v1/tunes/{asked['id']}"
    async with working(engine):
        running = await desk.until(asked["id"], "running")
        ordered = await ok(await api.post(f"{path}/pause", json={"reason": "the budget is being discussed"}))
        assert (ordered["state"], ordered["pause_request"]) == ("running", "pause")
        paused = await desk.until(asked["id"], "paused")
        assert (paused["pause_request"], paused["pause_refusal"], paused["raw_status"]) == (None, None, "paused")
        assert (await slow_sandbox.http.get(f"{JOBS}/{running['job_id']}")).json()["status"] == "paused"
        assert await ok(await api.post(f"{path}/pause")) == await desk.tune(asked["id"])
        assert (await ok(await api.post(f"{path}/resume")))["pause_request"] == "resume"
        await desk.until(asked["id"], "running", "succeeded")
        assert (await api.post(f"{path}/resume")).status_code == 409
        await ok(await api.post(f"{path}/cancel"))
        await desk.until(asked["id"])
    told = [kind for kind in await desk.recorded(asked["id"]) if "Pause" in kind or "Resume" in kind]
    assert told == ["TunePauseRequested", "TunePauseSent", "TuneResumeRequested", "TuneResumeSent"]
    await tables_follow_from_the_log(engine)


async def test_a_worker_that_was_killed_after_the_answer_asks_again_and_nothing_is_refused(
    desk: Desk, slow_sandbox: Sandbox, engine: AsyncEngine, api: httpx.AsyncClient
) -> None:
    asked = await desk.asked(await desk.connected(slow_sandbox), hyperparameters={"n_epochs": 2})
    path = f"/v1/tunes/{asked['id']}"
    async with working(engine):
        running = await desk.until(asked["id"], "running")
    await ok(await api.post(f"{path}/pause"))
    job = f"{JOBS}/{running['job_id']}"
    assert (await slow_sandbox.http.post(f"{job}/pause")).is_success
    async with working(engine, dispatch.run):
        paused = await desk.until(asked["id"], "paused")
        assert paused["pause_refusal"] is None
        await ok(await api.post(f"{path}/resume"))
        assert await desk.happens(lambda: has_answer(desk, asked["id"]))
        assert (await slow_sandbox.http.post(f"{job}/cancel")).is_success
        await ok(await api.post(f"{path}/pause"))
        refused = await desk.happens(lambda: has_answer(desk, asked["id"]))
    assert running["job_id"] in refused["pause_refusal"]  # it has ended, or is about to
    async with working(engine, poller.run):
        assert (await desk.until(asked["id"]))["state"] == "cancelled"


async def has_answer(desk: Desk, tune_id: str) -> Any:
    tune = await desk.tune(tune_id)
    return tune if tune["pause_request"] is None else None


async def test_a_provider_that_cannot_pause_says_so_at_once(desk: Desk, api: httpx.AsyncClient) -> None:
    connection_id = await desk.connected(kind="together")
    asked = await desk.asked(connection_id, hyperparameters={}, force=True)
    refused = await api.post(f"/v1/tunes/{asked['id']}/pause")
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "Together cannot pause a job. To stop it for good: POST /v1/tunes/{id}/cancel.",
    )


def evolve(tune: TuneState, *events: Any) -> TuneState:
    for event in events:
        tune = TUNE.evolve(tune, event)
    return tune


def test_the_last_order_counts_and_an_end_settles_it() -> None:
    job = RemoteJob(id="ftjob-1", state="paused", raw_status="paused", base_model="m")
    [wanted] = decisions.pause(RUNNING, reason=None)
    pausing = evolve(RUNNING, wanted)
    assert (tunes.next_step(pausing), decisions.pause(pausing, reason=None)) == ("pause", [])
    taken_back = evolve(pausing, *decisions.resume(pausing, reason=None))
    assert decisions.record_answer(taken_back, "pause", job=job, refusal=None) == []
    assert tunes.next_step(taken_back) == "resume"
    paused = evolve(pausing, *decisions.record_answer(pausing, "pause", job=job, refusal=None))
    assert (paused.state, tunes.next_step(paused), decisions.pause(paused, reason=None)) == ("paused", "nothing", [])
    stopping = evolve(pausing, TuneCancelRequested())
    assert tunes.next_step(stopping) == "stop"
    end = TuneSucceeded(job_id="ftjob-1", provider_model="ft:m", at=datetime(2026, 11, 30, tzinfo=UTC))
    ended = evolve(pausing, end)
    assert (ended.pause_request, decisions.record_answer(ended, "pause", job=job, refusal=None)) == (None, [])
    for tune in (RUNNING, stopping, ended):
        with pytest.raises(Conflict):
            decisions.resume(tune, reason=None)
