"""What is new about a job of Together: its log, metrics and checkpoints, from one look to the next."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from service.providers.abilities import News, TrainingFile
from service.providers.provider import JobSpec, RemoteJob
from service.providers.together.together_adapter import TogetherProvider
from tests.emulators.together import TogetherEmulator
from tests.providers.together.conftest import CHAT

Write = Callable[..., TrainingFile]


@pytest.fixture
async def job(provider: TogetherProvider, write_file: Write) -> RemoteJob:
    training = await provider.upload(write_file(times=80))
    validation = await provider.upload(write_file(CHAT, name="valid.jsonl", times=5))
    return await provider.submit(
        JobSpec(
            base_model="Qwen/Qwen3-8B",
            training_file=training,
            validation_file=validation,
            token="token-1",
            hyperparameters={"n_checkpoints": 2, "n_evals": 2},
        )
    )


async def look(provider: TogetherProvider, job: RemoteJob, cursor: str | None) -> News:
    return await provider.news(await provider.job(job.id), cursor=cursor)


async def test_each_line_and_point_is_told_once(
    provider: TogetherProvider, emulator: TogetherEmulator, job: RemoteJob
) -> None:
    cursor, lines, steps = None, [], []
    for _ in range(12):
        emulator.clock.advance(1.5)
        news = await look(provider, job, cursor)
        cursor = news.cursor
        lines += [event.message for event in news.events]
        steps += [point.step for point in news.metrics]
    assert steps == list(range(1, 11))
    assert len(lines) == len(set(lines))
    assert lines[0] == "Fine tune request created"
    assert lines[-1].startswith("Job finished")


async def test_training_and_evaluation_of_a_step_are_one_point(
    provider: TogetherProvider, emulator: TogetherEmulator, job: RemoteJob
) -> None:
    emulator.clock.advance(20)
    points = {point.step: point for point in (await look(provider, job, None)).metrics}
    assert [step for step, point in points.items() if point.valid_loss is not None] == [5, 10]
    assert points[5].train_loss
    assert points[5].valid_loss == pytest.approx(points[5].train_loss + 0.1)


async def test_the_newest_step_waits_until_it_cannot_be_evaluated_any_more(
    provider: TogetherProvider, emulator: TogetherEmulator, job: RemoteJob
) -> None:
    emulator.clock.advance(7.0)
    first = await look(provider, job, None)
    assert [point.step for point in first.metrics] == [1, 2, 3, 4]
    emulator.clock.advance(1.0)
    assert [point.step for point in (await look(provider, job, first.cursor)).metrics] == [5]


async def test_checkpoints_have_the_names_that_together_takes(
    provider: TogetherProvider, emulator: TogetherEmulator, job: RemoteJob
) -> None:
    emulator.clock.advance(20)
    checkpoints = (await look(provider, job, None)).checkpoints
    assert [checkpoint.id for checkpoint in checkpoints] == [f"{job.id}:5", f"{job.id}:10"]
    assert checkpoints[0].model == checkpoints[0].id
    assert checkpoints[0].metrics.valid_loss is not None


async def test_a_part_that_fails_hides_no_other_and_is_asked_for_again(
    provider: TogetherProvider, emulator: TogetherEmulator, job: RemoteJob
) -> None:
    emulator.clock.advance(20)
    failures: tuple[dict[str, Any], ...] = (
        {"status": 500},
        {"content": b"<html>"},
        {"content": b'{"data": 5, "metrics": 5}'},
        {"drop": "before"},
    )
    for part, failure in itertools.product(("metrics", "events"), failures):
        emulator.faults.add(f"GET /v1/fine-tunes/.*/{part}", **failure)
        news = await look(provider, job, None)
        assert [trouble.partition(":")[0] for trouble in news.troubles] == [part]
        assert news.checkpoints
        again = await look(provider, job, news.cursor)
        assert len(again.metrics) == (10 if part == "metrics" else 0)
        assert bool(again.events) == (part == "events")


async def test_a_loss_that_is_no_number_is_told(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    emulator.jobs.settings["diverges"] = True
    file_id = await provider.upload(write_file())
    job = await provider.submit(JobSpec(base_model="Qwen/Qwen3-8B", training_file=file_id, token="t"))
    emulator.clock.advance(20)
    points = (await look(provider, job, None)).metrics
    assert [point.not_finite for point in points] == [(), ("train_loss",), ("train_loss",)]


async def test_types_in_capitals_and_lines_without_anything_are_read(
    provider: TogetherProvider, emulator: TogetherEmulator, write_file: Write
) -> None:
    emulator.jobs.settings["shouts"] = True
    emulator.jobs.outcomes.append("error")
    file_id = await provider.upload(write_file())
    job = await provider.submit(JobSpec(base_model="Qwen/Qwen3-8B", training_file=file_id, token="t"))
    emulator.clock.advance(20)
    failed = await provider.job(job.id)
    assert failed.error
    assert failed.error.code == "job_error"
    emulator.faults.add(
        "GET .*/events", content=b'{"data": [{}, null, 7, {"created_at": 5, "level": "legacy_iwarning"}]}'
    )
    levels = [event.level for event in (await look(provider, job, None)).events]
    assert levels == ["info", "warning"]


async def test_a_job_that_has_not_started_is_asked_for_its_log_alone(
    provider: TogetherProvider, emulator: TogetherEmulator, job: RemoteJob
) -> None:
    news = await look(provider, job, None)
    assert [event.message for event in news.events] == ["Fine tune request created"]
    assert not [call for call in emulator.faults.calls if call.endswith(("metrics", "checkpoints"))]
