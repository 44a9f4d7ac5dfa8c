"""Fireworks' emulator for the contract suite. It makes no jobs: old ones are in tests/providers/fireworks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.network.address_policy import LOOPBACK
from service.providers.provider import Account, JobSpec
from tests.emulators.faults import Faults
from tests.emulators.fireworks import FireworksEmulator, emulate
from tests.emulators.fireworks.server import SECRET
from tests.emulators.fireworks.wire import ACCOUNT, HOME
from tests.providers.contract import test_contract
from tests.providers.contract.emulated import Emulated, Ending

JOBS = f"{HOME}/supervisedFineTuningJobs"
WITHOUT_JOBS = frozenset(
    {
        test_contract.test_the_account_is_checked,
        test_contract.test_a_secret_that_is_refused_is_refused_for_good,
    }
)


class EmulatedFireworks(Emulated):
    calls = {
        "upload": f"POST {HOME}/datasets",
        "create": f"POST {JOBS}",
        "read": f"GET {JOBS}/[^/]+",
        "list": f"GET {JOBS}",
    }
    busy = {"status": 429, "body": {"code": 8, "message": "Slow down."}, "headers": {"Retry-After": "7"}}
    unauthorized = {"status": 401, "body": {"code": 16, "message": "Wrong key."}}
    no_quota = {"status": 412, "body": {"code": 9, "message": "The account is suspended."}}
    format = "openai_chat"
    content = b"{}\n"
    skips = {
        name: "takes no new jobs and files"
        for name, test in vars(test_contract).items()
        if name.startswith("test_") and test not in WITHOUT_JOBS
    }

    def __init__(self, emulator: FireworksEmulator) -> None:
        self._emulator = emulator
        self.faults: Faults = emulator.faults
        self.account = Account(
            kind="fireworks",
            base_url=emulator.base_url,
            secret=SECRET,
            options={"account": ACCOUNT},
            policy=LOOPBACK,
        )

    def build_order(self, token: str, training_file: str) -> JobSpec:
        return JobSpec(base_model="accounts/fireworks/models/qwen3-8b", training_file=training_file, token=token)

    def set_ending(self, ending: Ending) -> None:
        """It makes no jobs."""

    def set_status(self, job_id: str, raw_status: str | None) -> None:
        self._emulator.jobs.stored[job_id].odd_state = raw_status

    def advance(self, seconds: float) -> None:
        self._emulator.clock.advance(seconds)

    def count_jobs(self, token: str) -> int:
        return sum(token in job_id for job_id in self._emulator.jobs.stored)

    def add_jobs(self, count: int) -> None:
        for number in range(count):
            self._emulator.jobs.add(f"other-{number:06d}")

    def make_endless(self) -> None:
        self._emulator.jobs.endless = True

    def delay_lists(self, seconds: float) -> None:
        """Its create is known again by the job's own id."""


@asynccontextmanager
async def emulate_fireworks() -> AsyncIterator[Emulated]:
    async with emulate() as emulator:
        yield EmulatedFireworks(emulator)
