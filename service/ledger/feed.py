"""The log as it is read from outside: by seq, for a whole workspace."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database import autocommit
from service.errors import NotFound
from service.ledger.tables import events, heads

MOST = 10**15 - 1  # below 2**53: every JSON reader holds it exactly
WINDOW = 50_000  # events that one statement looks through for the few that are wanted
PATIENCE = 2.0  # seconds after which a page says how far it came, though it may still be short

_LEAF = sa.func.encode(events.c.leaf, "hex").label("leaf")
_DATA = sa.cast(events.c.data, sa.Text).label("data")  # the very bytes that the leaf was made of
_PLAIN = [events.c[name] for name in ("seq", "stream", "stream_id", "version", "type")]
_COLUMNS = [*_PLAIN, _DATA, events.c.actor, events.c.request_id, events.c.recorded_at, _LEAF]


class FeedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A fact. `data` is its content as it was recorded, byte by byte; `leaf` is its hash in the log, in hex.

    `seq` numbers the workspace's events without a gap, `version` those of the stream. `actor` is who caused it, in the
    request `request_id`.
    """

    seq: int
    stream: str
    stream_id: UUID
    version: int
    type: str
    data: Annotated[msgspec.Raw, msgspec.Meta(extra_json_schema={"type": "object"})]
    actor: str
    request_id: str
    recorded_at: datetime
    leaf: str


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which events; what is not named does not matter."""

    types: Sequence[str] = ()
    stream: str | None = None
    stream_id: UUID | None = None
    actor: str | None = None

    @property
    def everything(self) -> bool:
        return not (self.types or self.stream or self.stream_id or self.actor)


ALL = Wanted()


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Events in order, and the seq up to which none was left out; `more` when there may be others after it."""

    events: list[FeedEvent]
    reached: int
    more: bool


async def feed(engine: AsyncEngine, workspace_id: UUID, *, after: int = 0, limit: int, wanted: Wanted = ALL) -> Found:
    """At most `limit` of the events after a seq. Looking for rare ones in a long log ends after some seconds."""
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE
    found: list[FeedEvent] = []
    async with autocommit(engine).connect() as connection:
        head = await connection.scalar(sa.select(heads.c.seq).where(heads.c.workspace_id == workspace_id)) or 0
        reached = after
        while reached < head:
            # A stream's own events are few and have an index; so does the log itself when all are wanted.
            last = head if wanted.everything or wanted.stream_id else min(head, reached + WINDOW)
            query = _between(workspace_id, reached, last, wanted).limit(limit - len(found))
            found += [shown(row) for row in await connection.execute(query)]
            if len(found) == limit:
                return Found(events=found, reached=found[-1].seq, more=found[-1].seq < head)
            reached = last
            if loop.time() > until:
                break
    return Found(events=found, reached=max(after, reached), more=reached < head)


async def event(engine: AsyncEngine, workspace_id: UUID, seq: int) -> FeedEvent:
    """Raises NotFound."""
    query = sa.select(*_COLUMNS).where(events.c.workspace_id == workspace_id, events.c.seq == seq)
    async with autocommit(engine).connect() as connection:
        row = (await connection.execute(query)).one_or_none() if seq <= MOST else None
    if row is None:
        raise NotFound(f"No such event: {seq}.")
    return shown(row)


def _between(workspace_id: UUID, after: int, last: int, wanted: Wanted) -> sa.Select[Any]:
    query = sa.select(*_COLUMNS).where(
        events.c.workspace_id == workspace_id, events.c.seq > after, events.c.seq <= last
    )
    if wanted.types:
        query = query.where(events.c.type.in_(wanted.types))
    if wanted.stream is not None:
        query = query.where(events.c.stream == wanted.stream)
    if wanted.actor is not None:
        query = query.where(events.c.actor == wanted.actor)
    if wanted.stream_id is None:
        return query.order_by(events.c.seq)
    # Within a stream both orders are the same, and its index has this one.
    return query.where(events.c.stream_id == wanted.stream_id).order_by(events.c.version)


def shown(row: Any) -> FeedEvent:
    """A row with the columns of the log (`data` as text, `leaf` in hex) as the API shows it."""
    fields = {**row._mapping}  # noqa: SLF001 - the public name of a row's names and values
    fields["data"] = msgspec.Raw(row.data.encode())
    return FeedEvent(**fields)


async def stream_history(
    engine: AsyncEngine, workspace_id: UUID, stream_id: UUID, *, after: int = 0, limit: int
) -> list[FeedEvent]:
    """At most `limit` of a stream's events, in order, those after the version `after`; none of an unknown stream."""
    query = (
        sa.select(*_COLUMNS)
        .where(events.c.workspace_id == workspace_id, events.c.stream_id == stream_id, events.c.version > after)
        .order_by(events.c.version)
        .limit(limit)
    )
    async with autocommit(engine).connect() as connection:
        return [shown(row) for row in await connection.execute(query)]
