"""Read the events to send from the log, filtered by the webhook's types."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_column, fetch_dicts, fetch_value
from service.ledger.tables import events
from service.webhooks.deliveries.delivery_cursor import Batch, Hold, PendingEvent
from service.webhooks.domain import WebhookReplayed
from service.webhooks.queries import find_head

WINDOW = 50_000  # events that one query scans, as when the types are rare
MAX_HELD_EVENTS = 20  # of a held stream, per batch

_COLUMNS = [events.c[name] for name in ("seq", "stream_id", "type", "recorded_at")]


async def load_new_events(
    engine: AsyncEngine, workspace_id: UUID, *, after: int, types: Sequence[str], limit: int
) -> tuple[list[PendingEvent], int]:
    """Load the next events, and the seq up to which the log was searched."""
    until = min(await find_head(engine, workspace_id), after + WINDOW)
    query = _select_types(types).where(
        events.c.workspace_id == workspace_id, events.c.seq > after, events.c.seq <= until
    )
    pending = await _fetch_events(engine, query.order_by(events.c.seq).limit(limit))
    return pending, pending[-1].seq if len(pending) == limit else max(after, until)


async def load_held_events(
    engine: AsyncEngine, workspace_id: UUID, hold: Hold, *, until: int, types: Sequence[str]
) -> Batch:
    """Load a held stream's events, from the one that was not accepted up to the cursor's seq `until`."""
    query = _select_types(types).where(
        events.c.workspace_id == workspace_id,
        events.c.stream_id == hold.stream_id,
        events.c.seq >= hold.seq,
        events.c.seq <= until,
    )
    pending = await _fetch_events(engine, query.order_by(events.c.version).limit(MAX_HELD_EVENTS + 1))
    return Batch(
        events=tuple(pending[:MAX_HELD_EVENTS]),
        attempts=hold.attempts,
        held_stream=hold.stream_id,
        is_complete=len(pending) <= MAX_HELD_EVENTS,
    )


async def load_event(engine: AsyncEngine, workspace_id: UUID, seq: int) -> PendingEvent:
    """Load an event that must exist."""
    [event] = await _fetch_events(
        engine, sa.select(*_COLUMNS).where(events.c.workspace_id == workspace_id, events.c.seq == seq)
    )
    return event


async def load_created_seq(engine: AsyncEngine, workspace_id: UUID, webhook_id: UUID) -> int:
    """The seq of the webhook's creation; it receives the events after it."""
    query = sa.select(events.c.seq).where(
        events.c.workspace_id == workspace_id, events.c.stream_id == webhook_id, events.c.version == 1
    )
    return int(await fetch_value(engine, query))


async def load_replays(engine: AsyncEngine, workspace_id: UUID, webhook_id: UUID, *, after: int) -> list[int]:
    """The `from_seq` of each replay that was requested after the seq `after`."""
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
