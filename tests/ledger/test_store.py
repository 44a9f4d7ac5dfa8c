import asyncio
from collections.abc import Sequence

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import create_engine, new_id
from service.errors import NotFound, Stale, Unavailable
from service.ledger.store import Attachments, Batch, Ledger
from service.ledger.tables import contents, events, heads, readers, secrets
from tests.conftest import as_owner
from tests.ledger.toys import (
    COUNTER,
    NOTE,
    Counted,
    count,
    counted,
    note_revisions,
    size,
    somebody,
    text,
    write_note,
)


async def test_the_state_is_the_fold_of_the_events(ledger: Ledger) -> None:
    ada = somebody("ada")
    bob = msgspec.structs.replace(ada, actor="bob")
    counter_id = new_id()
    first = await ledger.change(COUNTER, counter_id, lambda _: [Counted(by=2, token="")], caller=ada)
    after = await ledger.change(COUNTER, counter_id, lambda total: [Counted(by=total or 0, token="")], caller=bob)
    assert (after.state, after.version, after.seq) == (4, 2, 2)
    assert (after.created_by, after.updated_by) == ("ada", "bob")
    assert (after.created_at, after.updated_at) == (first.created_at, after.updated_at)
    assert first.created_at == first.updated_at <= after.updated_at
    assert await ledger.get(COUNTER, ada.workspace_id, counter_id) == after


async def test_a_decision_to_record_nothing_writes_nothing(ledger: Ledger) -> None:
    caller = somebody()
    note_id = await write_note(ledger, caller, "same")
    before = await ledger.get(NOTE, caller.workspace_id, note_id)
    beside = Attachments(contents=[text(note_id, "other")], secrets=[(new_id(), b"x")], checkpoint=("reader", 1))
    after = await ledger.change(NOTE, note_id, lambda _: [], caller=caller, attachments=beside)
    assert after == before
    sizes = [await size(ledger.engine, table) for table in (events, contents, secrets, readers, note_revisions)]
    assert sizes == [1, 1, 0, 0, 1]


async def test_deciding_nothing_about_what_does_not_exist_is_not_found(ledger: Ledger) -> None:
    with pytest.raises(NotFound):
        await ledger.change(NOTE, new_id(), lambda _: [], caller=somebody())


async def test_another_tenants_stream_and_another_kinds_stream_are_not_there(ledger: Ledger) -> None:
    caller = somebody()
    note_id = await write_note(ledger, caller, "mine")
    assert await ledger.find(NOTE, new_id(), note_id) is None
    with pytest.raises(NotFound):
        await ledger.get(COUNTER, caller.workspace_id, note_id)


async def test_two_events_in_one_change_are_refused(ledger: Ledger) -> None:
    event = Counted(by=1, token="")
    with pytest.raises(ValueError, match="one event"):
        await ledger.change(COUNTER, new_id(), lambda _: [event, event], caller=somebody())
    assert await size(ledger.engine, events) == 0


async def test_a_lost_race_is_decided_again_on_what_the_winner_made(ledger: Ledger) -> None:
    caller = somebody()
    counter_id = new_id()
    await asyncio.gather(*(count(ledger, caller, counter_id, by=2) for _ in range(5)))
    seen: list[int | None] = []

    def decide(total: int | None) -> Sequence[Counted]:
        seen.append(total)
        return [Counted(by=100, token="")]

    async with ledger.engine.connect() as holder:
        # Another's change, still uncommitted: ours waits for its end and then finds its version taken.
        await holder.execute(
            sa.text(
                "select from ledger.append(:ws, 'bob', 'r', array['counter'], array[cast(:id as uuid)], array[6],"
                ' array[\'Counted\'], array[\'{"by": 5, "token": ""}\'])'
            ),
            {"ws": caller.workspace_id, "id": counter_id},
        )
        change = asyncio.create_task(ledger.change(COUNTER, counter_id, decide, caller=caller))
        await waits_for_a_lock(ledger.engine)
        await holder.commit()
    assert (await change).state == 115
    assert seen == [10, 15]


async def waits_for_a_lock(engine: AsyncEngine) -> None:
    waiting = sa.text(
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(20), as_owner(engine) as owner:  # who sees what others wait for
        while True:
            async with owner.connect() as connection:
                if await connection.scalar(waiting):
                    return
            await asyncio.sleep(0.01)


async def test_an_expected_version_that_has_passed_is_stale_at_once(ledger: Ledger) -> None:
    caller = somebody()
    counter_id = new_id()
    await count(ledger, caller, counter_id)
    decided: list[int | None] = []

    def decide(total: int | None) -> Sequence[Counted]:
        decided.append(total)
        return [Counted(by=1, token="")]

    for expected in (0, 2):
        with pytest.raises(Stale):
            await ledger.change(COUNTER, counter_id, decide, caller=caller, expected=expected)
    assert decided == []
    assert (await ledger.change(COUNTER, counter_id, decide, caller=caller, expected=1)).version == 2


async def test_of_many_that_expect_one_version_one_wins(ledger: Ledger) -> None:
    caller = somebody()
    counter_id = new_id()
    await count(ledger, caller, counter_id)
    event = Counted(by=1, token="")
    outcomes = await asyncio.gather(
        *(ledger.change(COUNTER, counter_id, lambda _: [event], caller=caller, expected=1) for _ in range(8)),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Stale"] * 7 + ["StreamState"]


async def test_a_broken_connection_is_unavailable_and_the_next_write_works(ledger: Ledger, database_url: str) -> None:
    caller = somebody()
    counter_id = new_id()
    narrow = create_engine(database_url, pool_size=1, application_name="narrow")
    writer = Ledger(narrow, ledger.registry, unique_fields={})
    await count(writer, caller, counter_id)
    async with as_owner(ledger.engine) as owner, owner.connect() as connection:
        kill = sa.text("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'narrow'")
        await connection.execute(kill)
    with pytest.raises(Unavailable):
        await writer.write(caller, Batch(entries=[counted(counter_id, after=1)]))
    assert (await writer.write(caller, Batch(entries=[counted(counter_id, after=1)]))).first_seq == 2
    await narrow.dispose()


async def test_a_workspace_held_too_long_is_busy(ledger: Ledger, database_url: str) -> None:
    caller = somebody()
    await count(ledger, caller, new_id())
    hasty = create_engine(database_url, pool_size=1, lock_timeout=0.05)
    async with ledger.engine.connect() as holder:
        await holder.execute(sa.select(heads).with_for_update())
        with pytest.raises(Unavailable) as busy:
            await count(Ledger(hasty, ledger.registry, unique_fields={}), caller, new_id())
    assert busy.value.retry_after
    await hasty.dispose()


async def test_a_held_workspace_does_not_hold_up_another(ledger: Ledger, database_url: str) -> None:
    held, free = somebody(), somebody()
    for caller in (held, free):
        await count(ledger, caller, new_id())
    async with ledger.engine.connect() as holder:
        await holder.execute(sa.select(heads).where(heads.c.workspace_id == held.workspace_id).with_for_update())
        async with asyncio.timeout(5):
            assert await count(ledger, free, new_id()) == 2
