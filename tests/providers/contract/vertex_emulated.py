"""Vertex's emulator for the contract suite."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from service.network.address_policy import LOOPBACK
from service.providers.provider import Account, JobSpec
from service.providers.vertex.vertex_order import LABEL
from tests.emulators.faults import Faults
from tests.emulators.vertex import VertexEmulator, emulate
from tests.emulators.vertex.jobs import Job
from tests.emulators.vertex.wire import build_error
from tests.providers.contract.emulated import Emulated, Ending

ROW = {
    "contents": [{"role": "user", "parts": [{"text": "Who won?"}]}, {"role": "model", "parts": [{"text": "sports"}]}]
}
MODEL = "gemini-2.5-flash"
PACE = 0.05
JOBS = "/v1/projects/acme-tunes/locations/us-central1/tuningJobs"
ENDINGS: dict[Ending, dict[str, Any]] = {
    "succeeded": {},
    "failed": {"fault": "Too few examples."},
    "cancelled_then_succeeded": {"stubborn": True},
}
INFO = "type.googleapis.com/google.rpc."


class EmulatedVertex(Emulated):
    calls = {
        "upload": "POST /upload/storage/.*",
        "create": f"POST {JOBS}",
        "read": f"GET {JOBS}/[^/]+",
        "list": f"GET {JOBS}",
    }
    busy = {
        "status": 429,
        "body": build_error(
            429,
            "Quota exceeded for requests per minute.",
            details=[
                {"@type": f"{INFO}ErrorInfo", "reason": "RATE_LIMIT_EXCEEDED", "domain": "googleapis.com"},
                {"@type": f"{INFO}RetryInfo", "retryDelay": "7s"},
            ],
        ),
    }
    unauthorized = {"status": 401, "body": build_error(401, "Request had invalid authentication credentials.")}
    no_quota = {
        "status": 429,
        "body": build_error(
            429,
            "Quota exceeded for concurrent tuning jobs.",
            details=[
                {"@type": f"{INFO}ErrorInfo", "reason": "RATE_LIMIT_EXCEEDED", "metadata": {"quota_limit_value": "0"}}
            ],
        ),
    }
    format = "vertex_gemini"
    content = (json.dumps(ROW).encode() + b"\n") * 12

    def __init__(self, emulator: VertexEmulator) -> None:
        self._emulator = emulator
        self.faults: Faults = emulator.faults
        self.account = Account(
            kind="vertex",
            base_url=emulator.base_url,
            secret=emulator.tokens.write_key(),
            options=emulator.options,
            policy=LOOPBACK,
        )

    def build_order(self, token: str, training_file: str) -> JobSpec:
        return JobSpec(base_model=MODEL, training_file=training_file, token=token)

    def set_ending(self, ending: Ending) -> None:
        self._emulator.jobs.settings = dict(ENDINGS[ending])

    def set_status(self, job_id: str, raw_status: str | None) -> None:
        self._emulator.jobs.stored[job_id].odd_state = raw_status

    def advance(self, seconds: float) -> None:
        """It runs by the clock."""

    def count_jobs(self, token: str) -> int:
        return sum(job.body.get("labels") == {LABEL: token} for job in self._emulator.jobs.stored.values())

    def add_jobs(self, count: int) -> None:
        jobs = self._emulator.jobs
        for number in range(count):
            job = Job(
                id=f"8{number:09d}",
                body={},
                clock=jobs.clock,
                pace=PACE,
                created_at=jobs.clock.now(),
                base_model=MODEL,
            )
            jobs.stored[job.id] = job

    def make_endless(self) -> None:
        self._emulator.jobs.endless = True

    def delay_lists(self, seconds: float) -> None:
        self._emulator.jobs.list_lag = seconds


@asynccontextmanager
async def emulate_vertex() -> AsyncIterator[Emulated]:
    async with emulate(pace=PACE) as emulator:
        yield EmulatedVertex(emulator)
