"""Tunes on a Ray cluster: one training whatever is killed, and the same weights as undisturbed."""

import asyncio
import hashlib
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.database.engine import new_id
from service.errors import ProviderUnavailable
from service.network.address_policy import LOOPBACK
from service.providers.adapters import connect
from service.providers.local.job_folder import JobFolder
from service.providers.local.local_machine import Machine
from service.providers.local.trainer.folder_lock import find_holder
from service.providers.provider import FINISHED, Account, RemoteJob
from service.providers.ray.ray_adapter import RayProvider
from tests.local.job_orders import SETTINGS, order
from tests.local.tiny_model import build_rows
from tests.local.trainer_process import train, write_job
from tests.ray.ray_head import RayHead

QUESTION = build_rows(1)[0]["messages"][:2]


@pytest.fixture
def machine(tmp_path: Path, tiny_base: Path) -> Machine:
    machine = Machine(label="here", folder=tmp_path / "shared", room=str(new_id()))
    machine.models.mkdir(parents=True)
    shutil.copytree(tiny_base, machine.models / "tiny")
    return machine


@pytest.fixture
async def provider(machine: Machine, head: RayHead) -> AsyncIterator[RayProvider]:
    opened = open_provider(machine, head)
    yield opened
    await opened.aclose()
    for folder in machine.servers.glob("*"):
        if pid := find_holder(folder):
            os.kill(pid, signal.SIGTERM)


def open_provider(machine: Machine, head: RayHead, **options: str) -> RayProvider:
    chosen = {"device": "cpu", "python": sys.executable, **options}
    account = Account(
        kind="ray", base_url=head.url, secret="", machine=machine, options=chosen, timeout_seconds=120, policy=LOOPBACK
    )
    opened = connect(account)
    assert isinstance(opened, RayProvider)
    return opened


async def follow(provider: RayProvider, job_id: str, *states: str, step: int | None = None) -> RemoteJob:
    """The job at its end, in one of these states, or after this step; a cluster that is away is waited for."""
    async with asyncio.timeout(600):
        while True:
            try:
                job = (await provider.states([job_id]))[job_id]
            except ProviderUnavailable:
                await asyncio.sleep(0.5)
                continue
            if job.state in (*FINISHED, *states) or (step and (job.steps_done or 0) >= step):
                return job
            await asyncio.sleep(0.2)


def read_environment(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


async def count_submissions(head: RayHead, provider: RayProvider, token: str) -> int:
    return len([name for name in await provider._cluster.list() if token in name])


async def test_one_training_whatever_is_killed(
    provider: RayProvider, machine: Machine, head: RayHead, tmp_path: Path, tiny_base: Path
) -> None:
    assert (await provider.check()).models == ("tiny",)
    wanted = await order(provider, tmp_path)
    other = open_provider(machine, head)  # of another process
    first, second = await asyncio.gather(provider.submit(wanted), other.submit(wanted))
    await other.aclose()
    assert first.id == second.id == wanted.token
    assert (await provider.find(wanted.token)).jobs[0].id == first.id
    folder = JobFolder(machine.jobs / first.id)

    await follow(provider, first.id, step=2)
    assert await count_submissions(head, provider, first.id) == 1
    pid = find_holder(folder.path)
    assert pid
    assert b"DATABASE_URL" not in read_environment(pid)
    os.kill(pid, signal.SIGKILL)
    await follow(provider, first.id, step=8)
    head.kill()
    head.start()
    job = await follow(provider, first.id)

    assert (job.state, job.steps_done, job.error) == ("succeeded", 20, None)
    trainer = folder.read_trainer()
    assert trainer.done
    assert trainer.last
    assert trainer.last.attempt == 3
    write_job(tmp_path / "straight", tiny_base)
    straight = (await asyncio.to_thread(train, tmp_path / "straight"))[1][-1]
    assert straight.sha256 == trainer.done.sha256  # type: ignore[union-attr]
    await provider.job(job.id)
    assert [path.name for path in folder.path.glob("*.jsonl")] == ["events.jsonl"]  # the rows are gone

    news = await provider.news(job, cursor=None)
    assert [point.step for point in news.metrics] == list(range(21))
    assert {"step-5", "step-10", "step-15", "step-20"} <= {checkpoint.id for checkpoint in news.checkpoints}
    weights = next(file for file in await provider.weights(job.id) if file.name == "model.safetensors")
    content = b"".join([piece async for piece in provider.read_weights(weights)])
    assert hashlib.sha256(content).hexdigest() == trainer.done.sha256
    assert job.model
    assert (await provider.complete(job.model, QUESTION, max_tokens=24, temperature=0)).text


async def test_pause_resume_and_cancel(provider: RayProvider, machine: Machine, head: RayHead, tmp_path: Path) -> None:
    # As on a cluster that has the shared folder at another place.
    (tmp_path / "elsewhere").symlink_to(machine.folder)
    there = open_provider(machine, head, folder=str(tmp_path / "elsewhere"), cpus="2")
    long = {**SETTINGS, "max_steps": 20_000, "checkpoint_steps": 10_000}
    job = await there.submit(await order(there, tmp_path, hyperparameters=long))
    waiting = await provider.submit(await order(provider, tmp_path))
    await follow(there, job.id, step=3)
    assert (await provider.job(waiting.id)).state == "queued"  # all CPUs are taken
    assert (await follow(provider, (await provider.cancel(waiting.id)).id)).state == "cancelled"

    await there.pause(job.id)
    paused = await follow(there, job.id, "paused")
    assert paused.steps_done
    assert JobFolder(machine.jobs / job.id).find_checkpoint(paused.steps_done)
    await there.resume(job.id)
    await follow(there, job.id, step=paused.steps_done + 2)
    await there.cancel(job.id)
    assert (await follow(there, job.id)).state == "cancelled"
    await there.aclose()


async def test_what_cannot_be_run_ends_with_its_last_words(
    provider: RayProvider, machine: Machine, head: RayHead, tmp_path: Path
) -> None:
    elsewhere = open_provider(machine, head, python="/usr/bin/no-such-python")
    job = await follow(elsewhere, (await elsewhere.submit(await order(elsewhere, tmp_path))).id)
    assert job.error
    assert job.error.code == "killed"
    assert "no-such-python" in job.error.message
    small = open_provider(machine, head, memory_gb="0.3")
    job = await follow(small, (await small.submit(await order(small, tmp_path))).id)
    assert job.error
    assert job.error.code == "out_of_memory"
    assert "of 0.3 GB" in job.error.message
    for opened in (elsewhere, small):
        await opened.aclose()
