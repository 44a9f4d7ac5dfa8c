"""Many writers, connections cut at random, readers following: afterwards the log must account for every attempt."""

import asyncio
import random
import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import create_engine, new_id
from service.errors import Unavailable
from service.ledger.readers.subscriptions import LoggedEvent, Subscription, follow
from service.ledger.rebuild import rebuild
from service.ledger.retry import LostRace
from service.ledger.store import Attachments, Batch, Caller, Ledger, StoredText, entries
from service.ledger.tables import events, heads, readers
from tests.conftest import as_owner
from tests.ledger.cutting_proxy import WAYS, CuttingProxy
from tests.ledger.toys import (
    COUNTER,
    NOTE,
    REGISTRY,
    TAKEN,
    Counted,
    Row,
    build_note,
    counters,
    metadata,
    rows,
    somebody,
    text,
)

SECONDS = 4.0
WRITERS, PROCESSES = 24, 13
KILL = sa.text(
    "select pg_terminate_backend(pid) from pg_stat_activity"
    " where datname = current_database() and application_name = 'cut' order by random() limit 1"
)


class Book(msgspec.Struct, kw_only=True):
    """What the writers were told: which attempt stands at which place, which did not happen, which may have."""

    acknowledged: dict[str, tuple[uuid.UUID, int]] = {}
    refused: set[str] = set()
    ambiguous: set[str] = set()


class Writer:
    """Writes without pause, and puts down in the book what it was told of each attempt."""

    def __init__(self, ledger: Ledger, book: Book, chance: random.Random, name: str) -> None:
        self.ledger = ledger
        self.book = book
        self.chance = chance
        self.name = name

    async def write_on(self, callers: Sequence[Caller], shared: Sequence[uuid.UUID], *, done: asyncio.Event) -> None:
        number = 0
        while not done.is_set():
            number += 1
            token = f"{self.name}.{number}"
            place = self.chance.randrange(len(callers))
            try:
                seq = await self._attempt(callers[place], shared[place], token)
                self.book.acknowledged[token] = (callers[place].workspace_id, seq)
            except LostRace:
                self.book.refused.add(token)
            except (Unavailable, sa.exc.DBAPIError, OSError):
                self.book.ambiguous.add(token)

    async def _attempt(self, caller: Caller, shared: uuid.UUID, token: str) -> int:
        """One write of a kind chosen by chance; its seq."""
        event = Counted(by=self.chance.randint(1, 9), token=token)
        match self.chance.choice(["shared", "note", "batch"]):
            case "shared":
                return (await self.ledger.change(COUNTER, shared, lambda _: [event], caller=caller)).seq
            case "note":
                content = text(new_id(), f"text of {token}")
                return await self._write_note(caller, content, title=token)
            case _:
                more = Counted(by=1, token=f"{token}+")
                batch = Batch(entries=entries("counter", [(new_id(), event), (new_id(), more)]))
                return (await self.ledger.write(caller, batch)).first_seq

    async def _write_note(self, caller: Caller, content: StoredText, *, title: str) -> int:
        note = build_note(content, title=title)
        beside = Attachments(contents=[content])
        return (
            await self.ledger.change(NOTE, content.subject, lambda _: [note], caller=caller, attachments=beside)
        ).seq


async def tail(engine: AsyncEngine, workspace_id: uuid.UUID, seen: list[int], *, done: asyncio.Event) -> None:
    """Reads by number as fast as it can: a number that appeared after a later one would be missing here."""
    news = sa.select(events.c.seq).where(events.c.workspace_id == workspace_id).order_by(events.c.seq)
    while not done.is_set():
        async with engine.connect() as connection:
            after = seen[-1] if seen else 0
            seen.extend((await connection.execute(news.where(events.c.seq > after))).scalars())
        await asyncio.sleep(0.02)


async def kill_some(engine: AsyncEngine, *, done: asyncio.Event) -> None:
    while not done.is_set():
        async with as_owner(engine) as owner, owner.connect() as connection:
            await connection.execute(KILL)
        await asyncio.sleep(0.4)


class Follower:
    """Reacts like any reader, through the cut connections; it may see a batch twice but must not miss one."""

    def __init__(self) -> None:
        self.seen: dict[uuid.UUID, int] = {}

    async def react(self, workspace_id: uuid.UUID, batch: Sequence[LoggedEvent]) -> None:
        seqs = [event.seq for event in batch]
        assert seqs == list(range(seqs[0], seqs[-1] + 1))
        assert seqs[0] <= self.seen.get(workspace_id, 0) + 1
        self.seen[workspace_id] = max(seqs[-1], self.seen.get(workspace_id, 0))


async def storm(engine: AsyncEngine, url: str, callers: Sequence[Caller], book: Book) -> list[list[int]]:
    """Writers, a reader followed twice and somebody who kills connections, for some seconds; what tailers saw."""
    shared = [new_id() for _ in callers]
    tails: list[list[int]] = [[] for _ in callers]
    follower = Follower()
    reader = Subscription(name="oracle", react=follower.react, batch=50)
    # Each as if in a process of its own: a pool drops all its connections when one breaks.
    pools = [create_engine(url, pool_size=4, application_name="cut") for _ in range(PROCESSES + 2)]
    ledgers = [Ledger(pool, REGISTRY, unique_fields=TAKEN) for pool in pools[:PROCESSES]]
    all_written, followed = asyncio.Event(), asyncio.Event()
    async with asyncio.TaskGroup() as following:
        for pool in pools[PROCESSES:]:
            following.create_task(follow(pool, reader, stop=followed, poll_seconds=0.02))
        for caller, seen in zip(callers, tails, strict=True):
            following.create_task(tail(engine, caller.workspace_id, seen, done=followed))
        try:
            async with asyncio.TaskGroup() as tasks:
                for seed in range(WRITERS):
                    ledger = ledgers[min(seed, PROCESSES - 1)]  # half of the writers share one, and so their statements
                    writer = Writer(ledger, book, random.Random(seed), f"{seed}")
                    tasks.create_task(writer.write_on(callers, shared, done=all_written))
                tasks.create_task(kill_some(engine, done=all_written))
                await asyncio.sleep(SECONDS)
                all_written.set()
            await caught_up(engine, follower, tails)
        finally:
            followed.set()
    for pool in pools:
        await pool.dispose()
    return tails


async def caught_up(engine: AsyncEngine, follower: Follower, tails: Sequence[list[int]]) -> None:
    async with asyncio.timeout(30):
        while True:
            ends = sorted(int(str(row["seq"])) for row in await rows(engine, heads))
            places = sorted(int(str(row["seq"])) for row in await rows(engine, readers))
            if ends == places == sorted(follower.seen.values()) == sorted(len(seen) for seen in tails):
                return
            await asyncio.sleep(0.05)


def tokens(log: Sequence[Row]) -> dict[str, list[tuple[uuid.UUID, int]]]:
    """Where each attempt stands in the log."""
    places: dict[str, list[tuple[uuid.UUID, int]]] = {}
    for row in log:
        data: Any = row["data"]
        place: Any = (row["workspace_id"], row["seq"])
        places.setdefault(data.get("token") or data.get("title"), []).append(place)
    return places


def check_attempts(log: Sequence[Row], book: Book) -> None:
    """Acknowledged: once, where it was said to be. Ambiguous: at most once. Refused: never. Of a batch: all or none."""
    places = tokens(log)
    for token, place in book.acknowledged.items():
        assert places[token] == [place]
    assert not book.refused & places.keys()
    assert all(len(state) == 1 for state in places.values())
    whole = {token.removesuffix("+") for token in places}
    assert whole <= book.acknowledged.keys() | book.ambiguous
    for token, state in places.items():
        if token.endswith("+"):
            [(workspace_id, seq)] = state
            assert places[token.removesuffix("+")] == [(workspace_id, seq - 1)]


def check_numbers(log: Sequence[Row]) -> None:
    """No gap and no repetition, of seq in a workspace and of version in a stream."""
    ends: Counter[Any] = Counter()
    for row in log:
        workspace_id, stream_id = row["workspace_id"], row["stream_id"]
        ends[workspace_id] += 1
        ends[workspace_id, stream_id] += 1
        assert (row["seq"], row["version"]) == (ends[workspace_id], ends[workspace_id, stream_id])


async def check_projections(engine: AsyncEngine, ledger: Ledger) -> None:
    for row in await rows(engine, counters):
        workspace_id: Any = row["workspace_id"]
        counter_id: Any = row["id"]
        stored = await ledger.get(COUNTER, workspace_id, counter_id)
        assert (row["total"], row["version"], row["seq"]) == (stored.state, stored.version, stored.seq)
    async with as_owner(engine) as owner:
        report = await rebuild(owner, REGISTRY, metadata, verify=True)
    assert report.clean
    assert all(compared.live for compared in report.tables)


async def test_after_a_storm_of_cut_connections_the_log_accounts_for_every_write(
    engine: AsyncEngine, ledger: Ledger, database_url: str
) -> None:
    callers = [somebody() for _ in range(4)]
    book = Book()
    proxy = CuttingProxy(database_url, chance=0.02, seed=5)
    async with proxy.listening() as url:
        tails = await storm(engine, url, callers, book)

    log = await rows(engine, events)
    check_numbers(log)
    check_attempts(log, book)
    assert tails == [[row["seq"] for row in log if row["workspace_id"] == caller.workspace_id] for caller in callers]
    await check_projections(engine, ledger)
    landed = book.ambiguous & tokens(log).keys()
    # The storm was one: writes got through, and of the ambiguous ones some had happened and some had not.
    assert len(book.acknowledged) > 100
    assert 0 < len(landed) < len(book.ambiguous)
    assert proxy.cuts.keys() == set(WAYS)
