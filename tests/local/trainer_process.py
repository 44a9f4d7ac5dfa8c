"""Starts the real trainer for a test."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from service.providers.local.job import (
    EVENTS_FILE,
    JOB_FILE,
    Failed,
    Hyperparameters,
    Job,
    Rows,
    Stepped,
    TrainerEvent,
    encode_job,
    read_events,
)
from tests.local.tiny_model import build_pairs, build_rows, write_rows

COMMAND = (sys.executable, "-I", "-m", "service.providers.local.trainer")
FAST = Hyperparameters(tuned="full", learning_rate=3e-3, batch_size=8, max_length=128, checkpoint_steps=5, max_steps=20)


def write_job(folder: Path, base: Path, **changes: Any) -> Job:
    """Write a job of 20 steps that takes some seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    pairs = changes.get("method", "supervised") != "supervised"
    write_rows(folder / "train.jsonl", build_pairs(64) if pairs else build_rows(160))
    write_rows(folder / "validation.jsonl", build_pairs(8) if pairs else build_rows(16, seed=1))
    job = Job(base=str(base), train=Rows(path="train.jsonl"), validation=Rows(path="validation.jsonl"), device="cpu")
    fast = msgspec.structs.replace(FAST, **changes.pop("hyperparameters", {}))
    job = msgspec.structs.replace(job, **{"hyperparameters": fast, **changes})
    (folder / JOB_FILE).write_bytes(encode_job(job))
    return job


def start(folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "trainer.log").open("ab") as log:
        return subprocess.Popen((*COMMAND, str(folder)), stdout=subprocess.DEVNULL, stderr=log, cwd=folder)


def train(folder: Path) -> tuple[int, list[TrainerEvent]]:
    """Train to the end. Returns the exit status and the events of all attempts."""
    status = start(folder).wait(timeout=300)
    return status, load_events(folder)


def load_events(folder: Path) -> list[TrainerEvent]:
    path = folder / EVENTS_FILE
    return list(read_events(path.read_bytes())) if path.exists() else []


def wait_for_step(folder: Path, step: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until a step was reported."""
    while process.poll() is None:
        if any(isinstance(event, Stepped) and event.step >= step for event in load_events(folder)):
            return
        time.sleep(0.02)
    raise AssertionError((folder / "trainer.log").read_text()[-2000:])


def kill(process: subprocess.Popen[bytes]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait(timeout=30)


def get_failure(events: Sequence[TrainerEvent]) -> Failed:
    assert isinstance(events[-1], Failed), events[-1:]
    return events[-1]
