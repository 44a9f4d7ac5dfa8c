"""Find the examples of a selection that repeat another one; the best rated of each group stays, else the oldest."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_column
from service.datasets.examples.projection import revisions
from service.datasets.examples.queries import content_texts, select_revisions, with_content
from service.datasets.filters.selection import Selection


async def find_exact_repeats(
    engine: AsyncEngine, workspace_id: UUID, selection: Selection, *, ids: Sequence[UUID] | None = None
) -> Sequence[UUID]:
    """Find those, of all or of these ids, whose content equals that of one that stays, in ascending order."""
    place = sa.func.row_number().over(
        partition_by=sa.func.sha256(content_texts.c.body),
        order_by=(revisions.c.score.desc().nulls_last(), revisions.c.example_id),
    )
    ranked = (
        with_content(select_revisions(workspace_id, selection))
        .with_only_columns(revisions.c.example_id, place.label("place"), maintain_column_froms=True)
        .where(content_texts.c.body.is_not(None))
    )
    if ids is not None:
        ranked = ranked.where(revisions.c.example_id == sa.func.any(sa.cast(list(ids), ARRAY(sa.Uuid))))
    repeats = ranked.subquery()
    query = sa.select(repeats.c.example_id).where(repeats.c.place > 1).order_by(repeats.c.example_id)
    return await fetch_column(engine, query)
