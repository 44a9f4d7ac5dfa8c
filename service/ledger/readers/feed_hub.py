"""Follow the log as it grows. One loop in each process polls the database for all its listeners."""

import asyncio
import random
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager, suppress
from contextvars import Context
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import DATABASE_ERRORS, autocommit
from service.ledger.readers import feed
from service.ledger.readers.feed import EventFilter, FeedEvent
from service.ledger.retry import backoff, sleep_or_stop

POLL_SECONDS = 0.15
MAX_EVENTS = 1_000  # events of a workspace held in memory; a listener further behind reads from the database
PAGE_EVENTS = 500  # events per read from the database
CONCURRENCY = 4  # reads at a time, which leave most of the pool's connections to requests

_LOAD_HEADS = sa.text("select workspace_id, seq from ledger.heads where workspace_id = any(:ids)").bindparams(
    sa.bindparam("ids", type_=ARRAY(sa.Uuid))
)
log = structlog.get_logger(__name__)


class FeedUpdate(msgspec.Struct, frozen=True):
    """New events, or none after a wait without any. Up to `reached` none was left out."""

    events: tuple[FeedEvent, ...]
    reached: int


class _Tail:
    """The last events of a workspace, without gaps: `start` < seq ≤ `end`."""

    def __init__(self, end: int) -> None:
        self.start = self.end = end
        self.events: list[FeedEvent] = []
        self.listeners = 0
        self.grown = asyncio.Event()

    def since(self, seq: int) -> list[FeedEvent]:
        return self.events[max(0, seq - self.start) :]

    def append(self, events: list[FeedEvent]) -> None:
        self.events += events
        self.end = events[-1].seq
        if len(self.events) > 2 * MAX_EVENTS:
            del self.events[:-MAX_EVENTS]
            self.start = self.end - MAX_EVENTS
        self.wake()

    def wake(self) -> None:
        self.grown.set()
        self.grown = asyncio.Event()


class FeedHub:
    """The listeners of each workspace. Their streams end when `stop` is set."""

    def __init__(self, engine: AsyncEngine, *, stop: asyncio.Event | None = None) -> None:
        self.engine = engine
        self.stop = stop or asyncio.Event()
        self._tails: dict[UUID, _Tail] = {}
        self._reads: dict[tuple[Any, ...], asyncio.Task[feed.FeedPage]] = {}
        self._semaphore = asyncio.Semaphore(CONCURRENCY)
        self._poller: asyncio.Task[None] | None = None

    async def load_head(self, workspace_id: UUID) -> int:
        """The last seq of the workspace's log."""
        async with autocommit(self.engine).connect() as connection:
            return await feed.load_head(connection, workspace_id)

    async def follow(
        self, workspace_id: UUID, *, after: int, head: int, event_filter: EventFilter, patience: float
    ) -> AsyncGenerator[FeedUpdate, None]:
        """Yield the selected events after a seq, each once and in order; an empty update after `patience` seconds.

        `head` is the end of the log as the caller has read it; events up to it are not waited for. Ends when this
        process stops.
        """
        clock = asyncio.get_running_loop()
        reached, due = after, clock.time() + patience
        with self._listener(workspace_id, head) as tail:
            while not self.stop.is_set():
                events: tuple[FeedEvent, ...] = ()
                if reached < tail.start or tail.end <= reached < head:
                    page = await self._read(workspace_id, reached, event_filter)
                    events, reached = tuple(page.events), page.reached
                elif reached < tail.end:
                    events = tuple(event for event in tail.since(reached) if event_filter.matches(event))
                    reached = tail.end
                else:
                    await self._wait_for_growth(tail, until=due)
                if events or clock.time() >= due:
                    yield FeedUpdate(events, reached)
                    due = clock.time() + patience

    async def close(self) -> None:
        """End every stream and the polling loop."""
        self.stop.set()
        if self._poller is not None:
            await self._poller

    async def _wait_for_growth(self, tail: _Tail, *, until: float) -> None:
        """Wait for the tail to grow, or until that time."""
        if self._poller is not None and self._poller.done():
            self._poller.result()  # the loop has failed: fail too, rather than wait forever
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                await tail.grown.wait()

    @contextmanager
    def _listener(self, workspace_id: UUID, head: int) -> Iterator[_Tail]:
        tail = self._tails.setdefault(workspace_id, _Tail(head))
        tail.listeners += 1
        if self._poller is None or self._poller.done():
            # In no request's context: it reads for all workspaces.
            self._poller = asyncio.create_task(self._run(), name="feed hub", context=Context())
        try:
            yield tail
        finally:
            tail.listeners -= 1
            if not tail.listeners:
                del self._tails[workspace_id]

    async def _read(self, workspace_id: UUID, after: int, event_filter: EventFilter) -> feed.FeedPage:
        """Read a page from the database. Listeners that need the same page at the same time share one read."""
        key = (workspace_id, after, event_filter)
        if key not in self._reads:
            read = asyncio.create_task(self._load_page(workspace_id, after, event_filter))
            read.add_done_callback(lambda _: self._reads.pop(key))
            self._reads[key] = read
        return await asyncio.shield(self._reads[key])

    async def _load_page(self, workspace_id: UUID, after: int, event_filter: EventFilter) -> feed.FeedPage:
        async with self._semaphore:
            return await feed.load_page(
                self.engine, workspace_id, after=after, limit=PAGE_EVENTS, event_filter=event_filter
            )

    async def _poll(self) -> None:
        """Extend the tail of each workspace that has new events."""
        rows = (await self._load_heads(list(self._tails))).items()
        for workspace_id, head in rows:
            tail = self._tails.get(workspace_id)
            while tail is not None and tail.listeners and tail.end < head and not self.stop.is_set():
                page = await feed.load_page(self.engine, workspace_id, after=tail.end, limit=MAX_EVENTS)
                tail.append(page.events)

    async def _load_heads(self, workspaces: list[UUID]) -> dict[UUID, int]:
        async with autocommit(self.engine).connect() as connection:
            return {row.workspace_id: row.seq for row in await connection.execute(_LOAD_HEADS, {"ids": workspaces})}

    async def _run(self) -> None:
        """Poll the log of each workspace that has listeners. Wait when the database does not respond."""
        failures = 0
        while self._tails and not self.stop.is_set():
            pause = POLL_SECONDS
            try:
                await self._poll()
                failures = 0
            except DATABASE_ERRORS as error:
                failures += 1
                log.warning("listening_without_database", error=str(error)[:300])
                pause = backoff(failures, base=2 * POLL_SECONDS, cap=5, jitter=random.Random())  # noqa: S311 - no secret
            await sleep_or_stop(self.stop, pause)
        for tail in self._tails.values():
            tail.wake()
