"""Count the examples of a dataset, and say what to expect of tuning on that many."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import autocommit
from service.datasets.examples.projection import current_split, examples, revisions
from service.datasets.examples.queries import is_at
from service.datasets.filters.conditions import is_valid
from service.datasets.size_guide import BY_MODELS, BY_PEOPLE, Ladder, Step, build_ladder

# From how many examples on tuning brings how much.
GUIDE = (
    (5_000, "the best"),
    (1_000, "strong"),
    (200, "noticeable"),
    (50, "little"),
    (0, "too few"),
)


class DatasetStats(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of the present examples. `quantity` is what to expect of tuning on that many.

    `reviewed` counts by source those that people have rated, repaired or labelled.
    """

    examples: int
    """How many examples the dataset has."""
    rated: int
    """How many have a rating."""
    repaired: int
    """How many were repaired."""
    invalid: int
    """How many fail their task's schema."""
    average_rating: float | None
    """Mean rating in stars. Null if nothing is rated."""
    splits: dict[str, int]
    """Number of examples by split."""
    sources: dict[str, int]
    """Number of examples by type of source."""
    reviewed: dict[str, int]
    """Number of examples that were rated, repaired or labelled, by type of source."""
    tags: dict[str, int]
    """Number of examples by tag, the 1,000 most frequent."""
    quantity: str
    """What tuning on this many examples is expected to bring."""
    ladder: Ladder
    """The steps by which a dataset grows, and the next one to take."""


async def count_examples(
    engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, *, seq: int | None = None
) -> DatasetStats:
    """The counts now, or at `seq`."""
    present = (
        revisions.c.workspace_id == workspace_id,
        revisions.c.dataset_id == dataset_id,
        is_at(seq),
    )
    joined = sa.and_(examples.c.workspace_id == revisions.c.workspace_id, examples.c.id == revisions.c.example_id)
    source = examples.c.source["type"].astext
    totals = sa.select(
        sa.func.count(),
        sa.func.count(revisions.c.score),
        sa.func.count(revisions.c.replaced),
        sa.func.count().filter(sa.not_(is_valid())),
        sa.func.avg(revisions.c.score),
    ).where(*present)
    by_split = (
        sa.select(current_split, sa.func.count())
        .join_from(examples, revisions, joined)
        .where(*present)
        .group_by(current_split)
    )
    checked = sa.or_(*[revisions.c[name].is_not(None) for name in ("score", "replaced", "label")])
    figures = (source.label("source"), sa.func.count().label("all"), sa.func.count().filter(checked).label("reviewed"))
    by_source = sa.select(*figures).join(revisions, joined).where(*present).group_by(source)
    tag = sa.func.unnest(revisions.c.tags).label("tag")
    each = sa.select(tag).where(*present).subquery()
    by_tag = sa.select(each.c.tag, sa.func.count()).group_by(each.c.tag).order_by(sa.func.count().desc()).limit(1_000)
    async with autocommit(engine).connect() as connection:
        total: Any = (await connection.execute(totals)).one()
        groups: list[dict[str, int]] = [dict((await connection.execute(q)).all()) for q in (by_split, by_tag)]
        sources: Sequence[Any] = (await connection.execute(by_source)).all()
    number, rated, repaired, invalid, average = total
    return DatasetStats(
        examples=number,
        rated=rated,
        repaired=repaired,
        invalid=invalid,
        average_rating=None if average is None else round(float(average), 3),
        splits=groups[0],
        sources={row.source: row.all for row in sources},
        reviewed={row.source: row.reviewed for row in sources if row.reviewed},
        tags=groups[1],
        quantity=next(word for least, word in GUIDE if number >= least),
        ladder=build_ladder(_count_by_step(sources)),
    )


def _count_by_step(sources: Sequence[Any]) -> dict[Step, int]:
    synthetic = [row for row in sources if row.source in BY_MODELS]
    return {
        "by_hand": sum(row.all for row in sources if row.source in BY_PEOPLE),
        "reviewed": sum(row.reviewed for row in synthetic),
        "synthesized": sum(row.all - row.reviewed for row in synthetic),
        "served": sum(row.all for row in sources if row.source == "log"),
    }
