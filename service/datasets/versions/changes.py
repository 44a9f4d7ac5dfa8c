"""Who changed what in a dataset between two moments: the events that begin or end a state of an example."""

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
    """One actor's part: how many changes of how many examples, from when to when."""

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


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to a dataset's examples after one seq and not after another, by one actor or by all."""

    workspace_id: UUID
    dataset_id: UUID
    after: int
    until: int
    actor: str | None = None


async def changes(engine: AsyncEngine, stretch: Stretch, *, limit: int) -> list[FeedEvent]:
    """At most `limit` of them, in the log's order."""
    # With an actor, the first of all changes need not be theirs.
    seqs = _seqs(stretch, limit=None if stretch.actor else limit)
    query = sa.select(*feed.COLUMNS).where(*_theirs(stretch, seqs)).order_by(events.c.seq).limit(limit)
    return [feed.to_feed_event(row) for row in await fetch_all(engine, query)]


async def authors(engine: AsyncEngine, stretch: Stretch) -> list[Author]:
    """Who changed anything, those who changed most first. It costs as much as there are changes."""
    many = sa.func.count()
    query = (
        sa.select(
            events.c.actor,
            many.label("changes"),
            sa.func.count(events.c.stream_id.distinct()).label("examples"),
            sa.func.min(events.c.recorded_at).label("first_at"),
            sa.func.max(events.c.recorded_at).label("last_at"),
        )
        .where(*_theirs(stretch, _seqs(stretch, limit=None)))
        .group_by(events.c.actor)
        .order_by(many.desc(), events.c.actor)
    )
    return [Author(**row) for row in await fetch_dicts(engine, query)]


def _theirs(stretch: Stretch, seqs: sa.Subquery) -> list[sa.ColumnElement[bool]]:
    wanted = [events.c.workspace_id == stretch.workspace_id, events.c.seq == seqs.c.seq]
    return wanted if stretch.actor is None else [*wanted, events.c.actor == stretch.actor]


def _seqs(stretch: Stretch, *, limit: int | None) -> sa.Subquery:
    """Where a state begins; and where one ends, since the last one of a deleted example has none after it."""
    return sa.union(*[_first(stretch, revisions.c[name], limit) for name in ("seq_from", "seq_to")]).subquery("seqs")


def _first(stretch: Stretch, column: Any, limit: int | None) -> sa.Select[Any]:
    query = sa.select(column.label("seq")).where(
        revisions.c.workspace_id == stretch.workspace_id,
        revisions.c.dataset_id == stretch.dataset_id,
        column.is_not(None),
        column > stretch.after,
        column <= stretch.until,
    )
    return sa.select(query.order_by(column).limit(limit).subquery()) if limit is not None else query
