import asyncio
import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from service.database.engine import new_id
from service.ledger.retry import LostRace
from service.ledger.store import Batch, Caller, Ledger, entries
from service.ledger.tables import events, heads
from tests.conftest import as_owner
from tests.ledger.toys import (
    COUNTER,
    Counted,
    count,
    counted,
    counters,
    rows,
    size,
    some_history,
    somebody,
    write_note,
)


async def test_a_workspace_numbers_its_events_without_gaps_and_streams_their_versions(ledger: Ledger) -> None:
    callers = [somebody() for _ in range(2)]
    await asyncio.gather(*(some_history(ledger, caller) for caller in callers))
    log = await rows(ledger.engine, events)
    for caller in callers:
        mine = [row for row in log if row["workspace_id"] == caller.workspace_id]
        assert [row["seq"] for row in mine] == list(range(1, 41))
        for stream_id in {row["stream_id"] for row in mine}:
            versions = [row["version"] for row in mine if row["stream_id"] == stream_id]
            assert versions == list(range(1, len(versions) + 1))
    assert {row["workspace_id"]: row["seq"] for row in await rows(ledger.engine, heads)} == {
        caller.workspace_id: 40 for caller in callers
    }


async def test_time_never_runs_backwards_in_a_workspace(ledger: Ledger) -> None:
    caller = somebody()
    await count(ledger, caller, new_id())
    future = datetime(2999, 1, 1, tzinfo=UTC)
    async with ledger.engine.begin() as connection:
        await connection.execute(sa.update(heads).values(recorded_at=future))
    stored = await ledger.change(COUNTER, new_id(), lambda _: [Counted(by=1, token="")], caller=caller)
    assert stored.updated_at == future


async def test_a_batch_appends_in_its_order_at_one_moment(ledger: Ledger) -> None:
    caller = somebody()
    ids = [new_id() for _ in range(5)]
    await count(ledger, caller, new_id())
    batch = Batch(entries=entries("counter", [(id_, Counted(by=1, token="")) for id_ in ids]))
    result = await ledger.write(caller, batch)
    assert result.first_seq == 2
    log = (await rows(ledger.engine, events))[1:]
    assert [row["stream_id"] for row in log] == ids
    assert {row["recorded_at"] for row in log} == {result.recorded_at}
    assert len(await rows(ledger.engine, counters)) == 6


async def test_an_empty_batch_is_refused(ledger: Ledger) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="nothing to append"):
        await ledger.write(somebody(), Batch(entries=[]))
    assert await size(ledger.engine, heads) == 0


@pytest.mark.parametrize("after", [-2, -1, 0, 2, 7])
async def test_a_version_that_is_not_the_next_is_refused(ledger: Ledger, after: int) -> None:
    caller = somebody()
    counter_id = new_id()
    await count(ledger, caller, counter_id)
    with pytest.raises(LostRace):
        await ledger.write(caller, Batch(entries=[counted(new_id(), after=0), counted(counter_id, after=after)]))
    assert await size(ledger.engine, events) == 1
    assert (await ledger.write(caller, Batch(entries=[counted(counter_id, after=1)]))).first_seq == 2


@pytest.mark.parametrize(
    "statement",
    [
        "update ledger.events set actor = 'nobody'",
        "update ledger.events set actor = 'nobody' where false",
        "delete from ledger.events",
        "truncate ledger.events",
        "truncate ledger.events cascade",
        "merge into ledger.events e using ledger.heads h on e.seq = h.seq when matched then delete",
    ],
)
async def test_the_log_refuses_to_be_changed(ledger: Ledger, statement: str) -> None:
    caller = somebody()
    await count(ledger, caller, new_id())
    before = await rows(ledger.engine, events)
    async with as_owner(ledger.engine) as owner, owner.connect() as connection:
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            await connection.execute(sa.text(statement))
    async with ledger.engine.connect() as connection:
        with pytest.raises(sa.exc.DBAPIError, match="permission denied"):
            await connection.execute(sa.text(statement))
    assert await rows(ledger.engine, events) == before


async def test_a_leaf_can_be_recomputed_from_its_event(ledger: Ledger) -> None:
    caller = Caller(workspace_id=new_id(), actor='Zoë "Z" \\ 李\n\x01\x7f', request_id="req_✓")
    await write_note(ledger, caller, "text", title='naïve "title" \u2028 \t 𝄞')
    await count(ledger, caller, new_id(), by=-3)
    async with ledger.engine.connect() as connection:
        log = (await connection.execute(sa.select(events, sa.cast(events.c.data, sa.Text).label("bytes")))).all()
    assert len(log) == 2
    for event in log:
        microseconds = (event.recorded_at - datetime(1970, 1, 1, tzinfo=UTC)) // (datetime.resolution)
        assert event.leaf == leaf(event, microseconds)


def leaf(event: Any, microseconds: int) -> bytes:
    envelope = [
        str(event.workspace_id),
        event.seq,
        event.stream,
        str(event.stream_id),
        event.version,
        event.type,
        event.actor,
        event.request_id,
        microseconds,
        event.bytes,
    ]
    return hashlib.sha256(b"\0" + json.dumps(envelope, ensure_ascii=False).encode()).digest()
