"""`make test-faults`: each fault at each step, at each provider. One job runs in the end, and its tune succeeds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.emulators.faults import Fault
from tests.providers.contract.conftest import EMULATORS
from tests.providers.contract.emulated import Call, Emulated
from tests.tunes.conftest import Desk, ok, worker_process, working
from tests.tunes.test_crashes import end_sessions

KINDS = ("bedrock", "openai", "together", "vertex")  # Fireworks takes no new jobs
PACE = 0.1
STEPS: tuple[Call, ...] = ("upload", "create", "list", "read")


@dataclass(frozen=True)
class Case:
    """A fault of the next `call`; `kills` the worker while it waits for the answer. Lists are late by `lag` seconds."""

    name: str
    call: Call
    fault: dict[str, Any]
    kills: bool = False
    patience: float = 60.0
    lag: float = 0.0
    workers: int = 1


CASES = [
    *[Case(f"killed before {call}", call, {"drop": "before", "delay": 20.0}, kills=True) for call in STEPS],
    *[Case(f"killed after {call}", call, {"delay": 20.0}, kills=True) for call in STEPS],
    *[Case(f"{call} is lost", call, {"drop": "before"}) for call in STEPS],
    *[Case(f"the answer to {call} is lost", call, {"drop": "after"}) for call in STEPS],
    Case("the answer is late", "create", {"delay": 3.0}, patience=1.0),
    Case("the list is late", "create", {"drop": "after"}, lag=0.8),
    Case("two workers race", "create", {"drop": "after"}, workers=2),
    Case("two workers race, and lists are late", "create", {"drop": "after"}, workers=2, lag=0.8),
]


@pytest.fixture(params=KINDS)
async def emulated(request: pytest.FixtureRequest) -> AsyncIterator[Emulated]:
    async with EMULATORS[request.param]() as running:
        clock = asyncio.ensure_future(turn_clock(running))
        yield running
        clock.cancel()


async def turn_clock(emulated: Emulated) -> None:
    """Some emulators run by the clock, others by hand."""
    while True:
        await asyncio.sleep(PACE)
        emulated.advance(PACE)


async def request_tune(desk: Desk, emulated: Emulated, *, patience: float = 60.0) -> str:
    account, order = emulated.account, emulated.build_order("", "")
    connection = {name: getattr(account, name) for name in ("kind", "base_url", "secret", "options")}
    connection["timeout_seconds"] = patience
    target = {
        "connection_id": await desk.connected(**connection),
        "base_model": order.base_model,
        "hyperparameters": dict(order.hyperparameters),
    }
    body = {**await desk.frozen(), "targets": [target], "force": True}
    return str((await ok(await desk.api.post("/v1/tunes", json=body)))["tunes"][0]["id"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_one_job_runs_whatever_happens(
    desk: Desk, emulated: Emulated, engine: AsyncEngine, database_url: str, case: Case
) -> None:
    if (emulated.account.kind, case.call) == ("bedrock", "list"):
        pytest.skip("Bedrock knows a create again by its token, so nobody looks for the job.")
    emulated.delay_lists(case.lag)
    tune_id = await request_tune(desk, emulated, patience=case.patience)
    emulated.faults.add(emulated.calls[case.call], **case.fault)
    fault = emulated.faults.queue[-1]
    if case.kills:
        await kill_at(desk, tune_id, database_url, fault)
    async with AsyncExitStack() as stack:
        for _ in range(case.workers):
            await stack.enter_async_context(working(engine))
        await expect_one_job(desk, emulated, tune_id)
    assert fault.times == 0, "the call was never made"


async def kill_at(desk: Desk, tune_id: str, database_url: str, fault: Fault) -> None:
    """Kill a worker as soon as the fault has met it; one that has ended the tune before was never met."""
    async with worker_process(database_url) as worker:

        async def is_met() -> bool:
            return fault.times == 0 or (await desk.tune(tune_id))["finished_at"] is not None

        await desk.happens(is_met)
        await asyncio.sleep(0.05)
        worker.kill()
        await worker.wait()


async def test_a_postgres_that_ends_all_sessions_again_and_again(
    desk: Desk, emulated: Emulated, engine: AsyncEngine, database_url: str
) -> None:
    tune_ids = [await request_tune(desk, emulated) for _ in range(3)]
    async with worker_process(database_url):
        for _ in range(12):
            await asyncio.sleep(0.25)
            await end_sessions(engine, "tuneledger worker")
        for tune_id in tune_ids:
            await expect_one_job(desk, emulated, tune_id)


async def expect_one_job(desk: Desk, emulated: Emulated, tune_id: str) -> None:
    tune = await desk.until(tune_id)
    recorded = await desk.recorded(tune_id)
    assert tune["state"] == "succeeded", (tune["error"], recorded)
    assert emulated.count_jobs(tune_id) == 1, recorded
    assert recorded.count("TuneSubmitted") == 1
