"""The adapter and the sandbox, over HTTP: a job's whole life, and each kind of trouble."""

import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from service.providers import catalog
from service.providers.abilities import Lookup, Provider
from service.providers.provider import (
    FINISHED,
    Capabilities,
    JobSpec,
    Refused,
    RemoteJob,
    Unreachable,
)
from tests.providers.conftest import Look, look, write_training_file

MODEL = "gpt-4o-mini-2024-07-18"
JOBS = "/v1/fine_tuning/jobs"
Connect = Callable[..., Provider]


class Sandbox:
    def __init__(self, address: str) -> None:
        self.address = address
        self.base_url = f"{address}/v1"
        self.http = httpx.AsyncClient(base_url=address)

    async def meets(self, kind: str, **fault: Any) -> None:
        (await self.http.post("/sandbox/faults", json={"kind": kind} | fault)).raise_for_status()

    async def jobs_bearing(self, token: str) -> int:
        query = {"metadata[tuneledger_job_id]": token}
        listed = await self.http.get(JOBS, params=query, headers={"api-key": "any"})
        return len(listed.json()["data"])


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    directory = tmp_path_factory.mktemp("sandbox")
    command = ["-m", "service.sandbox", "--port", "0", "--directory", str(directory), "--pace", "0.05"]
    root = Path(__file__).parents[2]
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE, cwd=root)
    assert process.stdout
    line = await asyncio.wait_for(process.stdout.readline(), 30)
    sandbox = Sandbox(line.decode().split()[-1])
    yield sandbox
    await sandbox.http.aclose()
    with suppress(ProcessLookupError):
        process.terminate()
    await process.wait()


@pytest.fixture
async def sandbox(server: Sandbox) -> AsyncIterator[Sandbox]:
    yield server
    await server.http.delete("/sandbox/faults")


@pytest.fixture
def provider(sandbox: Sandbox, provider_at: Connect) -> Provider:
    return provider_at(sandbox.base_url, kind="sandbox")


def rows(count: int) -> bytes:
    lines = []
    for number in range(count):
        messages = [
            {"role": "user", "content": f"Which category is headline number {number} about the match?"},
            {"role": "assistant", "content": "sports"},
        ]
        lines.append(json.dumps({"messages": messages}).encode() + b"\n")
    return b"".join(lines)


async def order(provider: Provider, token: str, *, count: int = 24, **settings: Any) -> JobSpec:
    with tempfile.TemporaryDirectory() as directory:
        training_file = await provider.upload(write_training_file(Path(directory), rows(count)))
    settings = {"hyperparameters": {"n_epochs": 3}} | settings
    return JobSpec(base_model=MODEL, training_file=training_file, token=token, **settings)


async def until(provider: Provider, job: RemoteJob, *states: str) -> Look:
    async with asyncio.timeout(60):
        while True:
            seen = await look(provider, job.id)
            if seen.job.state in states:
                return seen
            await asyncio.sleep(0.05)


async def test_the_account_is_checked_and_lists_every_model_of_the_catalogue(provider: Provider) -> None:
    seen = (await provider.check()).models
    assert {model.id for model in catalog.list_base_models() if model.kind == "sandbox"} <= set(seen)
    assert MODEL in await provider.base_models()


async def test_a_job_lives_from_upload_to_a_model_that_answers(provider: Provider) -> None:
    job = await provider.submit(await order(provider, "token-life", suffix="news", seed=7))
    assert (job.state, job.raw_status, job.base_model) == ("validating", "validating_files", MODEL)
    end = await until(provider, job, *FINISHED)
    assert (end.job.state, end.job.error) == ("succeeded", None)
    assert end.job.model
    assert end.job.model.startswith(f"ft:{MODEL}:")
    assert end.job.trained_tokens
    assert end.job.finished_at
    assert "Created fine-tuning job" in end.news.events[0].message
    assert "successfully completed" in end.news.events[-1].message
    losses = [point.train_loss for point in end.news.metrics if point.train_loss is not None]
    assert losses[-1] < losses[0]
    assert [point.step for point in end.news.metrics] == sorted({point.step for point in end.news.metrics})
    assert 0 < len(end.news.checkpoints) <= 3
    assert end.news.checkpoints[-1].metrics.train_loss is not None
    question = [{"role": "user", "content": "Which category is headline number 3 about the match?"}]
    answer = await provider.complete(end.job.model, question, max_tokens=10, temperature=0)
    assert answer.text == "sports"
    assert answer.input_tokens
    assert answer.output_tokens
    assert (await provider.complete(MODEL, question)).text != "sports"


async def test_the_result_file_alone_gives_the_points_of_the_events(provider_at: Connect, sandbox: Sandbox) -> None:
    provider = provider_at(sandbox.base_url)
    job = await provider.submit(await order(provider, "token-file"))
    full = await until(provider, job, "succeeded")
    silent = provider_at(sandbox.base_url, capabilities=Capabilities(events=False, checkpoints=False))
    bare = (await look(silent, job.id)).news
    assert bare.metrics == full.news.metrics
    assert (bare.events, bare.checkpoints) == ((), ())


async def test_asking_after_an_event_gives_only_what_came_since(provider: Provider) -> None:
    # Over 100 events, so that they come in more than one page.
    settings = {"n_epochs": 5, "batch_size": 1}
    job = await provider.submit(await order(provider, "token-news", hyperparameters=settings))
    end = await until(provider, job, "succeeded")
    ids = [event.id for event in end.news.events]
    assert len(ids) == len(set(ids)) > 100
    cursor = msgspec.json.encode({"event": ids[3]}).decode()
    since = (await look(provider, job.id, cursor=cursor)).news
    assert [event.id for event in since.events] == ids[4:]
    assert (await look(provider, job.id, cursor=since.cursor)).news.events == ()


async def test_too_few_rows_fail_the_job_in_the_providers_words(provider: Provider) -> None:
    job = await provider.submit(await order(provider, "token-few", count=3))
    end = (await until(provider, job, *FINISHED)).job
    assert end.state == "failed"
    assert end.error
    assert (end.error.code, end.error.param) == ("invalid_n_examples", "training_file")
    assert "3 example(s)" in end.error.message


async def test_a_job_is_found_after_a_dropped_reply_and_there_is_one(provider: Provider, sandbox: Sandbox) -> None:
    asked = await order(provider, "token-dropped")
    assert await provider.find(asked.token) == Lookup()
    await sandbox.meets("drop_reply", method="POST", path=JOBS)
    with pytest.raises(Unreachable):
        await provider.submit(asked)
    [found] = (await provider.find(asked.token)).jobs
    assert found.base_model == MODEL
    assert await sandbox.jobs_bearing(asked.token) == 1


async def test_without_the_filter_a_job_is_found_on_a_later_page(provider_at: Connect, sandbox: Sandbox) -> None:
    provider = provider_at(sandbox.base_url, capabilities=Capabilities(metadata_filter=False))
    asked = await order(provider, "token-old")
    first = await provider.submit(asked)
    for number in range(101):
        await provider.submit(msgspec.structs.replace(asked, token=f"later-{number}"))
    [found] = (await provider.find("token-old")).jobs
    assert found.id == first.id


async def test_a_cancelled_job_ends(provider: Provider) -> None:
    job = await provider.submit(await order(provider, "token-stop", hyperparameters={"n_epochs": 50}))
    await provider.cancel(job.id)
    assert (await until(provider, job, *FINISHED)).job.state == "cancelled"


async def test_a_cancelled_job_may_still_succeed(provider: Provider, sandbox: Sandbox) -> None:
    await sandbox.meets("cancel_then_succeed")
    job = await provider.submit(await order(provider, "token-stubborn"))
    await until(provider, job, "running")
    assert (await provider.cancel(job.id)).state not in FINISHED
    assert (await until(provider, job, *FINISHED)).job.state == "succeeded"


async def test_a_rate_limit_says_how_long_to_wait(provider: Provider, sandbox: Sandbox) -> None:
    await sandbox.meets("rate_limited", retry_after=2.5)
    with pytest.raises(Unreachable) as waiting:
        await provider.check()
    assert (waiting.value.retry_after, waiting.value.provider_code) == (2.5, "rate_limit_exceeded")
    await provider.check()


async def test_a_server_error_passes(provider: Provider, sandbox: Sandbox) -> None:
    await sandbox.meets("server_error", status=503)
    with pytest.raises(Unreachable):
        await provider.check()


@pytest.mark.parametrize("kind", ["training_not_available", "insufficient_quota"])
async def test_what_waiting_cannot_mend_is_refused(provider: Provider, sandbox: Sandbox, kind: str) -> None:
    asked = await order(provider, f"token-{kind}")
    await sandbox.meets(kind, method="POST", path=JOBS)
    with pytest.raises(Refused) as refused:
        await provider.submit(asked)
    assert refused.value.provider_code == kind
    assert await sandbox.jobs_bearing(asked.token) == 0


async def test_a_status_nobody_knows_is_running(provider: Provider, sandbox: Sandbox) -> None:
    job = await provider.submit(await order(provider, "token-odd"))
    await sandbox.meets("unknown_status")
    odd = await provider.job(job.id)
    assert (odd.state, odd.raw_status) == ("running", "rebalancing")
    assert (await until(provider, job, *FINISHED)).job.state == "succeeded"


async def test_a_slow_answer_is_given_up_and_what_it_made_is_found(provider_at: Connect, sandbox: Sandbox) -> None:
    hasty = provider_at(sandbox.base_url, timeout_seconds=0.5)
    asked = await order(hasty, "token-slow")
    await sandbox.meets("slow", seconds=1.5, method="POST", path=JOBS)
    with pytest.raises(Unreachable, match="did not respond"):
        await hasty.submit(asked)
    # Whether a server works on after its client has left is its own affair; asking tells, and there is never a second.
    await asyncio.sleep(2)
    assert await sandbox.jobs_bearing(asked.token) == len((await hasty.find(asked.token)).jobs)


async def test_a_deleted_file_is_gone_for_new_jobs(provider: Provider) -> None:
    asked = await order(provider, "token-nofile")
    await provider.delete_file(asked.training_file)
    await provider.delete_file(asked.training_file)
    with pytest.raises(Refused, match=asked.training_file):
        await provider.submit(asked)
