"""The worker killed at each point between the records: whatever happens, the sandbox holds one job."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.conftest import as_owner
from tests.tunes.conftest import Desk, worker_process, working
from tests.tunes.sandbox import CREATED, JOBS, Sandbox

LISTED = f"GET {JOBS}"


@asynccontextmanager
async def nothing_recorded(engine: AsyncEngine) -> AsyncIterator[None]:
    """While this lasts, no append in any workspace comes through: each waits where it is."""
    lock = sa.text("select pg_advisory_xact_lock(hashtextextended(workspace_id::text, 0)) from ledger.heads")
    async with engine.begin() as connection:
        await connection.execute(lock)
        yield


async def waiting(engine: AsyncEngine) -> int:
    """How many appends wait for their lock."""
    query = sa.text("select count(*) from pg_locks where locktype = 'advisory' and not granted")
    async with engine.connect() as connection:
        return int(await connection.scalar(query) or 0)


async def ends_with_one_job(desk: Desk, sandbox: Sandbox, engine: AsyncEngine, tune_id: str) -> None:
    """Another worker goes on where the dead one stopped."""
    async with working(engine):
        tune = await desk.until(tune_id)
    assert tune["state"] == "succeeded"
    [job] = await sandbox.jobs(tune_id)
    assert job["id"] == tune["job_id"]
    assert (await desk.recorded(tune_id)).count("TuneSubmitted") == 1


async def killed(process: asyncio.subprocess.Process) -> None:
    process.kill()
    assert await process.wait() == -9


async def test_killed_while_the_file_is_uploaded(
    desk: Desk, sandbox: Sandbox, engine: AsyncEngine, database_url: str
) -> None:
    unseen = await desk.frozen(23)  # a file that the sandbox has from another test would not be uploaded
    asked = await desk.asked(await desk.connected(sandbox), of=unseen)
    before = await sandbox.count("calls", "POST /v1/files")
    await sandbox.meets("slow", method="POST", path="/v1/files", seconds=8)
    async with worker_process(database_url) as worker:
        await desk.happens(lambda: sandbox_called(sandbox, "POST /v1/files", before))
        await killed(worker)
    assert await desk.recorded(asked["id"]) == ["TuneRequested"]
    await ends_with_one_job(desk, sandbox, engine, asked["id"])


async def test_killed_before_the_intent_is_recorded(
    desk: Desk, sandbox: Sandbox, engine: AsyncEngine, database_url: str
) -> None:
    asked = await desk.asked(await desk.connected(sandbox))
    async with worker_process(database_url) as worker, nothing_recorded(engine):
        await desk.happens(lambda: waiting(engine))
        await killed(worker)
    assert await sandbox.jobs(asked["id"]) == []
    await ends_with_one_job(desk, sandbox, engine, asked["id"])


async def test_killed_after_the_intent_and_before_the_job(
    desk: Desk, sandbox: Sandbox, engine: AsyncEngine, database_url: str
) -> None:
    asked = await desk.asked(await desk.connected(sandbox))
    before = await sandbox.count("calls", CREATED)
    await sandbox.meets("hangs", method="POST", path=JOBS)
    async with worker_process(database_url) as worker:
        await desk.happens(lambda: sandbox_called(sandbox, CREATED, before))
        await killed(worker)
    assert await desk.recorded(asked["id"]) == ["TuneRequested", "TuneSubmitting"]
    await ends_with_one_job(desk, sandbox, engine, asked["id"])


async def test_killed_after_the_job_was_made_and_before_it_is_recorded(
    desk: Desk, sandbox: Sandbox, engine: AsyncEngine, database_url: str
) -> None:
    asked = await desk.asked(await desk.connected(sandbox))
    before = await sandbox.count("calls", CREATED)
    await sandbox.meets("slow", method="POST", path=JOBS, seconds=1.5)
    async with worker_process(database_url) as worker:
        await desk.happens(lambda: sandbox_called(sandbox, CREATED, before))
        async with nothing_recorded(engine):
            await desk.happens(lambda: sandbox.jobs(asked["id"]))
            await desk.happens(lambda: waiting(engine))
            # Its session goes with it: otherwise Postgres would still carry out what the dead worker had sent.
            await killed(worker)
            await end_sessions(engine, "tuneledger worker")
    assert await desk.recorded(asked["id"]) == ["TuneRequested", "TuneSubmitting"]
    assert len(await sandbox.jobs(asked["id"])) == 1
    await ends_with_one_job(desk, sandbox, engine, asked["id"])


async def test_killed_while_it_polls(desk: Desk, sandbox: Sandbox, engine: AsyncEngine, database_url: str) -> None:
    asked = await desk.asked(await desk.connected(sandbox), hyperparameters={"n_epochs": 20})
    async with worker_process(database_url) as worker:
        await desk.until(asked["id"], "running")
        await killed(worker)
    await ends_with_one_job(desk, sandbox, engine, asked["id"])
    ids = [line["id"] for line in await desk.listed(asked["id"], "events")]
    assert len(ids) == len(set(ids))


async def test_a_dropped_reply_makes_one_job(desk: Desk, sandbox: Sandbox, engine: AsyncEngine) -> None:
    asked = await desk.asked(await desk.connected(sandbox))
    before = await sandbox.count("done", CREATED)
    await sandbox.meets("drop_reply", method="POST", path=JOBS)
    await ends_with_one_job(desk, sandbox, engine, asked["id"])
    assert await sandbox.count("done", CREATED) == before + 1


async def test_two_dispatchers_make_one_job_for_each_tune(desk: Desk, sandbox: Sandbox, engine: AsyncEngine) -> None:
    connection_id, frozen = await desk.connected(sandbox), await desk.frozen()
    asked = [await desk.asked(connection_id, of=frozen, hyperparameters={"n_epochs": 1}) for _ in range(8)]
    async with working(engine), working(engine):
        for tune in asked:
            await desk.until(tune["id"])
    assert [len(await sandbox.jobs(tune["id"])) for tune in asked] == [1] * 8


async def test_a_worker_that_stops_lets_go_of_its_work_at_once(
    desk: Desk, sandbox: Sandbox, engine: AsyncEngine, database_url: str
) -> None:
    asked = await desk.asked(await desk.connected(sandbox))
    before = await sandbox.count("calls", LISTED)
    await sandbox.meets("slow", method="GET", path=JOBS, seconds=30)
    async with worker_process(database_url) as worker:
        await desk.happens(lambda: sandbox_called(sandbox, LISTED, before))
        worker.terminate()
        assert await asyncio.wait_for(worker.wait(), 30) == 0
    async with engine.connect() as connection:
        query = sa.text("select owner, leased_until <= clock_timestamp() from ledger.leases where id = :id")
        row = (await connection.execute(query, {"id": uuid.UUID(asked["id"])})).one()
    assert tuple(row) == (None, True)
    await ends_with_one_job(desk, sandbox, engine, asked["id"])


async def sandbox_called(sandbox: Sandbox, call: str, before: int) -> bool:
    return await sandbox.count("calls", call) > before


async def end_sessions(engine: AsyncEngine, application: str) -> None:
    query = sa.text(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where application_name = :application and datname = current_database()"
    )
    async with as_owner(engine) as owner, owner.connect() as connection:
        await connection.execute(query, {"application": application})
