"""Read the kept exports."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine

from service.artifacts.projection import artifacts
from service.database.rows import fetch_all
from service.datasets.examples.projection import examples


async def list_exports(engine: AsyncEngine, workspace_id: UUID, example_ids: Collection[UUID]) -> Sequence[Any]:
    """The kept exports of all datasets that these examples are or were in."""
    ids = sa.cast(sorted(example_ids), ARRAY(sa.Uuid))
    datasets = sa.select(examples.c.dataset_id).where(
        examples.c.workspace_id == workspace_id, examples.c.id == sa.any_(ids)
    )
    query = sa.select(artifacts.c.id, artifacts.c.digest).where(
        artifacts.c.workspace_id == workspace_id,
        artifacts.c.kind == "export",
        artifacts.c.deleted_at.is_(None),
        artifacts.c.of_id.in_(datasets),
    )
    return await fetch_all(engine, query.order_by(artifacts.c.id)) if example_ids else []
