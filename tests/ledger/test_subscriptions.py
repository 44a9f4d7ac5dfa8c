import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import create_engine, new_id
from service.ledger.readers import subscriptions as subject
from service.ledger.readers.subscriptions import LoggedEvent, Subscription, follow
from service.ledger.store import Attachments, Caller, Ledger
from service.ledger.tables import readers
from tests.conftest import as_owner
from tests.ledger.toys import COUNTER, Counted, NoteWritten, count, some_history, somebody, write_note

React = Callable[[uuid.UUID, Sequence[LoggedEvent]], Awaitable[None]]
Seen = dict[uuid.UUID, list[int]]


@asynccontextmanager
async def following(engine: AsyncEngine, *followed: Subscription) -> AsyncIterator[asyncio.Event]:
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for reader in followed:
            tasks.create_task(follow(engine, reader, stop=stop, poll_seconds=0.02))
        try:
            yield stop
        finally:
            stop.set()


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await true():  # noqa: ASYNC110 - nothing in this process knows when
            await asyncio.sleep(0.01)


async def place(engine: AsyncEngine, name: str, workspace_id: uuid.UUID) -> tuple[int, str | None]:
    async with engine.connect() as connection:
        saved = sa.select(readers.c.seq, readers.c.stopped_because).where(
            readers.c.name == name, readers.c.workspace_id == workspace_id
        )
        row = (await connection.execute(saved)).one_or_none()
        return (row.seq, row.stopped_because) if row else (0, None)


async def reaches(engine: AsyncEngine, name: str, workspace_id: uuid.UUID, seq: int) -> None:
    async def there() -> bool:
        return await place(engine, name, workspace_id) == (seq, None)

    await until(there)


def noting(seen: Seen) -> React:
    async def react(workspace_id: uuid.UUID, events: Sequence[LoggedEvent]) -> None:
        seen.setdefault(workspace_id, []).extend(event.seq for event in events)

    return react


async def test_a_reader_sees_every_event_of_every_workspace_once_and_in_order(ledger: Ledger) -> None:
    ada, bob = somebody("ada"), somebody("bob")
    await some_history(ledger, ada)
    seen: Seen = {}
    async with following(ledger.engine, Subscription(name="all", react=noting(seen), batch=7)):
        await some_history(ledger, bob, seed=3)
        for caller in (ada, bob):
            await reaches(ledger.engine, "all", caller.workspace_id, 40)
    assert seen == {caller.workspace_id: list(range(1, 41)) for caller in (ada, bob)}


async def test_an_event_is_seen_whole(ledger: Ledger) -> None:
    caller = somebody()
    counter_id = new_id()
    await count(ledger, caller, counter_id, by=5, token="first")
    seen: list[LoggedEvent] = []

    async def react(_: uuid.UUID, events: Sequence[LoggedEvent]) -> None:
        seen.extend(events)

    async with following(ledger.engine, Subscription(name="whole", react=react)):
        await reaches(ledger.engine, "whole", caller.workspace_id, 1)
    [event] = seen
    assert (event.stream, event.stream_id, event.version) == ("counter", counter_id, 1)
    assert (event.actor, event.request_id) == ("ada", "req_1")
    assert COUNTER.decode(event.type, event.data) == Counted(by=5, token="first")


async def test_a_reader_of_some_kinds_passes_over_the_others(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "WINDOW", 10)
    caller = somebody()
    counter_id = new_id()
    for number in range(45):
        await (write_note(ledger, caller, "x") if number in (3, 44) else count(ledger, caller, counter_id))
    seen: Seen = {}
    async with following(ledger.engine, Subscription(name="notes", react=noting(seen), kinds=(NoteWritten,))):
        await reaches(ledger.engine, "notes", caller.workspace_id, 45)
    assert seen == {caller.workspace_id: [4, 45]}


async def test_a_reader_started_again_goes_on_from_its_place(ledger: Ledger) -> None:
    caller = somebody()
    counter_id = new_id()
    seen: Seen = {}
    reader = Subscription(name="again", react=noting(seen))
    for upto in (3, 6):
        for _ in range(3):
            await count(ledger, caller, counter_id)
        async with following(ledger.engine, reader):
            await reaches(ledger.engine, "again", caller.workspace_id, upto)
    assert seen[caller.workspace_id] == [1, 2, 3, 4, 5, 6]


async def test_two_followers_of_one_name_never_react_to_a_workspace_at_once(ledger: Ledger, database_url: str) -> None:
    callers = [somebody() for _ in range(3)]
    seen: Seen = {}
    busy: set[uuid.UUID] = set()

    async def react(workspace_id: uuid.UUID, events: Sequence[LoggedEvent]) -> None:
        assert workspace_id not in busy
        busy.add(workspace_id)
        await asyncio.sleep(0.01)
        busy.remove(workspace_id)
        await noting(seen)(workspace_id, events)

    reader = Subscription(name="shared", react=react, batch=3)
    other = create_engine(database_url, pool_size=5)
    async with following(ledger.engine, reader), following(other, reader):
        await asyncio.gather(*(some_history(ledger, caller) for caller in callers))
        for caller in callers:
            await reaches(ledger.engine, "shared", caller.workspace_id, 40)
    await other.dispose()
    assert seen == {caller.workspace_id: list(range(1, 41)) for caller in callers}


async def test_a_failing_reader_stops_says_why_and_skips_nothing(ledger: Ledger) -> None:
    ill, well = somebody(), somebody()
    counter_id = new_id()
    mended = asyncio.Event()
    seen: Seen = {}

    async def react(workspace_id: uuid.UUID, events: Sequence[LoggedEvent]) -> None:
        if workspace_id == ill.workspace_id and events[0].seq == 3 and not mended.is_set():
            raise RuntimeError("no room\0 left")
        await noting(seen)(workspace_id, events)

    for _ in range(5):
        await count(ledger, ill, counter_id)
        await count(ledger, well, counter_id)
    async with following(ledger.engine, Subscription(name="ill", react=react, batch=2)):
        await reaches(ledger.engine, "ill", well.workspace_id, 5)

        async def stopped() -> bool:
            return await place(ledger.engine, "ill", ill.workspace_id) == (2, "RuntimeError: no room left")

        await until(stopped)
        assert seen[ill.workspace_id] == [1, 2]
        mended.set()
        await reaches(ledger.engine, "ill", ill.workspace_id, 5)
    assert seen == {caller.workspace_id: [1, 2, 3, 4, 5] for caller in (ill, well)}


async def test_a_place_saved_with_a_write_is_kept_when_the_rest_of_the_batch_fails(ledger: Ledger) -> None:
    caller = somebody()
    source, copy = new_id(), new_id()
    for _ in range(3):
        await count(ledger, caller, source)
    failures: list[int] = []

    async def react(workspace_id: uuid.UUID, events: Sequence[LoggedEvent]) -> None:
        for event in events:
            if event.stream_id == copy:
                continue
            if event.seq == 2 and not failures:
                failures.append(event.seq)
                raise RuntimeError("once")
            writer = Caller(workspace_id=workspace_id, actor="reader", request_id="none")
            beside = Attachments(checkpoint=("copying", event.seq))
            await ledger.change(COUNTER, copy, lambda _: [Counted(by=1, token="")], caller=writer, attachments=beside)

    async with following(ledger.engine, Subscription(name="copying", react=react)):
        await reaches(ledger.engine, "copying", caller.workspace_id, 6)
    copied = await ledger.get(COUNTER, caller.workspace_id, copy)
    assert (copied.state, failures) == (3, [2])


async def test_a_cancelled_reader_leaves_no_lock_behind(ledger: Ledger, database_url: str) -> None:
    caller = somebody()
    await count(ledger, caller, new_id())
    reacting = asyncio.Event()

    async def react(_: uuid.UUID, __: Sequence[LoggedEvent]) -> None:
        reacting.set()
        await asyncio.sleep(3600)

    task = asyncio.create_task(follow(ledger.engine, Subscription(name="stuck", react=react), stop=asyncio.Event()))
    await reacting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    seen: Seen = {}
    other = create_engine(database_url, pool_size=2)  # the session that had the lock could take it twice
    async with following(other, Subscription(name="stuck", react=noting(seen))):
        await reaches(other, "stuck", caller.workspace_id, 1)
    await other.dispose()
    assert seen == {caller.workspace_id: [1]}


async def test_a_reader_outlives_its_connections(ledger: Ledger) -> None:
    caller = somebody()
    counter_id = new_id()
    seen: Seen = {}
    async with following(ledger.engine, Subscription(name="cut", react=noting(seen))):
        await count(ledger, caller, counter_id)
        await reaches(ledger.engine, "cut", caller.workspace_id, 1)
        async with as_owner(ledger.engine) as owner, owner.connect() as connection:
            await connection.execute(
                sa.text(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where datname = current_database() and pid <> pg_backend_pid()"
                )
            )
        await ledger.engine.dispose()
        await count(ledger, caller, counter_id)
        await reaches(ledger.engine, "cut", caller.workspace_id, 2)
    assert seen == {caller.workspace_id: [1, 2]}
