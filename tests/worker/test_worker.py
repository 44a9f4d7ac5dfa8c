"""The worker keeps its loops running, whatever happens in one of them, and ends when asked."""

import asyncio

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.composition import open_ledger
from service.database.engine import new_id
from service.ledger.retry import sleep_or_stop
from service.settings import Settings
from service.vault.vault import open_vault
from service.worker import loops as worker
from service.worker.context import WorkerContext

SETTINGS = Settings(secret_key="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")


@pytest.fixture
def context(engine: AsyncEngine) -> WorkerContext:
    return WorkerContext(
        engine=engine, ledger=open_ledger(engine), settings=SETTINGS, vault=open_vault(SETTINGS), owner=new_id()
    )


async def test_a_loop_that_fails_is_started_again_and_the_others_go_on(context: WorkerContext) -> None:
    stop = asyncio.Event()
    starts: list[int] = []
    steps: list[int] = []

    async def failing(_: WorkerContext, stop: asyncio.Event) -> None:
        starts.append(len(steps))
        if len(starts) == 2:
            stop.set()
        raise ValueError("on purpose")

    async def steady(_: WorkerContext, stop: asyncio.Event) -> None:
        while not stop.is_set():
            steps.append(1)
            await sleep_or_stop(stop, 0.05)

    async with asyncio.timeout(30):
        await worker.run_loops(context, stop, loops={"failing": failing, "steady": steady})
    assert len(starts) == 2
    assert starts[1] > starts[0] + 2


async def test_a_loop_that_does_not_hear_is_cancelled(context: WorkerContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "GRACE_SECONDS", 0.1)
    stop = asyncio.Event()
    ended: list[str] = []

    async def deaf(_: WorkerContext, stop: asyncio.Event) -> None:
        stop.set()
        try:
            await asyncio.sleep(3_600)
        finally:
            ended.append("deaf")

    async with asyncio.timeout(30):
        await worker.run_loops(context, stop, loops={"deaf": deaf})
    assert ended == ["deaf"]


async def test_answers_are_forgotten_after_a_week_and_no_sooner(context: WorkerContext) -> None:
    put = sa.text(
        "insert into ledger.answers (workspace_id, route, key, fingerprint, token, claimed_at)"
        " select gen_random_uuid(), 'POST /x', days::text, '', gen_random_uuid(), now() - days * interval '1 day'"
        " from unnest(array[0, 6, 8, 30]) days"
    )
    async with context.engine.begin() as connection:
        await connection.execute(put)
    stop = asyncio.Event()
    pruning = asyncio.create_task(worker.delete_old_responses(context, stop))
    left: list[str] = []
    async with asyncio.timeout(20):
        while len(left) != 2:
            async with context.engine.connect() as connection:
                left = list(await connection.scalars(sa.text("select key from ledger.answers order by key::int")))
            await asyncio.sleep(0.05)
    stop.set()
    await pruning
    assert left == ["0", "6"]
