"""What there is to tell: the log's events of the types that an endpoint asked for."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_column, fetch_dicts, fetch_value
from service.ledger.tables import events
from service.webhooks.deliveries.delivery_cursor import Hold, Lane, Told
from service.webhooks.domain import WebhookReplayed
from service.webhooks.projection import head

WINDOW = 50_000  # events that one look passes over in search of rare types
CAUGHT_UP = 20  # of a stream that was held, so many at a time

_TOLD = [events.c[name] for name in ("seq", "stream_id", "type", "recorded_at")]


async def forward(
    engine: AsyncEngine, workspace_id: UUID, *, after: int, types: Sequence[str], limit: int
) -> tuple[list[Told], int]:
    """The next events, and the seq up to which none is left out."""
    until = min(await head(engine, workspace_id), after + WINDOW)
    query = _of_types(types).where(events.c.workspace_id == workspace_id, events.c.seq > after, events.c.seq <= until)
    found = await _told(engine, query.order_by(events.c.seq).limit(limit))
    return found, found[-1].seq if len(found) == limit else max(after, until)


async def caught_up(engine: AsyncEngine, workspace_id: UUID, hold: Hold, *, until: int, types: Sequence[str]) -> Lane:
    """A held stream's events from the one that was not accepted up to the place of the others."""
    query = _of_types(types).where(
        events.c.workspace_id == workspace_id,
        events.c.stream_id == hold.stream_id,
        events.c.seq >= hold.seq,
        events.c.seq <= until,
    )
    found = await _told(engine, query.order_by(events.c.version).limit(CAUGHT_UP + 1))
    whole = len(found) <= CAUGHT_UP
    return Lane(events=tuple(found[:CAUGHT_UP]), attempts=hold.attempts, held=hold.stream_id, whole=whole)


async def one(engine: AsyncEngine, workspace_id: UUID, seq: int) -> Told:
    """An event that is known to be there."""
    [found] = await _told(engine, sa.select(*_TOLD).where(events.c.workspace_id == workspace_id, events.c.seq == seq))
    return found


async def beginning(engine: AsyncEngine, workspace_id: UUID, webhook_id: UUID) -> int:
    """The seq of the webhook's creation: it is told of what comes after."""
    query = sa.select(events.c.seq).where(
        events.c.workspace_id == workspace_id, events.c.stream_id == webhook_id, events.c.version == 1
    )
    return int(await fetch_value(engine, query))


async def replays(engine: AsyncEngine, workspace_id: UUID, webhook_id: UUID, *, after: int) -> list[int]:
    """From which seqs it was asked to be told again, since that event of its own."""
    from_seq = sa.cast(events.c.data["from_seq"].as_string(), sa.BigInteger)
    query = sa.select(from_seq).where(
        events.c.workspace_id == workspace_id,
        events.c.stream_id == webhook_id,
        events.c.type == WebhookReplayed.__name__,
        events.c.seq > after,
    )
    return list(await fetch_column(engine, query))


def _of_types(types: Sequence[str]) -> sa.Select[Any]:
    query: sa.Select[Any] = sa.select(*_TOLD)
    return query.where(events.c.type.in_(types)) if types else query


async def _told(engine: AsyncEngine, query: sa.Select[Any]) -> list[Told]:
    return [Told(**row) for row in await fetch_dicts(engine, query)]
