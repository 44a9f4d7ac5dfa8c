"""Bad days on request, and what survives them."""

import asyncio
from typing import Any

import httpx
import openai
import pytest

from tests.sandbox.conftest import Running, eventually

CREATE = "POST /v1/fine_tuning/jobs"


async def test_a_dropped_reply_leaves_one_job_that_metadata_finds(sandbox: Running) -> None:
    file_id, before = await sandbox.upload(), await sandbox.done(CREATE)
    await sandbox.fault("drop_reply", path="/v1/fine_tuning/jobs", method="POST")
    with pytest.raises(openai.APIConnectionError):
        await sandbox.ai.fine_tuning.jobs.create(
            model="gpt-4o-mini", training_file=file_id, metadata={"token": "dropped"}
        )
    found = (await sandbox.ai.fine_tuning.jobs.list(metadata={"token": "dropped"})).data
    assert [job.training_file for job in found] == [file_id]
    assert await sandbox.done(CREATE) == before + 1


async def test_a_rate_limit_says_when_to_come_back_and_does_nothing(sandbox: Running) -> None:
    file_id, before = await sandbox.upload(), await sandbox.done(CREATE)
    await sandbox.fault("rate_limited", retry_after=1.5, times=2)
    for _ in range(2):
        with pytest.raises(openai.RateLimitError) as refused:
            await sandbox.ai.fine_tuning.jobs.create(model="gpt-4o-mini", training_file=file_id)
        assert refused.value.code == "rate_limit_exceeded"
        assert refused.value.response.headers["retry-after"] == "1.5"
        assert refused.value.response.headers["retry-after-ms"] == "1500"
    assert await sandbox.done(CREATE) == before
    assert (await sandbox.ai.models.list()).data


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ({"kind": "server_error"}, 500, None),
        ({"kind": "server_error", "status": 503}, 503, None),
        ({"kind": "training_not_available"}, 403, "training_not_available"),
        ({"kind": "insufficient_quota"}, 429, "insufficient_quota"),
        ({"kind": "invalid_api_key"}, 401, "invalid_api_key"),
    ],
)
async def test_a_fault_strikes_once_and_in_openais_words(
    sandbox: Running, fault: dict[str, Any], status: int, code: str | None
) -> None:
    file_id = await sandbox.upload()
    await sandbox.fault(**fault)
    with pytest.raises(openai.APIStatusError) as refused:
        await sandbox.ai.fine_tuning.jobs.create(model="gpt-4o-mini", training_file=file_id)
    assert (refused.value.status_code, refused.value.code) == (status, code)
    assert (await sandbox.http.get("/sandbox/faults")).json()["data"] == []
    assert (await sandbox.ai.fine_tuning.jobs.create(model="gpt-4o-mini", training_file=file_id)).id


async def test_training_not_available_waits_for_a_new_job(sandbox: Running) -> None:
    await sandbox.fault("training_not_available")
    await sandbox.ai.fine_tuning.jobs.list()
    with pytest.raises(openai.PermissionDeniedError, match="winding down"):
        await sandbox.job()


async def test_an_unknown_status_passes_and_the_job_goes_on(sandbox: Running) -> None:
    job = await sandbox.job()
    await sandbox.fault("unknown_status", times=2, path=f"/v1/fine_tuning/jobs/{job.id}")
    seen = [str((await sandbox.ai.fine_tuning.jobs.retrieve(job.id)).status) for _ in range(3)]
    assert seen[:2] == ["rebalancing", "rebalancing"]
    assert seen[2] != "rebalancing"
    assert (await sandbox.until(job.id)).status == "succeeded"


async def test_a_slow_answer_outlasts_an_impatient_client_but_is_carried_out(sandbox: Running) -> None:
    file_id, before = await sandbox.upload(), await sandbox.done(CREATE)
    await sandbox.fault("slow", seconds=1, method="POST")
    with pytest.raises(openai.APITimeoutError):
        await sandbox.ai.with_options(timeout=0.2).fine_tuning.jobs.create(model="gpt-4o-mini", training_file=file_id)

    async def carried_out() -> bool:
        return await sandbox.done(CREATE) == before + 1

    await eventually(carried_out)


async def test_a_job_may_succeed_although_it_was_cancelled(slow: Running) -> None:
    job = await slow.job()
    await slow.until(job.id, "running")
    await slow.fault("cancel_then_succeed")
    assert (await slow.ai.fine_tuning.jobs.cancel(job.id)).status == "running"
    assert (await slow.until(job.id)).status == "succeeded"


async def test_a_kill_in_the_middle_of_training_loses_and_doubles_nothing(slow: Running) -> None:
    job = await slow.job(seed=3, hyperparameters={"n_epochs": 4}, metadata={"token": "killed"})
    await slow.until(job.id, "running")

    async def half_way() -> bool:
        return bool((await slow.ai.fine_tuning.jobs.checkpoints.list(job.id)).data)

    await eventually(half_way)
    await slow.stop(hard=True)
    await slow.start()
    ended = await slow.until(job.id)
    assert ended.status == "succeeded"
    assert len((await slow.ai.fine_tuning.jobs.list(metadata={"token": "killed"})).data) == 1
    events = [event async for event in slow.ai.fine_tuning.jobs.list_events(job.id)]
    steps = [point["step"] for event in reversed(events) if isinstance(point := event.data, dict)]
    assert steps == list(range(1, 49))
    unbroken = await slow.until((await slow.job(seed=3, hyperparameters={"n_epochs": 4})).id)
    again = [event.data async for event in slow.ai.fine_tuning.jobs.list_events(unbroken.id) if event.data]
    assert again == [event.data for event in events if event.data]


async def test_one_directory_has_one_sandbox(slow: Running) -> None:
    second = Running(slow.directory, 0.1)
    with pytest.raises(AssertionError):
        await second.start()
    assert await asyncio.wait_for(second.process.wait(), 20) != 0
    assert (await slow.ai.models.list()).data


async def test_a_stopped_sandbox_goes_with_a_clean_exit(slow: Running) -> None:
    await slow.job()
    assert await slow.stop() == 0
    async with httpx.AsyncClient() as late:
        with pytest.raises(httpx.ConnectError):
            await late.get(slow.url)
