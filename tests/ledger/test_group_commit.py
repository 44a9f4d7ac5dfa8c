"""Writes that come while another is in flight go out together, and yet each for itself."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import new_id
from service.errors import Conflict, InFlight
from service.ledger.retry import LostRace
from service.ledger.store import Attachments, Batch, Caller, Ledger, Written, entries
from service.ledger.tables import answers, contents, events
from service.ledger.writes.pending_write import PendingWrite
from tests.ledger.test_answers import build_stored_response, claimed
from tests.ledger.toys import (
    COUNTER,
    REGISTRY,
    TAKEN,
    Counted,
    build_note,
    count,
    counted,
    notes,
    rows,
    somebody,
    text,
    write_note,
)


class CountingLedger(Ledger):
    """Remembers how many writes came, and how many each statement had."""

    groups: list[int]
    came: int

    async def write(self, caller: Caller, batch: Batch) -> Written:
        self.came += 1
        return await super().write(caller, batch)

    async def start(self, *writes: Awaitable[Any]) -> list[asyncio.Future[Any]]:
        """Start them, each when the one before has come as far as the write."""
        tasks: list[asyncio.Future[Any]] = []
        for write in writes:
            before = self.came
            tasks.append(asyncio.ensure_future(write))
            await until(lambda before=before: self.came > before)  # type: ignore[misc]
        return tasks

    async def _send(self, writes: Sequence[PendingWrite]) -> list[Written]:
        self.groups.append(len(writes))
        return await super()._send(writes)


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not happened():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.001)


@pytest.fixture
async def counting(ledger: Ledger) -> CountingLedger:
    made = CountingLedger(ledger.engine, REGISTRY, unique_fields=TAKEN)
    made.groups, made.came = [], 0
    return made


@asynccontextmanager
async def locked(engine: AsyncEngine, workspace_id: uuid.UUID) -> AsyncIterator[None]:
    """Nobody can write in the workspace until the end of the block."""
    key = sa.func.hashtextextended(str(workspace_id), 0)
    async with engine.connect() as connection:
        await connection.execute(sa.select(sa.func.pg_advisory_lock(key)))
        try:
            yield
        finally:
            await connection.execute(sa.select(sa.func.pg_advisory_unlock(key)))


async def together(ledger: CountingLedger, workspace_id: uuid.UUID, *writes: Awaitable[Any]) -> list[Any]:
    """Start them while the first is held up in Postgres, so that all others wait. Their results, or what they raise."""
    async with locked(ledger.engine, workspace_id):
        tasks = await ledger.start(*writes)
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_those_that_wait_share_a_statement_and_keep_their_own_envelopes(counting: CountingLedger) -> None:
    first = somebody()
    key = new_id()
    others = [
        msgspec.structs.replace(first, actor=f"actor {n}", request_id=f"req_{n}", key_id=key if n % 2 else None)
        for n in range(10)
    ]
    seqs = await together(
        counting, first.workspace_id, count(counting, first, new_id()), *[count(counting, c, new_id()) for c in others]
    )
    assert counting.groups == [1, 10]
    log = await rows(counting.engine, events)
    assert [(row["seq"], row["actor"], row["request_id"], row["key_id"]) for row in log] == [
        (1, "ada", "req_1", None),
        *[(n + 2, f"actor {n}", f"req_{n}", key if n % 2 else None) for n in range(10)],
    ]
    assert seqs == list(range(1, 12))


async def test_background_work_takes_the_key_of_its_request_in_a_group_too(counting: CountingLedger) -> None:
    key = new_id()
    asked = msgspec.structs.replace(somebody(), key_id=key)
    await count(counting, asked, new_id())
    later = msgspec.structs.replace(asked, key_id=None)
    stranger = msgspec.structs.replace(later, request_id="req_2")
    await together(counting, asked.workspace_id, *[count(counting, c, new_id()) for c in (later, later, stranger)])
    assert [row["key_id"] for row in await rows(counting.engine, events)] == [key, key, key, None]


async def test_one_that_lost_its_race_or_name_fails_alone(counting: CountingLedger) -> None:
    caller = somebody()
    known = new_id()
    await count(counting, caller, known)
    stale = Batch(entries=[counted(new_id(), after=0), counted(known, after=0)])
    results = await together(
        counting,
        caller.workspace_id,
        count(counting, caller, new_id()),
        count(counting, caller, new_id()),
        counting.write(caller, stale),
        count(counting, caller, new_id()),
    )
    assert [type(result) for result in results] == [int, int, LostRace, int]
    assert len(await rows(counting.engine, events)) == 4

    await write_note(counting, caller, "text", title="taken")
    named = await together(
        counting,
        caller.workspace_id,
        *[write_note(counting, caller, "text", title=title) for title in ("one", "two", "taken", "two", "three")],
    )
    assert [type(result) for result in named] == [uuid.UUID, uuid.UUID, Conflict, Conflict, uuid.UUID]
    assert sorted(str(row["title"]) for row in await rows(counting.engine, notes)) == ["one", "taken", "three", "two"]


async def test_writes_to_one_stream_go_one_after_the_other(counting: CountingLedger) -> None:
    caller = somebody()
    shared = new_id()
    await count(counting, caller, shared)
    counting.groups.clear()
    await together(counting, caller.workspace_id, *[count(counting, caller, shared) for _ in range(4)])
    stored = await counting.get(COUNTER, caller.workspace_id, shared)
    assert (stored.state, stored.version) == (5, 5)
    assert max(counting.groups) == 1


async def test_each_answer_is_stored_and_a_lost_claim_undoes_only_its_own(counting: CountingLedger) -> None:
    somewhere = somebody()
    callers = [await claimed(counting, somewhere) for _ in range(4)]
    assert callers[2].claim is not None
    async with counting.engine.begin() as connection:
        await connection.execute(
            sa.update(answers).where(answers.c.key_id == callers[2].claim.key_id).values(token=new_id())
        )

    async def change(caller: Caller, by: int) -> int:
        event, answer = Counted(by=by, token=""), build_stored_response
        return (await counting.change(COUNTER, new_id(), lambda _: [event], caller=caller, respond=answer)).state

    results = await together(
        counting,
        somewhere.workspace_id,
        count(counting, somewhere, new_id()),
        *[change(caller, number) for number, caller in enumerate(callers)],
        count(counting, somewhere, new_id()),
    )
    assert [type(result) for result in results] == [int, int, int, InFlight, int, int]
    bodies: dict[Any, Any] = {row["key_id"]: row["body"] for row in await rows(counting.engine, answers)}
    totals = {key: body and msgspec.json.decode(body)["total"] for key, body in bodies.items()}
    claims = [caller.claim for caller in callers if caller.claim]
    assert [totals[claim.key_id] for claim in claims] == [0, 1, None, 3]
    assert [claim.settled for claim in claims] == [True, True, False, True]


async def test_who_hangs_up_while_waiting_has_written_nothing(counting: CountingLedger) -> None:
    caller = somebody()
    async with locked(counting.engine, caller.workspace_id):
        first, second, third = await counting.start(*[count(counting, caller, new_id(), token=t) for t in "abc"])
        second.cancel()
        await asyncio.sleep(0)
    assert [await first, await third] == [1, 2]
    with pytest.raises(asyncio.CancelledError):
        await second
    assert counting.groups == [1, 1]


async def test_who_hangs_up_in_flight_does_not_end_the_others(counting: CountingLedger) -> None:
    caller = somebody()
    async with locked(counting.engine, caller.workspace_id):
        tasks = await counting.start(*[count(counting, caller, new_id()) for _ in range(4)])
        tasks[0].cancel()  # its statement is cancelled in Postgres, and the next one goes out with three
        await until(lambda: len(counting.groups) == 2)
        tasks[2].cancel()
        await asyncio.sleep(0)
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [asyncio.CancelledError, int, asyncio.CancelledError, int]
    assert counting.groups == [1, 3]
    # That of the third is written too: who hangs up cannot know. The first may have been faster than its cancellation.
    assert len(await rows(counting.engine, events)) in (3, 4)


async def test_what_is_large_goes_alone_and_in_its_turn(counting: CountingLedger) -> None:
    caller = somebody()
    many = Batch(entries=entries("counter", [(new_id(), Counted(by=1, token="")) for _ in range(200)]))
    texts = [text(new_id(), letter * 700_000) for letter in "xy"]
    big, bigger = (
        Batch(entries=entries("note", [(each.subject, build_note(each))]), attachments=Attachments(contents=[each]))
        for each in texts
    )
    await together(
        counting,
        caller.workspace_id,
        count(counting, caller, new_id()),
        counting.write(caller, many),
        counting.write(caller, big),
        counting.write(caller, bigger),
    )
    assert counting.groups == [1, 1, 1, 1]
    assert len(await rows(counting.engine, events)) == 203
    assert len(await rows(counting.engine, contents)) == 2


async def test_workspaces_do_not_wait_for_each_other(counting: CountingLedger) -> None:
    blocked, free = somebody(), somebody()
    async with locked(counting.engine, blocked.workspace_id):
        [waiting] = await counting.start(count(counting, blocked, new_id()))
        assert await count(counting, free, new_id()) == 1
        assert not waiting.done()
    assert await waiting == 1
