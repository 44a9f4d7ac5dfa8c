"""Read counts: as they are kept, or counted anew for a past moment."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, fetch_value
from service.datasets.counts.projection import count_states, dataset_counts
from service.datasets.examples.projection import build_counted_state, examples, revisions
from service.datasets.examples.queries import select_revisions
from service.datasets.filters.selection import Selection

MAX_TAGS = 1_000
Counts = dict[str, dict[str, int]]


async def load_counts(engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, *, seq: int | None = None) -> Counts:
    """The numbers of examples by kind and key, now or at `seq`, the largest first; of tags the MAX_TAGS most frequent.

    For a past moment this reads all examples.
    """
    if seq is None:
        counts = _select_present(workspace_id, dataset_id)
    else:
        counts = _select_past(workspace_id, Selection(dataset_id=dataset_id, seq=seq))
    result: Counts = {}
    for kind, key, number in await fetch_all(engine, _limit_tags(counts.cte("counts"))):
        result.setdefault(kind, {})[key] = number
    return result


def _select_present(workspace_id: UUID, dataset_id: UUID) -> sa.Select[Any]:
    return sa.select(dataset_counts).where(
        dataset_counts.c.workspace_id == workspace_id,
        dataset_counts.c.dataset_id == dataset_id,
        dataset_counts.c.examples > 0,
    )


def _select_past(workspace_id: UUID, selection: Selection) -> sa.Select[Any]:
    columns = build_counted_state(revisions, examples).columns()
    states = select_revisions(workspace_id, selection).with_only_columns(
        *columns, sa.literal_column("1").label("times"), maintain_column_froms=True
    )
    return count_states(states.subquery("states"))


def _limit_tags(counts: sa.CTE) -> sa.CompoundSelect[Any]:
    columns = (counts.c.kind, counts.c.key, counts.c.examples)
    frequent = sa.select(*columns).where(counts.c.kind == "tag").order_by(counts.c.examples.desc(), counts.c.key)
    others = sa.select(*columns).where(counts.c.kind != "tag").order_by(counts.c.examples.desc(), counts.c.key)
    return sa.union_all(others.subquery().select(), frequent.limit(MAX_TAGS).subquery().select())


async def count_all(engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID) -> int:
    """How many examples the dataset has now."""
    splits = _select_present(workspace_id, dataset_id).where(dataset_counts.c.kind == "split").subquery()
    number: int = await fetch_value(engine, sa.select(sa.cast(sa.func.sum(splits.c.examples), sa.BigInteger)))
    return number or 0
