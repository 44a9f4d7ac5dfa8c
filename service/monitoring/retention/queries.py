"""Read how long workspaces keep their requests."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, fetch_value
from service.monitoring.requests.projection import retention
from service.monitoring.retention.domain import Retention


async def get_retention(engine: AsyncEngine, workspace_id: UUID) -> Retention:
    """Load the workspace's retention; without one, requests are kept until they are erased."""
    query = sa.select(retention.c.days).where(retention.c.workspace_id == workspace_id)
    return Retention(days=await fetch_value(engine, query))


async def list_retentions(engine: AsyncEngine) -> dict[UUID, Retention]:
    """Load the retention of every workspace that has set one."""
    rows = await fetch_all(engine, sa.select(retention.c.workspace_id, retention.c.days))
    return {row.workspace_id: Retention(days=row.days) for row in rows}
