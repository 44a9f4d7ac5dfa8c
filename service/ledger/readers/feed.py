"""The event feed: a workspace's log, read by seq and filtered."""

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
from service.ledger.tables import BLOCK_BITS, events, heads

MAX_SEQ = 10**15 - 1  # below 2**53, which every JSON reader holds exactly
WINDOW = 20_000  # events that the first statement searches when several filters are combined
MAX_WINDOW = 320_000  # events that a later statement searches at most
QUICK_SECONDS, SLOW_SECONDS = 0.01, 0.04  # below, the next statement searches more; above, less
MAX_SEARCH_SECONDS = 0.05  # then the page ends, even if it is short, and says how far it came

# The types of a stream's events. Each is found from the one before by a step in the index.
_TYPES_OF_STREAM = sa.text("""
    with recursive kinds as (
      (select type, stream from ledger.events where workspace_id = :workspace_id order by type, seq >> 8 limit 1)
      union all
      select following.* from kinds, lateral (
        select type, stream from ledger.events where workspace_id = :workspace_id and type > kinds.type
        order by type, seq >> 8 limit 1) following
    ) select type from kinds where stream = :stream""")

_LEAF = sa.func.encode(events.c.leaf, "hex").label("leaf")
_DATA = sa.cast(events.c.data, sa.Text).label("data")  # exactly the bytes that the leaf is the hash of
_PLAIN = [events.c[name] for name in ("seq", "stream", "stream_id", "version", "type")]
COLUMNS = [*_PLAIN, _DATA, events.c.actor, events.c.request_id, events.c.recorded_at, _LEAF, events.c.key_id]


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
    key_id: UUID | None = None
    """The API key of the request that caused it. Null for the server's own work and in older events."""


class EventFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Selects events; fields that are not set do not matter. Hashable when `types` is a tuple."""

    types: Sequence[str] = ()
    stream: str | None = None
    stream_id: UUID | None = None
    actor: str | None = None
    request_id: str | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.types or self.stream or self.stream_id or self.actor or self.request_id)

    @property
    def has_index(self) -> bool:
        """Whether one index holds them in order, so that one statement finds them in a log of any length."""
        indexed = [self.types, self.actor, self.request_id]
        return self.is_empty or self.stream_id is not None or (sum(map(bool, indexed)) == 1 and not self.stream)

    def matches(self, event: FeedEvent) -> bool:
        """Whether the filter selects this event, as the database would."""
        names = ("stream", "stream_id", "actor", "request_id")
        return (not self.types or event.type in self.types) and all(
            (value := getattr(self, name)) is None or value == getattr(event, name) for name in names
        )


ALL_EVENTS = EventFilter()


class FeedPage(msgspec.Struct, frozen=True, kw_only=True):
    """Events in order. None was left out up to seq `reached`; `more` when there may be others after it."""

    events: list[FeedEvent]
    reached: int
    more: bool


async def load_page(
    engine: AsyncEngine,
    workspace_id: UUID,
    *,
    after: int = 0,
    until: int | None = None,
    limit: int,
    event_filter: EventFilter = ALL_EVENTS,
) -> FeedPage:
    """Load at most `limit` of the events with `after` < seq ≤ `until`.

    When several filters leave few events, the search ends after MAX_SEARCH_SECONDS, and `reached` says how far it came.
    """
    clock = asyncio.get_running_loop()
    deadline = clock.time() + MAX_SEARCH_SECONDS
    selected: list[FeedEvent] = []
    async with autocommit(engine).connect() as connection:
        end = await load_head(connection, workspace_id)
        end = end if until is None else min(end, until)
        event_filter = (
            await _stream_to_types(connection, workspace_id, event_filter)
            if event_filter.stream and not event_filter.stream_id
            else event_filter
        )
        reached, window = after, WINDOW
        while reached < end:
            last = end if event_filter.has_index else min(end, reached + window)
            started = clock.time()
            query = _build_query(workspace_id, reached, last, event_filter, limit - len(selected))
            selected += [to_feed_event(row) for row in await connection.execute(query)]
            if len(selected) == limit:
                return FeedPage(events=selected, reached=selected[-1].seq, more=selected[-1].seq < end)
            reached = last
            if clock.time() > deadline:
                break
            window = _next_window(window, clock.time() - started)
    return FeedPage(events=selected, reached=max(after, reached), more=reached < end)


async def _stream_to_types(connection: AsyncConnection, workspace_id: UUID, event_filter: EventFilter) -> EventFilter:
    """Replace the kind of stream by the types of its events: a type belongs to one kind, and types have an index."""
    rows = await connection.execute(_TYPES_OF_STREAM, {"workspace_id": workspace_id, "stream": event_filter.stream})
    known = [type_ for (type_,) in rows if not event_filter.types or type_ in event_filter.types]
    return msgspec.structs.replace(event_filter, types=known or ("",), stream=None)


def _next_window(window: int, seconds: float) -> int:
    """The next number of events to search: double it while statements are quick, halve it when they are slow."""
    wider = window * 2 if seconds < QUICK_SECONDS else window
    return min(wider, MAX_WINDOW) if seconds < SLOW_SECONDS else max(window // 2, 1)


async def load_head(connection: AsyncConnection, workspace_id: UUID) -> int:
    """The last seq of a workspace; 0 when it has no events."""
    return await connection.scalar(sa.select(heads.c.seq).where(heads.c.workspace_id == workspace_id)) or 0


async def get_event(engine: AsyncEngine, workspace_id: UUID, seq: int) -> FeedEvent:
    """Load one event by its seq. Raises NotFound."""
    query = sa.select(*COLUMNS).where(events.c.workspace_id == workspace_id, events.c.seq == seq)
    async with autocommit(engine).connect() as connection:
        row = (await connection.execute(query)).one_or_none() if 0 < seq <= MAX_SEQ else None
    if row is None:
        raise NotFound(f"No such event: {seq}.")
    return to_feed_event(row)


def _build_query(workspace_id: UUID, after: int, last: int, event_filter: EventFilter, limit: int) -> sa.Select[Any]:
    """Build the query of at most `limit` events that uses the index which holds them in order."""
    columns = events.c
    query = sa.select(*COLUMNS).where(columns.workspace_id == workspace_id, columns.seq > after, columns.seq <= last)
    query = query.limit(limit)
    if event_filter.stream_id is not None:
        # Within a stream the orders by seq and by version are the same; its index has the version.
        return (
            _apply_filter(query, event_filter)
            .where(columns.stream_id == event_filter.stream_id)
            .order_by(columns.version)
        )
    if event_filter.is_empty or not event_filter.has_index:
        return _apply_filter(query, event_filter).order_by(columns.seq)
    if not event_filter.types:
        name = "actor" if event_filter.actor is not None else "request_id"
        return _query_index(workspace_id, name, getattr(event_filter, name), after, last, limit)
    each = [
        _query_index(workspace_id, "type", type_, after, last, limit).subquery().select()
        for type_ in dict.fromkeys(event_filter.types)
    ]
    merged = sa.union_all(*each).subquery()
    return sa.select(merged).order_by(merged.c.seq).limit(limit)


def _query_index(workspace_id: UUID, name: str, value: str, after: int, last: int, limit: int) -> sa.Select[Any]:
    """Build a query that reads the index on (workspace_id, name, block of seqs), up to the block that fills the page.

    It compares pairs and orders by both columns, so that no other index gives the order: otherwise the planner may scan
    the log, assuming that such events are spread evenly.
    """
    column, block = events.c[name], events.c.seq.op(">>")(sa.literal_column(str(BLOCK_BITS)))
    place = sa.tuple_(column, block)

    def select_until(end: Any, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
        return sa.select(*columns).where(
            events.c.workspace_id == workspace_id,
            place >= sa.tuple_(sa.literal(value), sa.literal(after >> BLOCK_BITS, sa.BigInteger)),
            place <= sa.tuple_(sa.literal(value), end),
            events.c.seq > after,
            events.c.seq <= last,
        )

    end = sa.literal(last >> BLOCK_BITS, sa.BigInteger)
    first = select_until(end, block.label("block")).order_by(column, block).limit(limit).subquery()
    last_block = sa.select(sa.func.max(first.c.block)).scalar_subquery()
    return select_until(last_block, *COLUMNS).order_by(column, block, events.c.seq).limit(limit)


def _apply_filter(query: sa.Select[Any], event_filter: EventFilter) -> sa.Select[Any]:
    if event_filter.types:
        query = query.where(events.c.type.in_(event_filter.types))
    for name in ("stream", "actor", "request_id"):
        if (value := getattr(event_filter, name)) is not None:
            query = query.where(events.c[name] == value)
    return query


def to_feed_event(row: Any) -> FeedEvent:
    """Convert a row with the columns of the log; `data` is text, `leaf` is hex."""
    fields = {**row._mapping}  # noqa: SLF001 - the public name of a row's names and values
    fields["data"] = msgspec.Raw(row.data.encode())
    return FeedEvent(**fields)


async def load_stream_events(
    engine: AsyncEngine, workspace_id: UUID, stream_id: UUID, *, after: int = 0, limit: int
) -> list[FeedEvent]:
    """Load at most `limit` of a stream's events after version `after`, in order; none for an unknown stream."""
    query = (
        sa.select(*COLUMNS)
        .where(events.c.workspace_id == workspace_id, events.c.stream_id == stream_id, events.c.version > after)
        .order_by(events.c.version)
        .limit(limit)
    )
    async with autocommit(engine).connect() as connection:
        return [to_feed_event(row) for row in await connection.execute(query)]
