"""OpenAI's emulator for the contract suite."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from service.network.address_policy import LOOPBACK
from service.providers.provider import Account, JobSpec
from tests.emulators.faults import Faults
from tests.emulators.openai import OpenAIEmulator, emulate
from tests.emulators.openai.server import JOBS, SECRET
from tests.providers.contract.emulated import Emulated, Ending

ROW = {"messages": [{"role": "user", "content": "Who won?"}, {"role": "assistant", "content": "sports"}]}


class EmulatedOpenAI(Emulated):
    calls = {
        "upload": "POST /v1/files",
        "create": f"POST {JOBS}",
        "read": f"GET {JOBS}/[^/]+",
        "list": f"GET {JOBS}",
    }
    busy = {
        "status": 429,
        "body": {"error": {"message": "Slow down.", "code": "rate_limit_exceeded"}},
        "headers": {"Retry-After": "7"},
    }
    unauthorized = {"status": 401, "body": {"error": {"message": "Wrong key.", "code": "invalid_api_key"}}}
    no_quota = {"status": 429, "body": {"error": {"message": "Pay first.", "code": "insufficient_quota"}}}
    format = "openai_chat"
    content = (json.dumps(ROW).encode() + b"\n") * 12

    def __init__(self, emulator: OpenAIEmulator) -> None:
        self._emulator = emulator
        self.faults: Faults = emulator.faults
        self.account = Account(kind="openai", base_url=emulator.base_url, secret=SECRET, policy=LOOPBACK)

    def build_order(self, token: str, training_file: str) -> JobSpec:
        return JobSpec(base_model="gpt-emulated", training_file=training_file, token=token)

    def set_ending(self, ending: Ending) -> None:
        add_job = self._emulator.add_job
        settings: dict[str, Any] = {}
        if ending == "failed":
            error = {"message": "Bad rows.", "code": "invalid_rows", "param": None}
            settings = {"end": "failed", "error": error}
        elif ending == "cancelled_then_succeeded":
            settings = {"end": "succeeded_though_cancelled"}
        self._emulator.add_job = lambda body, **given: add_job(body, **settings | given)  # type: ignore[method-assign]

    def set_status(self, job_id: str, raw_status: str | None) -> None:
        self._emulator.jobs[job_id].status = raw_status

    def advance(self, seconds: float) -> None:
        self._emulator.clock.advance(seconds)

    def count_jobs(self, token: str) -> int:
        return len(self._emulator.jobs_with(token))

    def add_jobs(self, count: int) -> None:
        for _ in range(count):
            self._emulator.add_job({"model": "gpt-emulated"})

    def make_endless(self) -> None:
        self._emulator.endless = True

    def delay_lists(self, seconds: float) -> None:
        self._emulator.list_delay = seconds


@asynccontextmanager
async def emulate_openai() -> AsyncIterator[Emulated]:
    async with emulate() as emulator:
        yield EmulatedOpenAI(emulator)
