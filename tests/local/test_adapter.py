"""The adapter for this machine with the real trainer: one training whatever is killed, and answers from it."""

import asyncio
import hashlib
import os
import shutil
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from service.database.engine import new_id
from service.errors import ProviderRefused, ProviderUnavailable
from service.providers.adapters import connect
from service.providers.local.job_folder import JobFolder
from service.providers.local.local_adapter import LocalProvider
from service.providers.local.local_machine import Machine
from service.providers.local.served_models import find_address
from service.providers.local.trainer.folder_lock import find_holder
from service.providers.provider import FINISHED, Account, RemoteJob
from tests.local.job_orders import SETTINGS, order
from tests.local.tiny_model import build_rows
from tests.local.trainer_process import train, write_job

QUESTION = build_rows(1)[0]["messages"][:2]


@pytest.fixture
def machine(tmp_path: Path, tiny_base: Path) -> Machine:
    machine = Machine(label="here", folder=tmp_path / "machine", room=str(new_id()))
    machine.models.mkdir(parents=True)
    shutil.copytree(tiny_base, machine.models / "tiny")
    return machine


@pytest.fixture
async def provider(machine: Machine) -> AsyncIterator[LocalProvider]:
    opened = open_provider(machine)
    yield opened
    await opened.aclose()
    for folder in machine.servers.glob("*"):
        if pid := find_holder(folder):
            os.kill(pid, signal.SIGTERM)


def open_provider(machine: Machine, options: dict[str, str] | None = None) -> LocalProvider:
    chosen = {"device": "cpu"} | (options or {})
    account = Account(kind="local", base_url="", secret="", machine=machine, options=chosen, timeout_seconds=120)
    opened = connect(account)
    assert isinstance(opened, LocalProvider)
    return opened


def kill_process(pid: int) -> None:
    """Kill it, and wait until it is gone."""
    process = psutil.Process(pid)
    process.kill()
    process.wait(timeout=30)


async def follow(provider: LocalProvider, job_id: str, *, until_step: int | None = None) -> RemoteJob:
    for _ in range(1200):
        job = await provider.job(job_id)
        if job.state in FINISHED or (until_step and (job.steps_done or 0) >= until_step):
            return job
        await asyncio.sleep(0.1)
    raise AssertionError(job)


async def test_one_training_whatever_is_killed(
    provider: LocalProvider, machine: Machine, tmp_path: Path, tiny_base: Path
) -> None:
    wanted = await order(provider, tmp_path)
    first = await provider.submit(wanted)
    again = await open_provider(machine).submit(wanted)  # as after a worker died between the create and its record
    assert first.id == again.id == wanted.token
    assert (await provider.find(wanted.token)).jobs[0].id == first.id

    await follow(provider, first.id, until_step=7)
    folder = JobFolder(machine.jobs / first.id)
    pid = find_holder(folder.path)
    assert pid
    os.kill(pid, signal.SIGKILL)
    job = await follow(provider, first.id)

    assert (job.state, job.steps_done, job.steps_total) == ("succeeded", 20, 20)
    assert job.model
    assert job.model.startswith("tiny:tuned:")
    assert job.trained_tokens
    trainer = folder.read_trainer()
    assert trainer.done
    assert trainer.last
    assert trainer.last.attempt == 2
    write_job(tmp_path / "straight", tiny_base)
    straight = (await asyncio.to_thread(train, tmp_path / "straight"))[1][-1]
    assert straight.sha256 == trainer.done.sha256  # type: ignore[union-attr]
    while list(machine.queue.iterdir()):  # it ends a moment after it has told so
        await provider.states([job.id])
        await asyncio.sleep(0.1)

    assert [path.name for path in folder.path.glob("*.jsonl")] == ["events.jsonl"]  # the rows are gone
    await expect_curves(provider, job)
    await expect_weights(provider, job, trainer.done.sha256)
    await expect_answers_after_a_kill(provider, machine, job.model)


async def expect_curves(provider: LocalProvider, job: RemoteJob) -> None:
    news = await provider.news(job, cursor=None)
    assert [point.step for point in news.metrics][:3] == [0, 1, 2]
    assert news.metrics[0].full_valid_loss
    assert {"step-5", "step-10", "step-15"} <= {checkpoint.id for checkpoint in news.checkpoints}
    assert "Training on the CPU" in news.events[0].message
    assert (await provider.news(job, cursor=news.cursor)).metrics == ()


async def expect_weights(provider: LocalProvider, job: RemoteJob, sha256: str | None) -> None:
    files = await provider.weights(job.id)
    weights = next(file for file in files if file.name == "model.safetensors")
    content = b"".join([piece async for piece in provider.read_weights(weights)])
    assert hashlib.sha256(content).hexdigest() == weights.digest == sha256
    assert {"model.safetensors", "config.json"} <= {
        f.name for f in await provider.weights(job.id, checkpoint="step-15")
    }


async def expect_answers_after_a_kill(provider: LocalProvider, machine: Machine, model: str) -> None:
    answer = await provider.complete(model, QUESTION, max_tokens=24, temperature=0)
    assert answer.text
    assert answer.output_tokens
    served = next(machine.servers.iterdir())
    pid = find_holder(served)
    assert pid
    await asyncio.to_thread(kill_process, pid)  # the next request starts it again
    chunks = [chunk async for chunk in provider.stream(model, QUESTION, options={"max_tokens": 8, "temperature": 0})]
    assert "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks if chunk["choices"])
    assert find_address(served)
    with pytest.raises(ProviderRefused, match="no base model nobody"):
        await provider.complete("nobody", QUESTION)


async def test_slots_pause_and_cancel(provider: LocalProvider, tmp_path: Path) -> None:
    slow = {**SETTINGS, "max_steps": 400, "checkpoint_steps": 50}
    first = await provider.submit(await order(provider, tmp_path, hyperparameters=slow))
    second = await provider.submit(await order(provider, tmp_path))
    assert (second.state, second.raw_status) == ("queued", "waiting for a slot")
    await follow(provider, first.id, until_step=3)
    assert set(await provider.states([first.id, second.id])) == {first.id, second.id}

    await provider.pause(first.id)
    paused = await provider.job(first.id)
    while paused.state != "paused":
        paused = await provider.job(first.id)
        await asyncio.sleep(0.1)
    assert paused.steps_done
    await follow(provider, second.id)  # its slot is free now
    await provider.resume(first.id)
    await follow(provider, first.id, until_step=paused.steps_done + 2)
    assert (await provider.cancel(first.id)).raw_status in ("stopping", "cancelled")
    assert (await follow(provider, first.id)).state == "cancelled"


async def test_what_cannot_be_trained_is_refused_with_a_sentence(
    provider: LocalProvider, machine: Machine, tmp_path: Path
) -> None:
    with pytest.raises(ProviderRefused, match=r"There is no base model /etc/passwd on this machine\. It has: tiny"):
        await provider.submit(await order(provider, tmp_path, base_model="/etc/passwd"))
    with pytest.raises(ProviderRefused, match="lora_rank"):
        await provider.submit(await order(provider, tmp_path, hyperparameters={"lora_rank": 0}))
    with pytest.raises(ProviderUnavailable, match="for the machine gpu-box"):
        open_provider(machine, {"machine": "gpu-box"})
    with pytest.raises(ProviderRefused, match="TUNELEDGER_LOCAL_DIRECTORY"):
        connect(Account(kind="local", base_url="", secret=""))


async def test_a_trainer_that_dies_again_and_again_is_given_up(
    provider: LocalProvider, machine: Machine, tmp_path: Path
) -> None:
    job = await provider.submit(await order(provider, tmp_path))
    folder = JobFolder(machine.jobs / job.id)
    for _ in range(400):
        job = await provider.job(job.id)
        if job.state == "failed":
            break
        if pid := find_holder(folder.path):
            os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(0.1)
    assert job.error
    assert job.error.code == "killed"
    assert "was killed 3 times without coming further than step 0" in job.error.message
