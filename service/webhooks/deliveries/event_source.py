"""What there is to tell: the log's events of the types that an endpoint asked for."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_column, fetch_dicts, fetch_value
from service.ledger.tables import events
from service.webhooks.deliveries.delivery_cursor import Batch, Hold, PendingEvent
from service.webhooks.domain import WebhookReplayed
from service.webhooks.projection import find_head

WINDOW = 50_000  # events that one look passes over in search of rare types
MAX_HELD_EVENTS = 20  # of a stream that was held, so many at a time

_COLUMNS = [events.c[name] for name in ("seq", "stream_id", "type", "recorded_at")]


async def load_new_events(
    engine: AsyncEngine, workspace_id: UUID, *, after: int, types: Sequence[str], limit: int
) -> tuple[list[PendingEvent], int]:
    """The next events, and the seq up to which none is left out."""
    until = min(await find_head(engine, workspace_id), after + WINDOW)
    query = _select_types(types).where(
        events.c.workspace_id == workspace_id, events.c.seq > after, events.c.seq <= until
    )
    found = await _fetch_events(engine, query.order_by(events.c.seq).limit(limit))
    return found, found[-1].seq if len(found) == limit else max(after, until)


async def load_held_events(
    engine: AsyncEngine, workspace_id: UUID, hold: Hold, *, until: int, types: Sequence[str]
) -> Batch:
    """A held stream's events from the one that was not accepted up to the place of the others."""
    query = _select_types(types).where(
        events.c.workspace_id == workspace_id,
        events.c.stream_id == hold.stream_id,
        events.c.seq >= hold.seq,
        events.c.seq <= until,
    )
    found = await _fetch_events(engine, query.order_by(events.c.version).limit(MAX_HELD_EVENTS + 1))
    whole = len(found) <= MAX_HELD_EVENTS
    return Batch(events=tuple(found[:MAX_HELD_EVENTS]), attempts=hold.attempts, held=hold.stream_id, whole=whole)


async def load_event(engine: AsyncEngine, workspace_id: UUID, seq: int) -> PendingEvent:
    """An event that is known to be there."""
    [found] = await _fetch_events(
        engine, sa.select(*_COLUMNS).where(events.c.workspace_id == workspace_id, events.c.seq == seq)
    )
    return found


async def load_created_seq(engine: AsyncEngine, workspace_id: UUID, webhook_id: UUID) -> int:
    """The seq of the webhook's creation: it is told of what comes after."""
    query = sa.select(events.c.seq).where(
        events.c.workspace_id == workspace_id, events.c.stream_id == webhook_id, events.c.version == 1
    )
    return int(await fetch_value(engine, query))


async def load_replays(engine: AsyncEngine, workspace_id: UUID, webhook_id: UUID, *, after: int) -> list[int]:
    """From which seqs it was asked to be told again, since that event of its own."""
    from_seq = sa.cast(events.c.data["from_seq"].as_string(), sa.BigInteger)
    query = sa.select(from_seq).where(
        events.c.workspace_id == workspace_id,
        events.c.stream_id == webhook_id,
        events.c.type == WebhookReplayed.__name__,
        events.c.seq > after,
    )
    return list(await fetch_column(engine, query))


def _select_types(types: Sequence[str]) -> sa.Select[Any]:
    query: sa.Select[Any] = sa.select(*_COLUMNS)
    return query.where(events.c.type.in_(types)) if types else query


async def _fetch_events(engine: AsyncEngine, query: sa.Select[Any]) -> list[PendingEvent]:
    return [PendingEvent(**row) for row in await fetch_dicts(engine, query)]
