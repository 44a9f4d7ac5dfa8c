"""A create without a response, in each way it can be lost: one job runs in the end, and the tune ends right."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.tunes.submission import doubts, submission
from tests.emulators.openai import OpenAIEmulator, emulate
from tests.emulators.openai.server import JOBS, SECRET
from tests.tunes.conftest import Desk, ok, worker_process, working
from tests.tunes.test_crashes import end_sessions

CREATE = f"POST {JOBS}"


@pytest.fixture
async def emulator() -> AsyncIterator[OpenAIEmulator]:
    async with emulate(seconds=1.0) as running:
        yield running


async def asked(desk: Desk, emulator: OpenAIEmulator, **connection: Any) -> str:
    account = {"kind": "openai", "base_url": emulator.base_url, "secret": SECRET}
    return str((await desk.asked(await desk.connected(**account | connection)))["id"])


async def ends_with_one_job(desk: Desk, emulator: OpenAIEmulator, engine: AsyncEngine, tune_id: str) -> dict[str, Any]:
    async with working(engine):
        tune = await desk.until(tune_id)
    assert tune["state"] == "succeeded", tune
    [job] = emulator.running_with(tune_id)
    assert job.id == tune["job_id"]
    return tune


async def test_a_dropped_response(desk: Desk, emulator: OpenAIEmulator, engine: AsyncEngine) -> None:
    emulator.faults.add(CREATE, drop="after")
    tune_id = await asked(desk, emulator)
    await ends_with_one_job(desk, emulator, engine, tune_id)
    assert len(emulator.jobs_with(tune_id)) == 1
    recorded = await desk.recorded(tune_id)
    assert recorded[:4] == ["TuneRequested", "TuneSubmitting", "TuneInDoubt", "TuneSubmitted"]


async def test_a_dropped_request_is_sent_again_after_two_empty_looks(
    desk: Desk, emulator: OpenAIEmulator, engine: AsyncEngine
) -> None:
    emulator.faults.add(CREATE, drop="before")
    tune_id = await asked(desk, emulator)
    began = asyncio.get_running_loop().time()
    await ends_with_one_job(desk, emulator, engine, tune_id)
    assert asyncio.get_running_loop().time() - began > 1.3  # the settling time, and two looks apart
    assert emulator.faults.calls[f"GET {JOBS}"] >= 3


async def test_a_create_that_lands_after_its_client_has_left(
    desk: Desk, emulator: OpenAIEmulator, engine: AsyncEngine
) -> None:
    emulator.create_delay = 1.5
    tune_id = await asked(desk, emulator, timeout_seconds=1)
    await ends_with_one_job(desk, emulator, engine, tune_id)
    assert len(emulator.jobs_with(tune_id)) == 1


async def test_a_list_that_shows_the_job_late(desk: Desk, emulator: OpenAIEmulator, engine: AsyncEngine) -> None:
    emulator.list_delay = 0.9
    emulator.faults.add(CREATE, drop="after")
    tune_id = await asked(desk, emulator)
    await ends_with_one_job(desk, emulator, engine, tune_id)
    assert len(emulator.jobs_with(tune_id)) == 1


async def test_of_two_jobs_the_older_is_followed_and_the_other_cancelled(
    desk: Desk, emulator: OpenAIEmulator, engine: AsyncEngine
) -> None:
    emulator.list_delay, emulator.seconds = 1_000.0, 60.0  # later than the settling time allows for
    emulator.faults.add(CREATE, drop="after")
    tune_id = await asked(desk, emulator)
    async with working(engine):
        await desk.happens(lambda: asyncio.sleep(0, len(emulator.jobs_with(tune_id)) == 2))
        emulator.jobs_with(tune_id)[0].listed_at = 0.0
        await desk.happens(lambda: has_recorded(desk, tune_id, "TuneConfirmed"))
        emulator.clock.advance(60)
        tune = await desk.until(tune_id)
    assert tune["state"] == "succeeded"
    first, second = emulator.jobs_with(tune_id)
    assert (tune["job_id"], tune["duplicates"], second.cancelled_at is not None) == (first.id, [second.id], True)
    assert await has_recorded(desk, tune_id, "TuneDuplicatesFound")


@pytest.mark.parametrize("decision", ["adopt", "send_again", "give_up"])
async def test_a_list_without_end_leaves_it_to_a_person(
    desk: Desk, emulator: OpenAIEmulator, engine: AsyncEngine, api: httpx.AsyncClient, decision: str
) -> None:
    emulator.endless, emulator.list_delay = True, 60.0
    emulator.faults.add(CREATE, drop="before" if decision == "send_again" else "after")
    tune_id = await asked(desk, emulator)
    async with working(engine):
        tune = await desk.until(tune_id, "needs_attention")
        assert "send_again" in tune["trouble"]
        assert len(emulator.jobs_with(tune_id)) == (decision != "send_again")
        assert (await api.post(f"/v1/tunes/{tune_id}/cancel")).status_code == 409
        body = {"decision": decision}
        if decision == "adopt":
            refused = await api.post(f"/v1/tunes/{tune_id}/decide", json=body | {"job_id": "ftjob-nowhere"})
            assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/job_id")
            body["job_id"] = emulator.jobs_with(tune_id)[0].id
        await ok(await api.post(f"/v1/tunes/{tune_id}/decide", json=body))
        ended = await desk.until(tune_id)
    assert ended["state"] == ("failed" if decision == "give_up" else "succeeded")
    assert (await api.post(f"/v1/tunes/{tune_id}/decide", json=body)).status_code in (409, 422)


async def test_a_day_that_jumps_makes_no_second_job(
    desk: Desk, emulator: OpenAIEmulator, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    hours = iter(range(0, 1_000_000, 7))

    class Jumping(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + timedelta(hours=next(hours) * (-1) ** next(hours))

    monkeypatch.setattr(doubts, "datetime", Jumping)
    monkeypatch.setattr(submission, "datetime", Jumping)
    emulator.list_delay = 0.9
    emulator.faults.add(CREATE, drop="after")
    tune_id = await asked(desk, emulator)
    async with working(engine):
        tune = await desk.until(tune_id)
    assert (tune["state"], len(emulator.jobs_with(tune_id))) == ("succeeded", 1)


async def test_sessions_that_postgres_ends_at_any_moment_make_no_second_job(
    desk: Desk, emulator: OpenAIEmulator, engine: AsyncEngine, database_url: str
) -> None:
    emulator.create_delay = 0.3
    ids = [await asked(desk, emulator) for _ in range(4)]

    async def end_sessions_often() -> None:
        for _ in range(12):
            await asyncio.sleep(0.25)
            await end_sessions(engine, "tuneledger worker")

    async with worker_process(database_url):
        await end_sessions_often()
        tunes = [await desk.until(tune_id) for tune_id in ids]
    assert [tune["state"] for tune in tunes] == ["succeeded"] * 4
    assert [[job.id for job in emulator.running_with(tune_id)] for tune_id in ids] == [
        [tune["job_id"]] for tune in tunes
    ]


@pytest.mark.parametrize("call", ["GET /v1/files", "POST /v1/files", CREATE, f"GET {JOBS}", f"GET {JOBS}/.*/events"])
@pytest.mark.parametrize("cut", ["before", "after"])
async def test_killed_at_each_call(
    desk: Desk, emulator: OpenAIEmulator, engine: AsyncEngine, database_url: str, call: str, cut: str
) -> None:
    emulator.faults.add(call, delay=20.0, **({"status": 500} if cut == "before" else {}))
    tune_id = await asked(desk, emulator)
    async with worker_process(database_url) as worker:
        taken = emulator.faults.queue[0]
        await desk.happens(lambda: asyncio.sleep(0, taken.times == 0))
        await asyncio.sleep(0.05)
        worker.kill()
        await worker.wait()
    await ends_with_one_job(desk, emulator, engine, tune_id)
    assert len(emulator.jobs_with(tune_id)) == 1


async def test_a_job_made_elsewhere_is_adopted(
    desk: Desk, emulator: OpenAIEmulator, engine: AsyncEngine, api: httpx.AsyncClient
) -> None:
    job = emulator.add_job({"model": "gpt-emulated"})
    connection_id = await desk.connected(kind="openai", base_url=emulator.base_url, secret=SECRET)
    body = {"connection_id": connection_id, "job_id": job.id, "model": "adopted", **await desk.frozen()}
    refused = await api.post("/v1/tunes/adopt", json=body | {"job_id": "ftjob-nowhere"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/job_id")
    made = await ok(await api.post("/v1/tunes/adopt", json=body))
    assert (made["state"], made["job_id"], made["base_model"]) == ("running", job.id, "gpt-emulated")
    async with working(engine):
        tune = await desk.until(made["id"])
    assert (tune["state"], tune["training_file"]) == ("succeeded", None)
    assert len(await desk.listed(tune["id"], "metrics")) == 4


async def test_a_job_that_vanished_is_looked_for_again(
    desk: Desk, emulator: OpenAIEmulator, engine: AsyncEngine, api: httpx.AsyncClient
) -> None:
    emulator.seconds = 30.0
    tune_id = await asked(desk, emulator)
    async with working(engine):
        await desk.until(tune_id, "validating", "queued", "running")
        jobs, emulator.jobs = emulator.jobs, {}
        failed = await desk.until(tune_id, "failed")
        assert failed["error"]["code"] == "job_not_found"
        emulator.jobs = jobs
        await ok(await api.post(f"/v1/tunes/{tune_id}/look-again"))
        emulator.clock.advance(60)
        assert (await desk.until(tune_id))["state"] == "succeeded"
    assert (await api.post(f"/v1/tunes/{tune_id}/look-again")).status_code == 409


async def test_a_part_that_fails_hides_no_end_and_comes_later(
    desk: Desk, emulator: OpenAIEmulator, engine: AsyncEngine
) -> None:
    emulator.faults.add(f"GET {JOBS}/.*/checkpoints", times=3, status=500)
    tune_id = await asked(desk, emulator)
    async with working(engine):
        await desk.until(tune_id)
        assert await desk.happens(lambda: desk.listed(tune_id, "checkpoints"))
    assert (await desk.recorded(tune_id))[-1] == "TuneDetailed"


async def test_trouble_and_recovery_stand_in_the_history_once(
    desk: Desk, emulator: OpenAIEmulator, engine: AsyncEngine
) -> None:
    emulator.seconds = 30.0
    tune_id = await asked(desk, emulator)
    async with working(engine):
        await desk.until(tune_id, "validating", "queued", "running")
        emulator.faults.add(f"GET {JOBS}.*", times=8, status=503)
        await desk.happens(lambda: has_recorded(desk, tune_id, "TuneRecovered"))
        emulator.clock.advance(60)
        await desk.until(tune_id)
    recorded = await desk.recorded(tune_id)
    assert (recorded.count("TuneTroubled"), recorded.count("TuneRecovered")) == (1, 1)


async def has_recorded(desk: Desk, tune_id: str, type_: str) -> bool:
    return type_ in await desk.recorded(tune_id)
