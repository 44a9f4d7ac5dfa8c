"""Count the examples of a selection that are to be erased, or were."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_value
from service.datasets.examples.projection import examples
from service.datasets.examples.queries import select_revisions
from service.datasets.filters.selection import Selection


async def count_held(
    engine: AsyncEngine, workspace_id: UUID, selection: Selection, example_ids: Collection[UUID]
) -> int:
    query = select_revisions(workspace_id, selection).with_only_columns(sa.func.count(), maintain_column_froms=True)
    ids = sa.cast(sorted(example_ids), ARRAY(sa.Uuid))
    count: int = await fetch_value(engine, query.where(examples.c.id == sa.any_(ids)))
    return count
