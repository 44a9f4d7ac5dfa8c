"""Loops look for work when something was written or is due, and else from time to time."""

import asyncio

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import new_id
from service.ledger import leases
from service.ledger.readers import pulse
from service.ledger.readers.pulse import Vigil
from service.ledger.store import Ledger
from service.ledger.tables import leases as lease_rows
from tests.ledger.toys import count, somebody


def watch(engine: AsyncEngine) -> Vigil:
    return Vigil(engine, kind="toys", max_age=0)


async def test_an_event_of_any_workspace_is_a_reason_to_look(ledger: Ledger) -> None:
    vigil = watch(ledger.engine)
    assert not await vigil.is_quiet()
    assert await vigil.is_quiet()
    await count(ledger, somebody(), new_id())
    assert not await vigil.is_quiet()
    assert await vigil.is_quiet()
    vigil.expect_more()
    assert not await vigil.is_quiet()


async def test_a_lease_that_is_due_is_one_and_one_that_is_held_is_not(ledger: Ledger) -> None:
    vigil, workspace, job = watch(ledger.engine), new_id(), new_id()
    candidates = sa.select(sa.literal(workspace, sa.Uuid).label("workspace_id"), sa.literal(job, sa.Uuid).label("id"))
    [held] = await leases.claim(ledger.engine, "toys", candidates, owner=new_id(), seconds=60, limit=1)
    assert not await vigil.is_quiet()
    assert await vigil.is_quiet()
    await leases.release(ledger.engine, held, due_in=0)
    assert [await vigil.is_quiet() for _ in range(2)] == [False, False]
    async with ledger.engine.begin() as connection:
        await connection.execute(sa.update(lease_rows).values(kind="others"))
    assert await vigil.is_quiet()


async def test_what_follows_from_time_alone_is_looked_for_now_and_then(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse, "QUIET_SECONDS", 0.2)
    vigil = watch(ledger.engine)
    assert not await vigil.is_quiet()
    assert await vigil.is_quiet()
    await asyncio.sleep(0.25)
    assert not await vigil.is_quiet()


async def test_loops_that_ask_together_ask_once(ledger: Ledger) -> None:
    asked: list[str] = []
    engine = ledger.engine.sync_engine
    sa.event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    vigils = [Vigil(ledger.engine, kind=f"kind {number}", max_age=60) for number in range(20)]
    assert await asyncio.gather(*[vigil.is_quiet() for vigil in vigils]) == [False] * 20
    assert len(asked) == 1
