"""Connections are shared by workspace: who asks for much waits for itself alone."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import autocommit, create_engine
from service.database.fair_pool import current_workspace
from service.errors import TooManyRequests

ANN, BOB = UUID(int=1), UUID(int=2)


@pytest.fixture
async def small(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url, pool_size=4)
    yield engine
    await engine.dispose()


async def hold(engine: AsyncEngine, workspace_id: UUID | None, *, until: asyncio.Event) -> None:
    current_workspace.set(workspace_id)
    async with autocommit(engine).connect() as connection:
        await connection.execute(sa.text("select 1"))
        await until.wait()


async def count_held(engine: AsyncEngine, *, at_least: int) -> int:
    """How many connections are out, once there are so many and a moment later."""
    async with asyncio.timeout(10):
        while engine.pool.checkedout() < at_least:  # type: ignore[attr-defined]  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    return int(engine.pool.checkedout())  # type: ignore[attr-defined]


async def test_a_workspace_has_at_most_half_of_the_connections(small: AsyncEngine) -> None:
    anns, bobs = asyncio.Event(), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for _ in range(10):
            group.create_task(hold(small, ANN, until=anns))
        assert await count_held(small, at_least=2) == 2
        group.create_task(hold(small, BOB, until=bobs))
        group.create_task(hold(small, None, until=bobs))
        assert await count_held(small, at_least=4) == 4
        anns.set()
        bobs.set()
    assert await count_held(small, at_least=0) == 0


async def test_who_waits_too_long_for_its_own_is_told_so(small: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(small.pool, "_timeout", 0.1)
    until = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for _ in range(2):
            group.create_task(hold(small, ANN, until=until))
        await count_held(small, at_least=2)
        with pytest.raises(TooManyRequests, match="costly requests at once"):
            await asyncio.create_task(hold(small, ANN, until=until))
        until.set()


async def test_a_broken_or_abandoned_connection_gives_its_place_back(small: AsyncEngine) -> None:
    until = asyncio.Event()
    for _ in range(5):
        task = asyncio.create_task(hold(small, ANN, until=until))
        await count_held(small, at_least=1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    current_workspace.set(ANN)
    for _ in range(5):
        with pytest.raises(sa.exc.DBAPIError):
            async with small.connect() as connection:
                await connection.execute(sa.text("select pg_terminate_backend(pg_backend_pid())"))
    until.set()
    await asyncio.gather(*(hold(small, ANN, until=until) for _ in range(4)))
