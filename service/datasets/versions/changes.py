"""List who changed what in a dataset between two seqs: the events that begin or end a state of an example."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, fetch_dicts
from service.datasets.examples.projection import revisions
from service.ledger.readers import feed
from service.ledger.readers.feed import FeedEvent
from service.ledger.tables import events


class Author(msgspec.Struct, frozen=True, kw_only=True):
    """What one actor changed: how many changes of how many examples, from when to when."""

    actor: str
    """Who made the changes."""
    changes: int
    """How many changes the actor made."""
    examples: int
    """How many examples the actor changed."""
    first_at: datetime
    """When the actor's first change was made."""
    last_at: datetime
    """When the actor's last change was made."""


class SeqRange(msgspec.Struct, frozen=True, kw_only=True):
    """Changes of a dataset's examples with `after` < seq ≤ `until`, by one actor or by all."""

    workspace_id: UUID
    dataset_id: UUID
    after: int
    until: int
    actor: str | None = None


async def list_changes(engine: AsyncEngine, seq_range: SeqRange, *, limit: int) -> list[FeedEvent]:
    """At most `limit` changes, the oldest first."""
    # With an actor no limit here: the first changes need not be theirs.
    seqs = _select_seqs(seq_range, limit=None if seq_range.actor else limit)
    query = sa.select(*feed.COLUMNS).where(*_build_conditions(seq_range, seqs)).order_by(events.c.seq).limit(limit)
    return [feed.to_feed_event(row) for row in await fetch_all(engine, query)]


async def count_by_author(engine: AsyncEngine, seq_range: SeqRange) -> list[Author]:
    """Count the changes by actor, the most first. This reads all changes."""
    total = sa.func.count()
    query = (
        sa.select(
            events.c.actor,
            total.label("changes"),
            sa.func.count(events.c.stream_id.distinct()).label("examples"),
            sa.func.min(events.c.recorded_at).label("first_at"),
            sa.func.max(events.c.recorded_at).label("last_at"),
        )
        .where(*_build_conditions(seq_range, _select_seqs(seq_range, limit=None)))
        .group_by(events.c.actor)
        .order_by(total.desc(), events.c.actor)
    )
    return [Author(**row) for row in await fetch_dicts(engine, query)]


def _build_conditions(seq_range: SeqRange, seqs: sa.Subquery) -> list[sa.ColumnElement[bool]]:
    conditions = [events.c.workspace_id == seq_range.workspace_id, events.c.seq == seqs.c.seq]
    return conditions if seq_range.actor is None else [*conditions, events.c.actor == seq_range.actor]


def _select_seqs(seq_range: SeqRange, *, limit: int | None) -> sa.Subquery:
    """Seqs at which a state begins or ends: a deletion only ends one."""
    return sa.union(*[_select_first(seq_range, revisions.c[name], limit) for name in ("seq_from", "seq_to")]).subquery(
        "seqs"
    )


def _select_first(seq_range: SeqRange, column: Any, limit: int | None) -> sa.Select[Any]:
    query = sa.select(column.label("seq")).where(
        revisions.c.workspace_id == seq_range.workspace_id,
        revisions.c.dataset_id == seq_range.dataset_id,
        column.is_not(None),
        column > seq_range.after,
        column <= seq_range.until,
    )
    return sa.select(query.order_by(column).limit(limit).subquery()) if limit is not None else query
