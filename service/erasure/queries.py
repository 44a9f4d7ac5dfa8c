"""Read erasures, and what was at work when one was asked for."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_column, fetch_value
from service.erasure.projection import erasures

# Runs and imports that may have read a text before it went, and write what they made of it.
_OPEN_WORK = """
select count(*) from operations where workspace_id = $1 and state in ('queued', 'running') and created_at <= $2
"""


def select_open() -> sa.Select[tuple[UUID, UUID]]:
    """Select the erasures of all workspaces that are not complete."""
    return sa.select(erasures.c.workspace_id, erasures.c.id).where(erasures.c.completed_at.is_(None))


async def list_erasure_ids(engine: AsyncEngine, workspace_id: UUID, *, before: UUID | None, limit: int) -> list[UUID]:
    """List a page of erasures, the newest first."""
    query = sa.select(erasures.c.id).where(erasures.c.workspace_id == workspace_id)
    if before is not None:
        query = query.where(erasures.c.id < before)
    return list(await fetch_column(engine, query.order_by(erasures.c.id.desc()).limit(limit)))


async def count_open_work(engine: AsyncEngine, workspace_id: UUID, *, before: datetime) -> int:
    count: int = await fetch_value(engine, _OPEN_WORK, (workspace_id, before))
    return count
