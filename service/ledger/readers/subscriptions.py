"""Catch-up readers: what follows from events happens after them, in order, from a place each reader keeps."""

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
from service.ledger.retry import backoff, sleep_or_stop

WINDOW = 100_000  # A reader of rare events crosses a long log in steps that stay far from the statement's time limit.

LOCK = sa.text("select pg_try_advisory_lock(hashtextextended(:lock, 0))")
UNLOCK = sa.text("select pg_advisory_unlock(hashtextextended(:lock, 0))")
BEHIND = sa.text(
    "select h.workspace_id, h.seq from ledger.heads h"
    " left join ledger.readers r on r.workspace_id = h.workspace_id and r.name = :name"
    " where h.seq > coalesce(r.seq, 0) order by r.updated_at nulls first"
)
PLACE = sa.text("select seq from ledger.readers where name = :name and workspace_id = :workspace_id")
SINCE = sa.text(
    "select seq, stream, stream_id, version, type, data::text as data, actor, request_id, recorded_at"
    " from ledger.events where workspace_id = :workspace_id and seq > :place and seq <= :until"
    " and (:all or type = any(:types)) order by seq limit :batch"
)
MOVE = sa.text(
    "insert into ledger.readers as r (name, workspace_id, seq) values (:name, :workspace_id, :place)"
    " on conflict (name, workspace_id) do update"
    " set seq = greatest(r.seq, excluded.seq), stopped_because = null, updated_at = clock_timestamp()"
    " where r.seq < excluded.seq or r.stopped_because is not null"
)
STOP = sa.text(
    "insert into ledger.readers (name, workspace_id, seq, stopped_because) values (:name, :workspace_id, 0, :because)"
    " on conflict (name, workspace_id) do update"
    " set stopped_because = excluded.stopped_because, updated_at = clock_timestamp()"
)

log = structlog.get_logger(__name__)


class SeenEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event of the log; `data` is its JSON, for the decoder of its stream's decider."""

    seq: int
    stream: str
    stream_id: UUID
    version: int
    type: str
    data: str
    actor: str
    request_id: str
    recorded_at: datetime


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """`react(workspace_id, events)` gets the events of `kinds` (none named: all) in order, at most `batch` at once.

    After a crash or its own failure it gets them again: what it does must bear repetition, or save the place with
    what it writes (`Attachments.checkpoint`).
    """

    name: str
    react: Callable[[UUID, Sequence[SeenEvent]], Awaitable[None]]
    kinds: tuple[type[Event], ...] = ()
    batch: int = 500


async def follow(engine: AsyncEngine, reader: Reader, *, stop: asyncio.Event, poll_seconds: float = 0.2) -> None:
    """React to what is new until `stop` is set. Any number of processes may follow as one reader."""
    following = _Following(autocommit(engine), reader, stop)
    failures = 0
    while not stop.is_set():
        pause = poll_seconds
        try:
            if await following.round():
                pause = 0
            failures = 0
        except sa.exc.ProgrammingError:
            raise  # wrong SQL or a missing migration, which waiting does not mend
        except DATABASE_ERRORS as error:
            failures += 1
            log.warning("reader_without_database", reader=reader.name, error=str(error))
            pause = backoff(failures, base=2 * poll_seconds, cap=5, jitter=following.chance)
        await sleep_or_stop(stop, pause)


class _Following:
    def __init__(self, engine: AsyncEngine, reader: Reader, stop: asyncio.Event) -> None:
        self.engine = engine
        self.reader = reader
        self.stop = stop
        self.chance = random.Random()  # noqa: S311 - spreads retries, keeps no secret
        self.failed: dict[UUID, tuple[int, float]] = {}  # how often running, and when to try again

    async def round(self) -> bool:
        """One batch for each workspace that has news; whether any place moved."""
        async with self.engine.connect() as connection:
            behind = (await connection.execute(BEHIND, {"name": self.reader.name})).all()
        now = asyncio.get_running_loop().time()
        moved = False
        for workspace_id, head in behind:
            if not self.stop.is_set() and self.failed.get(workspace_id, (0, now))[1] <= now:
                moved |= await self._advance({"name": self.reader.name, "workspace_id": workspace_id}, head)
        return moved

    async def _advance(self, who: dict[str, Any], head: int) -> bool:
        async with self._alone(who) as connection:
            if connection is None:
                return False
            place = await connection.scalar(PLACE, who) or 0
            events, reached = await self._since(connection, who, place=place, head=head)
            try:
                if events:
                    await self.reader.react(who["workspace_id"], events)
            except Exception as error:
                log.exception("reader_stopped", **who, place=place)
                because = f"{type(error).__name__}: {error}".replace("\0", "")[:2000]
                self._rest(who["workspace_id"])
                await connection.execute(STOP, {**who, "because": because})
                return False
            self.failed.pop(who["workspace_id"], None)
            await connection.execute(MOVE, {**who, "place": reached})
        return True

    async def _since(
        self, connection: AsyncConnection, who: dict[str, Any], *, place: int, head: int
    ) -> tuple[list[SeenEvent], int]:
        """The next events for us, and the place that is reached with them."""
        until = min(head, place + WINDOW)
        kinds = [kind.__name__ for kind in self.reader.kinds]
        values = {"place": place, "until": until, "all": not kinds, "types": kinds, "batch": self.reader.batch}
        rows = await connection.execute(SINCE, {"workspace_id": who["workspace_id"], **values})
        events = [SeenEvent(**row) for row in rows.mappings()]
        return events, events[-1].seq if len(events) == self.reader.batch else until

    def _rest(self, workspace_id: UUID) -> None:
        failures = self.failed.get(workspace_id, (0, 0.0))[0] + 1
        pause = backoff(failures, base=0.5, cap=60, jitter=self.chance)
        self.failed[workspace_id] = (failures, asyncio.get_running_loop().time() + pause)

    @asynccontextmanager
    async def _alone(self, who: dict[str, Any]) -> AsyncIterator[AsyncConnection | None]:
        """A session that holds this reader's lock on the workspace; None while another process holds it.

        The session's lock, not a row's: what reacts may write the reader's row itself, and takes its time.
        """
        lock = {"lock": "reader {name} {workspace_id}".format(**who)}
        async with self.engine.connect() as connection:
            try:
                held = await connection.scalar(LOCK, lock)
                yield connection if held else None
                if held:
                    await connection.execute(UNLOCK, lock)
            except BaseException:
                await connection.invalidate()  # ends the session and with it the lock: the pool would keep both
                raise
