"""Together's emulator for the contract suite."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from service.network.address_policy import LOOPBACK
from service.providers.provider import Account, JobSpec
from service.providers.together.together_order import shorten_token
from tests.emulators.faults import Faults
from tests.emulators.together import TogetherEmulator, emulate
from tests.emulators.together.jobs import Job
from tests.emulators.together.server import SECRET
from tests.providers.contract.emulated import Emulated, Ending

ROW = {"messages": [{"role": "user", "content": "Who won?"}, {"role": "assistant", "content": "sports"}]}
MODEL = "Qwen/Qwen3-8B"
PACE = 0.05
ENDINGS: dict[Ending, dict[str, Any]] = {
    "succeeded": {},
    "failed": {"outcome": "user_error"},
    "cancelled_then_succeeded": {"stubborn": True},
}


class EmulatedTogether(Emulated):
    calls = {
        "upload": "POST /v1/files/[^/]+/preprocess",
        "create": "POST /v1/fine-tunes",
        "read": "GET /v1/fine-tunes/[^/]+",
        "list": "GET /v1/fine-tunes",
    }
    busy = {
        "status": 429,
        "body": {"error": {"message": "Slow down.", "type": "rate_limit", "param": None, "code": "rate_limit"}},
        "headers": {"Retry-After": "7"},
    }
    unauthorized = {"status": 401, "body": {"error": {"message": "Wrong key.", "code": "invalid_api_key"}}}
    no_quota = {"status": 402, "body": {"error": {"message": "Pay first.", "type": "credit_limit", "code": None}}}
    format = "openai_chat"
    content = (json.dumps(ROW).encode() + b"\n") * 12

    def __init__(self, emulator: TogetherEmulator) -> None:
        self._emulator = emulator
        self.faults: Faults = emulator.faults
        self.account = Account(kind="together", base_url=emulator.base_url, secret=SECRET, policy=LOOPBACK)

    def build_order(self, token: str, training_file: str) -> JobSpec:
        return JobSpec(base_model=MODEL, training_file=training_file, token=token)

    def set_ending(self, ending: Ending) -> None:
        self._emulator.jobs.settings = dict(ENDINGS[ending])

    def set_status(self, job_id: str, raw_status: str | None) -> None:
        self._emulator.jobs.stored[job_id].odd_status = raw_status

    def advance(self, seconds: float) -> None:
        """It runs by the clock."""

    def count_jobs(self, token: str) -> int:
        return sum(shorten_token(token) in str(body.get("suffix")) for body in self._list_bodies())

    def add_jobs(self, count: int) -> None:
        first = next(iter(self._emulator.jobs.stored.values()))
        now = first.clock.now()
        known: dict[str, Any] = {"training": first.training, "validation": None, "clock": first.clock}
        for number in range(count):
            job = Job(id=f"ft-other-{number:06d}", body={}, model=MODEL, pace=PACE, created_at=now, **known)
            self._emulator.jobs.stored[job.id] = job

    def make_endless(self) -> None:
        self._emulator.jobs.endless = True

    def delay_lists(self, seconds: float) -> None:
        self._emulator.jobs.list_lag = seconds

    def _list_bodies(self) -> list[dict[str, Any]]:
        return [job.body for job in self._emulator.jobs.stored.values()]


@asynccontextmanager
async def emulate_together() -> AsyncIterator[Emulated]:
    async with emulate(pace=PACE) as emulator:
        yield EmulatedTogether(emulator)
