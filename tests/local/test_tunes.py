"""Tunes on this machine through the API: worker and trainer killed, there is one training, and its weights are ours."""

import asyncio
import os
import shutil
import signal
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.providers.local.job_folder import JobFolder
from service.providers.local.trainer.folder_lock import find_holder
from tests.tunes.conftest import ENDED, Desk, desk, ok, worker_process

__all__ = ["desk"]  # the fixture

HYPERPARAMETERS = {"tuned": "full", "learning_rate": 0.003, "max_length": 128, "max_steps": 60, "checkpoint_steps": 10}


@pytest.fixture
def folder(tmp_path: Path, tiny_base: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The operator's folder, with one base model."""
    (tmp_path / "models").mkdir()
    shutil.copytree(tiny_base, tmp_path / "models/tiny")
    monkeypatch.setenv("TUNELEDGER_LOCAL_DIRECTORY", str(tmp_path))
    return tmp_path


async def request_tune(desk: Desk) -> dict[str, Any]:
    options = {"device": "cpu", "cpu_hour": "3600"}
    made = {"name": "this machine", "kind": "local", "options": options}
    connection = await ok(await desk.api.post("/v1/connections", json=made))
    assert connection["options"]["machine"]
    target = {"connection_id": connection["id"], "base_model": "tiny", "hyperparameters": HYPERPARAMETERS}
    body: dict[str, Any] = {**await desk.frozen(), "targets": [target], "model": "things", "seed": 7, "force": True}
    tune: dict[str, Any] = (await ok(await desk.api.post("/v1/tunes", json=body)))["tunes"][0]
    return tune


async def wait_for_step(folder: Path, tune_id: str, step: int) -> JobFolder:
    async with asyncio.timeout(240):
        while True:
            for path in (folder / "jobs").glob(f"*/{tune_id}"):
                if JobFolder(path).read_trainer().step >= step:
                    return JobFolder(path)
            await asyncio.sleep(0.05)


async def wait_for_end(desk: Desk, tune_id: str) -> dict[str, Any]:
    async with asyncio.timeout(240):
        while True:
            tune = await desk.tune(tune_id)
            if tune["state"] in ENDED:
                return tune
            await asyncio.sleep(0.2)


def read_environment(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


async def test_worker_and_trainer_are_killed_and_there_is_one_training(
    desk: Desk, folder: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, api: httpx.AsyncClient
) -> None:
    asked = await request_tune(desk)
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TUNELEDGER_MACHINE", "another-one")
        async with worker_process(database_url):
            await asyncio.sleep(2)
            assert (await desk.tune(asked["id"]))["state"] == "pending"  # it is looked after on its own machine

    async with worker_process(database_url) as worker:
        job = await wait_for_step(folder, asked["id"], 3)
        worker.kill()
        await worker.wait()
    pid = find_holder(job.path)
    assert pid  # it outlives its worker
    assert b"DATABASE_URL" not in read_environment(pid)
    assert b"TUNELEDGER" not in read_environment(pid)
    await wait_for_step(folder, asked["id"], 12)
    os.kill(pid, signal.SIGKILL)

    async with worker_process(database_url):
        tune = await wait_for_end(desk, asked["id"])
        assert (tune["state"], tune["error"]) == ("succeeded", None)
        operation = await ok(await api.post(f"/v1/tunes/{asked['id']}/weights", json={}))
        while operation["state"] not in ("succeeded", "failed"):
            operation = await ok(await api.get(f"/v1/operations/{operation['id']}?wait=1"))
    assert operation["state"] == "succeeded"
    trainer = job.read_trainer()
    assert trainer.done
    assert trainer.last
    assert trainer.last.attempt == 2
    assert len(list((folder / "jobs").glob("*/*"))) == 1
    recorded = await desk.recorded(asked["id"])
    assert (recorded.count("TuneSubmitted"), recorded[-1]) == (1, "TuneSucceeded")
    assert float(tune["cost"]["amount"]) == pytest.approx(trainer.last.cpu_s, rel=0.01)

    artifacts = await ok(await api.get(f"/v1/tunes/{asked['id']}/weights"))
    by_name = {each["name"]: each for each in artifacts["data"]}
    weights = next(each for name, each in by_name.items() if name.endswith("model.safetensors"))
    assert weights["digest"] == trainer.done.sha256
    points = await desk.listed(asked["id"], "metrics")
    assert [point["step"] for point in points] == list(range(61))
    assert points[-1]["full_valid_loss"] < points[0]["full_valid_loss"]


async def test_a_cancel_stops_the_training(desk: Desk, folder: Path, database_url: str) -> None:
    asked = await request_tune(desk)
    async with worker_process(database_url):
        job = await wait_for_step(folder, asked["id"], 2)
        await ok(await desk.api.post(f"/v1/tunes/{asked['id']}/cancel", json={"reason": "Enough."}))
        tune = await wait_for_end(desk, asked["id"])
    assert tune["state"] in ("cancelled", "succeeded")
    assert find_holder(job.path) is None
