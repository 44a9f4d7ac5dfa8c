"""Bedrock's emulator for the contract suite."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from service.network.address_policy import LOOPBACK
from service.providers.provider import Account, JobSpec
from tests.emulators.bedrock import BedrockEmulator, emulate
from tests.emulators.bedrock.jobs import BASE_MODELS
from tests.emulators.bedrock.server import SECRET
from tests.emulators.faults import Faults
from tests.providers.contract.emulated import Emulated, Ending

ROW = {
    "schemaVersion": "bedrock-conversation-2024",
    "messages": [
        {"role": "user", "content": [{"text": "Who won?"}]},
        {"role": "assistant", "content": [{"text": "sports"}]},
    ],
}
PACE = 0.05
ENDINGS: dict[Ending, dict[str, Any]] = {
    "succeeded": {},
    "failed": {"outcome": "Failed"},
    "cancelled_then_succeeded": {"stubborn": True},
}


class EmulatedBedrock(Emulated):
    calls = {
        "upload": "PUT /tuning-bucket/.+",
        "create": "POST /model-customization-jobs",
        "read": "GET /model-customization-jobs/.+",
        "list": "GET /model-customization-jobs",
    }
    busy = {
        "status": 429,
        "body": {"message": "Slow down."},
        "headers": {"Retry-After": "7", "x-amzn-ErrorType": "ThrottlingException"},
    }
    unauthorized = {
        "status": 403,
        "body": {"message": "The security token included in the request is invalid."},
        "headers": {"x-amzn-ErrorType": "UnrecognizedClientException"},
    }
    no_quota = {
        "status": 400,
        "body": {"message": "Too many jobs."},
        "headers": {"x-amzn-ErrorType": "ServiceQuotaExceededException"},
    }
    format = "bedrock_conversation"
    content = (json.dumps(ROW).encode() + b"\n") * 12

    def __init__(self, emulator: BedrockEmulator) -> None:
        self._emulator = emulator
        self.faults: Faults = emulator.faults
        settings: dict[str, Any] = {"options": emulator.options, "policy": LOOPBACK}
        self.account = Account(kind="bedrock", base_url=emulator.address, secret=SECRET, **settings)

    def build_order(self, token: str, training_file: str) -> JobSpec:
        return JobSpec(base_model=BASE_MODELS[0], training_file=training_file, token=token)

    def set_ending(self, ending: Ending) -> None:
        self._emulator.jobs.settings = dict(ENDINGS[ending])

    def set_status(self, job_id: str, raw_status: str | None) -> None:
        self._emulator.jobs.stored[job_id].odd_status = raw_status

    def advance(self, seconds: float) -> None:
        """It runs by the clock."""

    def count_jobs(self, token: str) -> int:
        return sum(job.body.get("clientRequestToken") == token for job in self._emulator.jobs.stored.values())

    def add_jobs(self, count: int) -> None:
        first = next(iter(self._emulator.jobs.stored.values()))
        for number in range(count):
            name = {"jobName": f"other-{number}", "customModelName": f"other-{number}", "clientRequestToken": "other"}
            self._emulator.jobs.add(first.body | name)

    def make_endless(self) -> None:
        self._emulator.jobs.endless = True

    def delay_lists(self, seconds: float) -> None:
        """Its create is known again by its token."""


@asynccontextmanager
async def emulate_bedrock() -> AsyncIterator[Emulated]:
    async with emulate(pace=PACE) as emulator:
        yield EmulatedBedrock(emulator)
