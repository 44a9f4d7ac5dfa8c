"""Catch-up subscriptions: react to events after they are written, in order, from a stored checkpoint."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from service.database.engine import DATABASE_ERRORS, autocommit
from service.ledger.decider import Event
from service.ledger.readers.pulse import MAX_AGE_SECONDS, Vigil
from service.ledger.retry import backoff, sleep_or_stop

WINDOW = 100_000  # seqs per read, so that a search for rare events stays far below the statement timeout

LOCK = sa.text("select pg_try_advisory_lock(hashtextextended(:lock, 0))")
UNLOCK = sa.text("select pg_advisory_unlock(hashtextextended(:lock, 0))")
_WORKSPACES_BEHIND = sa.text(
    "select h.workspace_id, h.seq from ledger.heads h"
    " left join ledger.readers r on r.workspace_id = h.workspace_id and r.name = :name"
    " where h.seq > coalesce(r.seq, 0) order by r.updated_at nulls first"
)
_LOAD_CHECKPOINT = sa.text("select seq from ledger.readers where name = :name and workspace_id = :workspace_id")
_LOAD_EVENTS = sa.text(
    "select seq, stream, stream_id, version, type, data::text as data, actor, request_id, recorded_at"
    " from ledger.events where workspace_id = :workspace_id and seq > :after and seq <= :until"
    " and (:all or type = any(:types)) order by seq limit :batch"
)
_SAVE_CHECKPOINT = sa.text(
    "insert into ledger.readers as r (name, workspace_id, seq) values (:name, :workspace_id, :checkpoint)"
    " on conflict (name, workspace_id) do update"
    " set seq = greatest(r.seq, excluded.seq), stopped_because = null, updated_at = clock_timestamp()"
    " where r.seq < excluded.seq or r.stopped_because is not null"
)
_SAVE_FAILURE = sa.text(
    "insert into ledger.readers (name, workspace_id, seq, stopped_because) values (:name, :workspace_id, 0, :because)"
    " on conflict (name, workspace_id) do update"
    " set stopped_because = excluded.stopped_because, updated_at = clock_timestamp()"
)

log = structlog.get_logger(__name__)


class LoggedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event of the log; `data` is JSON for its decider to decode."""

    seq: int
    stream: str
    stream_id: UUID
    version: int
    type: str
    data: str
    actor: str
    request_id: str
    recorded_at: datetime


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """Calls `react(workspace_id, events)` with the events of `kinds` (all if empty) in order, at most `batch` at once.

    After a crash or an error it gets the same events again, so it must be idempotent, or save its checkpoint together
    with what it writes (`Attachments.checkpoint`).
    """

    name: str
    react: Callable[[UUID, Sequence[LoggedEvent]], Awaitable[None]]
    kinds: tuple[type[Event], ...] = ()
    batch: int = 500


async def follow(
    engine: AsyncEngine, subscription: Subscription, *, stop: asyncio.Event, poll_seconds: float = 0.2
) -> None:
    """React to new events until `stop` is set. Any number of processes may share one subscription."""
    follower = _Follower(autocommit(engine), subscription, stop)
    vigil = Vigil(engine, max_age=min(poll_seconds / 2, MAX_AGE_SECONDS))
    failures = 0
    while not stop.is_set():
        pause = poll_seconds
        try:
            if not await vigil.is_quiet() and await follower.run_round():
                pause = 0
            if pause == 0 or follower.failures:
                vigil.expect_more()
            failures = 0
        except sa.exc.ProgrammingError:
            raise  # wrong SQL or a missing migration: waiting does not help
        except DATABASE_ERRORS as error:
            failures += 1
            log.warning("reader_without_database", reader=subscription.name, error=str(error))
            pause = backoff(failures, base=2 * poll_seconds, cap=5, jitter=follower.jitter)
            vigil.expect_more()
        await sleep_or_stop(stop, pause)


class _Follower:
    def __init__(self, engine: AsyncEngine, subscription: Subscription, stop: asyncio.Event) -> None:
        self.engine = engine
        self.subscription = subscription
        self.stop = stop
        self.jitter = random.Random()  # noqa: S311 - no secret
        self.failures: dict[UUID, tuple[int, float]] = {}  # consecutive failures, and when to try again

    async def run_round(self) -> bool:
        """Handle one batch of each workspace that has new events. Returns whether any checkpoint moved."""
        async with self.engine.connect() as connection:
            behind = (await connection.execute(_WORKSPACES_BEHIND, {"name": self.subscription.name})).all()
        now = asyncio.get_running_loop().time()
        has_moved = False
        for workspace_id, head in behind:
            if not self.stop.is_set() and self.failures.get(workspace_id, (0, now))[1] <= now:
                has_moved |= await self._advance({"name": self.subscription.name, "workspace_id": workspace_id}, head)
        return has_moved

    async def _advance(self, key: dict[str, Any], head: int) -> bool:
        async with self._lock(key) as connection:
            if connection is None:
                return False
            checkpoint = await connection.scalar(_LOAD_CHECKPOINT, key) or 0
            events, reached = await self._load_events(connection, key, after=checkpoint, head=head)
            try:
                if events:
                    await self.subscription.react(key["workspace_id"], events)
            except Exception as error:
                log.exception("reader_stopped", **key, checkpoint=checkpoint)
                because = f"{type(error).__name__}: {error}".replace("\0", "")[:2000]
                self._pause(key["workspace_id"])
                await connection.execute(_SAVE_FAILURE, {**key, "because": because})
                return False
            self.failures.pop(key["workspace_id"], None)
            await connection.execute(_SAVE_CHECKPOINT, {**key, "checkpoint": reached})
        return True

    async def _load_events(
        self, connection: AsyncConnection, key: dict[str, Any], *, after: int, head: int
    ) -> tuple[list[LoggedEvent], int]:
        """Load the next events, and the seq that is reached with them."""
        until = min(head, after + WINDOW)
        kinds = [kind.__name__ for kind in self.subscription.kinds]
        values = {"after": after, "until": until, "all": not kinds, "types": kinds, "batch": self.subscription.batch}
        rows = await connection.execute(_LOAD_EVENTS, {"workspace_id": key["workspace_id"], **values})
        events = [LoggedEvent(**row) for row in rows.mappings()]
        return events, events[-1].seq if len(events) == self.subscription.batch else until

    def _pause(self, workspace_id: UUID) -> None:
        """Leave the workspace alone for a while after a failure."""
        failures = self.failures.get(workspace_id, (0, 0.0))[0] + 1
        pause = backoff(failures, base=0.5, cap=60, jitter=self.jitter)
        self.failures[workspace_id] = (failures, asyncio.get_running_loop().time() + pause)

    @asynccontextmanager
    async def _lock(self, key: dict[str, Any]) -> AsyncIterator[AsyncConnection | None]:
        """Open a session that holds this subscription's lock on the workspace; None while another process holds it.

        An advisory lock, not a row lock: `react` may take long, and may write the checkpoint's row itself.
        """
        lock = {"lock": "reader {name} {workspace_id}".format(**key)}
        async with self.engine.connect() as connection:
            try:
                is_held = await connection.scalar(LOCK, lock)
                yield connection if is_held else None
                if is_held:
                    await connection.execute(UNLOCK, lock)
            except BaseException:
                await connection.invalidate()  # ends the session and its lock, which the pool would keep
                raise
