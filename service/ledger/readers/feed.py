"""The log as it is read from outside: by seq, for a whole workspace."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from service.database.engine import autocommit
from service.errors import NotFound
from service.ledger.tables import events, heads

MOST = 10**15 - 1  # below 2**53: every JSON reader holds it exactly
WINDOW = 20_000  # events that a first statement looks through for the few that several filters leave
WIDEST = 320_000  # and the most that a later one does
QUICK, SLOW = 0.01, 0.04  # seconds of a statement, below which the next looks further, above which less far
PATIENCE = 0.05  # seconds after which a page says how far it came, though it may still be short

# The types there are, each found from the one before it by a step into the index.
KINDS = sa.text("""
    with recursive kinds as (
      (select type, stream from ledger.events where workspace_id = :workspace_id order by type, seq limit 1)
      union all
      select following.* from kinds, lateral (
        select type, stream from ledger.events where workspace_id = :workspace_id and type > kinds.type
        order by type, seq limit 1) following
    ) select type from kinds where stream = :stream""")

_LEAF = sa.func.encode(events.c.leaf, "hex").label("leaf")
_DATA = sa.cast(events.c.data, sa.Text).label("data")  # the very bytes that the leaf was made of
_PLAIN = [events.c[name] for name in ("seq", "stream", "stream_id", "version", "type")]
COLUMNS = [*_PLAIN, _DATA, events.c.actor, events.c.request_id, events.c.recorded_at, _LEAF]


class FeedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event of the log."""

    seq: int
    """The event's number in the workspace's log, without gaps."""
    stream: str
    """The kind of resource that the event changed, such as `example`."""
    stream_id: UUID
    """The id of the resource."""
    version: int
    """The resource's version after the event."""
    type: str
    """The type of the event, such as `ExampleAdded`."""
    data: Annotated[msgspec.Raw, msgspec.Meta(extra_json_schema={"type": "object"})]
    """The event's content, with exactly the bytes that were recorded."""
    actor: str
    """Who caused the event."""
    request_id: str
    """The id of the request that caused the event."""
    recorded_at: datetime
    """When it was recorded, by Postgres's clock."""
    leaf: str
    """The event's hash in the audit tree, as 64 hex digits."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which events; what is not named does not matter. Hashable when `types` is a tuple."""

    types: Sequence[str] = ()
    stream: str | None = None
    stream_id: UUID | None = None
    actor: str | None = None
    request_id: str | None = None

    @property
    def everything(self) -> bool:
        return not (self.types or self.stream or self.stream_id or self.actor or self.request_id)

    @property
    def direct(self) -> bool:
        """Whether one index has them in order, so that one statement finds them however long the log is."""
        asked = [self.types, self.actor, self.request_id]
        return self.everything or self.stream_id is not None or (sum(map(bool, asked)) == 1 and not self.stream)

    def matches(self, event: FeedEvent) -> bool:
        """Whether it is one of them, as the database would find."""
        named = ("stream", "stream_id", "actor", "request_id")
        return (not self.types or event.type in self.types) and all(
            (value := getattr(self, name)) is None or value == getattr(event, name) for name in named
        )


ALL = Wanted()


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Events in order, and the seq up to which none was left out; `more` when there may be others after it."""

    events: list[FeedEvent]
    reached: int
    more: bool


async def feed(
    engine: AsyncEngine,
    workspace_id: UUID,
    *,
    after: int = 0,
    until: int | None = None,
    limit: int,
    wanted: Wanted = ALL,
) -> Found:
    """At most `limit` of the events after a seq and not after `until`.

    What several filters leave may be rare: then the search ends after a moment, and says how far it came.
    """
    clock = asyncio.get_running_loop()
    deadline = clock.time() + PATIENCE
    found: list[FeedEvent] = []
    async with autocommit(engine).connect() as connection:
        end = await head(connection, workspace_id)
        end = end if until is None else min(end, until)
        wanted = await _by_types(connection, workspace_id, wanted) if wanted.stream and not wanted.stream_id else wanted
        reached, window = after, WINDOW
        while reached < end:
            last = end if wanted.direct else min(end, reached + window)
            began = clock.time()
            query = _between(workspace_id, reached, last, wanted, limit - len(found))
            found += [shown(row) for row in await connection.execute(query)]
            if len(found) == limit:
                return Found(events=found, reached=found[-1].seq, more=found[-1].seq < end)
            reached = last
            if clock.time() > deadline:
                break
            window = _next(window, clock.time() - began)
    return Found(events=found, reached=max(after, reached), more=reached < end)


async def _by_types(connection: AsyncConnection, workspace_id: UUID, wanted: Wanted) -> Wanted:
    """The kind of stream as the types of its events, since a type belongs to one kind, and types have an index."""
    rows = await connection.execute(KINDS, {"workspace_id": workspace_id, "stream": wanted.stream})
    known = [type_ for (type_,) in rows if not wanted.types or type_ in wanted.types]
    return msgspec.structs.replace(wanted, types=known or ("",), stream=None)


def _next(window: int, seconds: float) -> int:
    """Rare events lie far apart: as long as looking is quick, look further at once."""
    wider = window * 2 if seconds < QUICK else window
    return min(wider, WIDEST) if seconds < SLOW else max(window // 2, 1)


async def head(connection: AsyncConnection, workspace_id: UUID) -> int:
    """The last seq of a workspace; 0 when it has no events."""
    return await connection.scalar(sa.select(heads.c.seq).where(heads.c.workspace_id == workspace_id)) or 0


async def event(engine: AsyncEngine, workspace_id: UUID, seq: int) -> FeedEvent:
    """Raises NotFound."""
    query = sa.select(*COLUMNS).where(events.c.workspace_id == workspace_id, events.c.seq == seq)
    async with autocommit(engine).connect() as connection:
        row = (await connection.execute(query)).one_or_none() if seq <= MOST else None
    if row is None:
        raise NotFound(f"No such event: {seq}.")
    return shown(row)


def _between(workspace_id: UUID, after: int, last: int, wanted: Wanted, limit: int) -> sa.Select[Any]:
    """At most `limit` of them, by the index that has them in order."""
    columns = events.c
    query = sa.select(*COLUMNS).where(columns.workspace_id == workspace_id, columns.seq > after, columns.seq <= last)
    query = query.limit(limit)
    if wanted.stream_id is not None:
        # Within a stream both orders are the same, and its index has this one.
        return _filtered(query, wanted).where(columns.stream_id == wanted.stream_id).order_by(columns.version)
    if wanted.everything or not wanted.direct:
        return _filtered(query, wanted).order_by(columns.seq)
    if not wanted.types:
        name = "actor" if wanted.actor is not None else "request_id"
        return _along(workspace_id, name, getattr(wanted, name), after, last, limit)
    each = [
        _along(workspace_id, "type", type_, after, last, limit).subquery().select()
        for type_ in dict.fromkeys(wanted.types)
    ]
    merged = sa.union_all(*each).subquery()
    return sa.select(merged).order_by(merged.c.seq).limit(limit)


def _along(workspace_id: UUID, name: str, value: str, after: int, last: int, limit: int) -> sa.Select[Any]:
    """Along the index of (workspace_id, name, seq).

    Compared as pairs and ordered by both: then no other index gives the order, and the planner cannot take the log's
    own in the hope that such events are spread evenly.
    """
    column = events.c[name]
    pair = sa.tuple_(column, events.c.seq)
    return (
        sa.select(*COLUMNS)
        .where(
            events.c.workspace_id == workspace_id,
            pair > sa.tuple_(sa.literal(value), sa.literal(after, sa.BigInteger)),
            pair <= sa.tuple_(sa.literal(value), sa.literal(last, sa.BigInteger)),
        )
        .order_by(column, events.c.seq)
        .limit(limit)
    )


def _filtered(query: sa.Select[Any], wanted: Wanted) -> sa.Select[Any]:
    if wanted.types:
        query = query.where(events.c.type.in_(wanted.types))
    for name in ("stream", "actor", "request_id"):
        if (value := getattr(wanted, name)) is not None:
            query = query.where(events.c[name] == value)
    return query


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
        sa.select(*COLUMNS)
        .where(events.c.workspace_id == workspace_id, events.c.stream_id == stream_id, events.c.version > after)
        .order_by(events.c.version)
        .limit(limit)
    )
    async with autocommit(engine).connect() as connection:
        return [shown(row) for row in await connection.execute(query)]
