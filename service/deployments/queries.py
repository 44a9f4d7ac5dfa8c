"""Read deployments, for routes, workers and whoever asks a model."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, fetch_column, fetch_value
from service.deployments.projection import deployments

# The kind of lease under which workers look after deployments.
DEPLOY = "deploy"


async def list_deployments(
    engine: AsyncEngine,
    workspace_id: UUID,
    *,
    state: str | None,
    connection_id: UUID | None,
    before: UUID | None,
    limit: int,
) -> Sequence[Any]:
    """List deployments, the newest first, starting before the id `before`."""
    query = sa.select(deployments).where(deployments.c.workspace_id == workspace_id)
    query = query.order_by(deployments.c.id.desc()).limit(limit)
    if state is not None:
        query = query.where(deployments.c.state == state)
    if connection_id is not None:
        query = query.where(deployments.c.connection_id == connection_id)
    return await fetch_all(engine, query if before is None else query.where(deployments.c.id < before))


async def find_address(engine: AsyncEngine, workspace_id: UUID, connection_id: UUID, model: str) -> str | None:
    """What a request to this model names instead: the address of its newest deployment that answers or wakes up."""
    query = (
        sa.select(deployments.c.address)
        .where(deployments.c.workspace_id == workspace_id, deployments.c.connection_id == connection_id)
        .where(deployments.c.model == model, deployments.c.ended_at.is_(None), deployments.c.address.is_not(None))
        .order_by(sa.case({"ready": 0, "cold": 1}, value=deployments.c.state, else_=2), deployments.c.id.desc())
        .limit(1)
    )
    address: str | None = await fetch_value(engine, query)
    return address


async def list_open_deployments(
    engine: AsyncEngine, workspace_id: UUID, connection_id: UUID, model: str
) -> Sequence[UUID]:
    """List the ids of this model's deployments that have not ended."""
    query = sa.select(deployments.c.id).where(
        deployments.c.workspace_id == workspace_id,
        deployments.c.connection_id == connection_id,
        deployments.c.model == model,
        deployments.c.ended_at.is_(None),
    )
    return await fetch_column(engine, query.order_by(deployments.c.id))


def select_open() -> sa.Select[tuple[UUID, UUID]]:
    """Select the deployments of all workspaces that have not ended."""
    return sa.select(deployments.c.workspace_id, deployments.c.id).where(deployments.c.ended_at.is_(None))
