"""Listening to the log as it grows. One loop a process follows it for everybody who listens, however many they are."""

import asyncio
import random
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import DATABASE_ERRORS, autocommit
from service.ledger.readers import feed
from service.ledger.readers.feed import FeedEvent, Wanted
from service.ledger.retry import backoff, sleep_or_stop

LOOK_SECONDS = 0.15
KEPT = 1_000  # events of a workspace held in memory for those who listen; who is further behind asks the database
PIECE = 500  # events that one question to the database brings
AT_ONCE = 4  # questions of listeners at a time: they leave most of the pool's connections to requests

HEADS = sa.text("select workspace_id, seq from ledger.heads where workspace_id = any(:ids)").bindparams(
    sa.bindparam("ids", type_=ARRAY(sa.Uuid))
)
# What passes: a database that is away, or too busy.

log = structlog.get_logger(__name__)


class News(msgspec.Struct, frozen=True):
    """Events that were waited for, none when it was in vain; up to `reached` none was left out."""

    events: tuple[FeedEvent, ...]
    reached: int


class _Tail:
    """The last events of a workspace, without a gap: those after `start` up to `end`."""

    def __init__(self, end: int) -> None:
        self.start = self.end = end
        self.events: list[FeedEvent] = []
        self.listeners = 0
        self.grown = asyncio.Event()

    def since(self, seq: int) -> list[FeedEvent]:
        return self.events[max(0, seq - self.start) :]

    def grow(self, events: list[FeedEvent]) -> None:
        self.events += events
        self.end = events[-1].seq
        if len(self.events) > 2 * KEPT:
            del self.events[:-KEPT]
            self.start = self.end - KEPT
        self.wake()

    def wake(self) -> None:
        self.grown.set()
        self.grown = asyncio.Event()


class FeedHub:
    """Who listens, to which workspaces. All of them are told when `stop` is set, by their streams ending."""

    def __init__(self, engine: AsyncEngine, *, stop: asyncio.Event | None = None) -> None:
        self.engine = engine
        self.stop = stop or asyncio.Event()
        self._tails: dict[UUID, _Tail] = {}
        self._asked: dict[tuple[Any, ...], asyncio.Task[feed.Found]] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._looking: asyncio.Task[None] | None = None

    async def head(self, workspace_id: UUID) -> int:
        """The last seq there is."""
        async with autocommit(self.engine).connect() as connection:
            return await feed.head(connection, workspace_id)

    async def follow(
        self, workspace_id: UUID, *, after: int, head: int, wanted: Wanted, patience: float
    ) -> AsyncGenerator[News, None]:
        """The wanted events after a seq, each once and in order; nothing when `patience` seconds brought none.

        `head` is the log's end as the caller has read it, and never waited for. Ends when this process stops.
        """
        clock = asyncio.get_running_loop()
        reached, due = after, clock.time() + patience
        with self._listener(workspace_id, head) as tail:
            while not self.stop.is_set():
                events: tuple[FeedEvent, ...] = ()
                if reached < tail.start or tail.end <= reached < head:
                    found = await self._found(workspace_id, reached, wanted)
                    events, reached = tuple(found.events), found.reached
                elif reached < tail.end:
                    events = tuple(event for event in tail.since(reached) if wanted.matches(event))
                    reached = tail.end
                else:
                    await self._grown(tail, until=due)
                if events or clock.time() >= due:
                    yield News(events, reached)
                    due = clock.time() + patience

    async def close(self) -> None:
        """End every stream, and the loop."""
        self.stop.set()
        if self._looking is not None:
            await self._looking

    async def _grown(self, tail: _Tail, *, until: float) -> None:
        """Wait for the tail to grow, or until that time."""
        if self._looking is not None and self._looking.done():
            self._looking.result()  # the loop has failed: rather than wait in vain, fail with it
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                await tail.grown.wait()

    @contextmanager
    def _listener(self, workspace_id: UUID, head: int) -> Iterator[_Tail]:
        tail = self._tails.setdefault(workspace_id, _Tail(head))
        tail.listeners += 1
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="listening")
        try:
            yield tail
        finally:
            tail.listeners -= 1
            if not tail.listeners:
                del self._tails[workspace_id]

    async def _found(self, workspace_id: UUID, after: int, wanted: Wanted) -> feed.Found:
        """A piece of the log from the database. Who asks for the same at the same time gets the same answer."""
        key = (workspace_id, after, wanted)
        if key not in self._asked:
            asking = asyncio.create_task(self._ask(workspace_id, after, wanted))
            asking.add_done_callback(lambda _: self._asked.pop(key))
            self._asked[key] = asking
        return await asyncio.shield(self._asked[key])

    async def _ask(self, workspace_id: UUID, after: int, wanted: Wanted) -> feed.Found:
        async with self._turns:
            return await feed.feed(self.engine, workspace_id, after=after, limit=PIECE, wanted=wanted)

    async def _round(self) -> None:
        rows = (await self._heads(list(self._tails))).items()
        for workspace_id, head in rows:
            tail = self._tails.get(workspace_id)
            while tail is not None and tail.listeners and tail.end < head and not self.stop.is_set():
                found = await feed.feed(self.engine, workspace_id, after=tail.end, limit=KEPT)
                tail.grow(found.events)

    async def _heads(self, workspaces: list[UUID]) -> dict[UUID, int]:
        async with autocommit(self.engine).connect() as connection:
            return {row.workspace_id: row.seq for row in await connection.execute(HEADS, {"ids": workspaces})}

    async def _look(self) -> None:
        """Follow the log of each workspace that somebody listens to. A database that is away is waited for."""
        failures = 0
        while self._tails and not self.stop.is_set():
            pause = LOOK_SECONDS
            try:
                await self._round()
                failures = 0
            except DATABASE_ERRORS as error:
                failures += 1
                log.warning("listening_without_database", error=str(error)[:300])
                pause = backoff(failures, base=2 * LOOK_SECONDS, cap=5, jitter=random.Random())  # noqa: S311 - spreads retries, keeps no secret
            await sleep_or_stop(self.stop, pause)
        for tail in self._tails.values():
            tail.wake()
