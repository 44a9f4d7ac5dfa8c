"""A job from its file to its model, as the openai SDK sees it."""

import base64
import csv
import io
from typing import Any

import openai
import pytest

from tests.sandbox.conftest import TRAIN, VALID, Running, jsonl, row


async def test_a_job_ends_as_a_model_with_events_in_openais_order(sandbox: Running) -> None:
    valid = await sandbox.upload(VALID)
    job = await sandbox.job(suffix="capitals", seed=7, validation_file=valid, metadata={"team": "geo"})
    assert (job.status, job.model, job.hyperparameters.n_epochs) == (
        "validating_files",
        "gpt-4o-mini-2024-07-18",
        "auto",
    )
    ended = await sandbox.until(job.id)
    assert ended.status == "succeeded"
    assert ended.fine_tuned_model == f"ft:gpt-4o-mini-2024-07-18:sandbox:capitals:{job.id[-8:]}"
    assert ended.hyperparameters.n_epochs == 8
    assert ended.error is not None
    assert ended.error.code is None
    events = [event async for event in sandbox.ai.fine_tuning.jobs.list_events(job.id, limit=10)]
    said = [event.message for event in reversed(events)]
    assert [text for text in said if not text.startswith(("Step ", "Checkpoint "))] == [
        f"Created fine-tuning job: {job.id}",
        "This is a sandbox: it fits a small n-gram model, and no money is spent",
        f"Validating training file: {job.training_file} and validation file: {valid}",
        "Files validated, moving job to queued state",
        "Fine-tuning job started",
        f"New fine-tuned model created: {ended.fine_tuned_model}",
        "The job has successfully completed",
    ]
    assert len({event.id for event in events}) == len(events) > 100


async def test_losses_are_measured_and_fall(sandbox: Running) -> None:
    valid = await sandbox.upload(VALID)
    job = await sandbox.until((await sandbox.job(validation_file=valid)).id)
    assert job.result_files
    content = (await sandbox.ai.files.content(job.result_files[0])).content
    rows = list(csv.DictReader(io.StringIO(base64.b64decode(content).decode())))
    losses = [float(one["train_loss"]) for one in rows]
    assert losses[0] > 10 * losses[-1]
    full = [float(one["full_valid_loss"]) for one in rows if one["full_valid_loss"]]
    assert len(full) == 8
    assert full[-1] < full[0]
    assert [int(one["step"]) for one in rows] == sorted(int(one["step"]) for one in rows)
    assert float(rows[-1]["train_mean_token_accuracy"]) > float(rows[0]["train_mean_token_accuracy"])


async def test_the_same_seed_learns_the_same(sandbox: Running) -> None:
    curves = []
    for seed in (1, 1, 2):
        job = await sandbox.until((await sandbox.job(seed=seed)).id)
        points = [event.data async for event in sandbox.ai.fine_tuning.jobs.list_events(job.id) if event.data]
        curves.append(points)
    assert curves[0] == curves[1] != curves[2]


async def test_the_last_three_epochs_leave_checkpoints_that_answer(sandbox: Running) -> None:
    job = await sandbox.until((await sandbox.job(hyperparameters={"n_epochs": 5, "batch_size": 4})).id)
    kept = (await sandbox.ai.fine_tuning.jobs.checkpoints.list(job.id)).data
    assert [one.step_number for one in kept] == [15, 12, 9]
    name = kept[0].fine_tuned_model_checkpoint
    assert name == f"{job.fine_tuned_model}:ckpt-step-15"
    answer = await ask(sandbox, name, "What is the capital of Peru?")
    assert answer == "The capital is Lima."
    second = await sandbox.ai.fine_tuning.jobs.checkpoints.list(job.id, limit=1, after=kept[0].id)
    assert [one.step_number for one in second.data] == [12]
    assert second.has_more


async def test_the_tuned_model_knows_what_the_base_model_does_not(sandbox: Running) -> None:
    job = await sandbox.until((await sandbox.job()).id)
    assert job.fine_tuned_model
    asked = "Tell me please, Kenya has which capital?"  # not a training prompt
    assert "Nairobi" in await ask(sandbox, job.fine_tuned_model, asked)
    assert "Nairobi" not in await ask(sandbox, "gpt-4o-mini", asked)


async def test_a_model_tuned_further_remembers_both_lessons(sandbox: Running) -> None:
    first = await sandbox.until((await sandbox.job()).id)
    assert first.fine_tuned_model
    more = await sandbox.upload(jsonl([row(f"Colour of thing {n}?", f"It is shade {n}.") for n in range(10)]))
    second = await sandbox.ai.fine_tuning.jobs.create(model=first.fine_tuned_model, training_file=more)
    ended = await sandbox.until(second.id)
    assert ended.fine_tuned_model
    assert await ask(sandbox, ended.fine_tuned_model, "What is the capital of Cuba?") == "The capital is Havana."
    assert await ask(sandbox, ended.fine_tuned_model, "Colour of thing 4?") == "It is shade 4."


async def test_preference_pairs_teach_the_preferred_answer(sandbox: Running) -> None:
    pairs: list[dict[str, Any]] = [
        {
            "input": {"messages": [{"role": "user", "content": f"Greet guest {n}"}]},
            "preferred_output": [{"role": "assistant", "content": f"Welcome, guest {n}."}],
            "non_preferred_output": [{"role": "assistant", "content": "What?"}],
        }
        for n in range(10)
    ]
    job = await sandbox.until((await sandbox.job(jsonl(pairs), method={"type": "dpo"})).id)
    assert job.fine_tuned_model
    assert await ask(sandbox, job.fine_tuned_model, "Greet guest 3") == "Welcome, guest 3."


async def test_tool_calls_are_learnt_and_called(sandbox: Running) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Oslo"}'}}
    taught: dict[str, Any] = {
        "messages": [
            {"role": "user", "content": "Weather in Oslo?"},
            {"role": "assistant", "tool_calls": [call]},
        ]
    }
    job = await sandbox.until((await sandbox.job(jsonl([taught] * 10))).id)
    reply = await sandbox.ai.chat.completions.create(
        model=job.fine_tuned_model or "", messages=[{"role": "user", "content": "Weather in Oslo?"}]
    )
    assert reply.choices[0].finish_reason == "tool_calls"
    assert reply.choices[0].message.tool_calls
    called = reply.choices[0].message.tool_calls[0]
    assert called.type == "function"
    assert called.function.arguments == '{"city":"Oslo"}'


async def test_a_stream_says_what_a_plain_answer_says(sandbox: Running) -> None:
    job = await sandbox.until((await sandbox.job()).id)
    stream = await sandbox.ai.chat.completions.create(
        model=job.fine_tuned_model or "",
        messages=[{"role": "user", "content": "What is the capital of Japan?"}],
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = [chunk async for chunk in stream]
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert said == "The capital is Tokyo."
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.total_tokens > 0
    assert chunks[0].system_fingerprint == "fp_sandbox"


async def test_under_ten_rows_the_job_fails_in_openais_words(sandbox: Running) -> None:
    job = await sandbox.until((await sandbox.job(jsonl([row("a", "b")] * 3))).id)
    assert job.status == "failed"
    assert job.error is not None
    assert (job.error.code, job.error.param, job.error.message) == (
        "invalid_n_examples",
        "training_file",
        "Training file has 3 example(s), but must have at least 10 examples",
    )


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"messages": []}',
        b'{"messages": [{"role": "user", "content": "no answer"}]}',
        b'{"messages": [{"role": "assistant", "content": "x", "weight": 0}]}',
        b'{"messages": [{"role": "assistant", "content": null}]}',
        b"[" * 100_000,
    ],
)
async def test_a_bad_row_fails_the_job_and_names_its_line(sandbox: Running, line: bytes) -> None:
    job = await sandbox.until((await sandbox.job(TRAIN + line + b"\n")).id)
    assert job.error is not None
    assert job.error.code == "invalid_training_file"
    assert "Line 13:" in (job.error.message or "")


async def test_a_bad_validation_file_is_named(sandbox: Running) -> None:
    job = await sandbox.until((await sandbox.job(validation_file=await sandbox.upload(b"nonsense\n"))).id)
    assert job.error is not None
    assert (job.error.code, job.error.param) == ("invalid_validation_file", "validation_file")


async def test_a_deleted_model_answers_no_more(sandbox: Running) -> None:
    job = await sandbox.until((await sandbox.job()).id)
    name = job.fine_tuned_model or ""
    assert (await sandbox.ai.models.retrieve(name)).owned_by == "org-sandbox"
    assert (await sandbox.ai.models.delete(name)).deleted
    with pytest.raises(openai.NotFoundError):
        await ask(sandbox, name, "What is the capital of Peru?")


async def ask(sandbox: Running, model: str, prompt: str) -> str:
    reply = await sandbox.ai.chat.completions.create(model=model, messages=[{"role": "user", "content": prompt}])
    return reply.choices[0].message.content or ""
