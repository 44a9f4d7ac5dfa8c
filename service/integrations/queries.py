"""Read integrations."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all
from service.integrations.projection import integrations


async def list_integrations(
    engine: AsyncEngine, workspace_id: UUID, *, after: UUID | None = None, limit: int = 1_000
) -> Sequence[Any]:
    """List integrations by id, starting after the id `after`."""
    query = sa.select(integrations).where(integrations.c.workspace_id == workspace_id)
    query = query.order_by(integrations.c.id).limit(limit)
    return await fetch_all(engine, query if after is None else query.where(integrations.c.id > after))
