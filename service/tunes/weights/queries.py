"""Read downloads of weights."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.connections.queries import is_elsewhere
from service.database.rows import fetch_column
from service.operations.projection import operations
from service.tunes.projection import tunes
from service.tunes.weights.projection import IS_OPEN

# The kind of lease under which workers download weights.
LEASE_KIND = "weights"


def select_open(label: str) -> sa.Select[tuple[UUID, UUID]]:
    """Select the downloads of all workspaces that have not ended, but for those of another machine than this one."""
    elsewhere = sa.exists().where(
        tunes.c.workspace_id == operations.c.workspace_id,
        operations.c.resource == sa.literal_column("'/v1/tunes/'") + sa.cast(tunes.c.id, sa.Text) + "/weights",
        is_elsewhere(label, tunes.c.workspace_id, tunes.c.connection_id),
    )
    return sa.select(operations.c.workspace_id, operations.c.id).where(IS_OPEN, ~elsewhere)


async def list_open(engine: AsyncEngine, workspace_id: UUID, tune_id: UUID) -> Sequence[UUID]:
    """List the ids of a tune's downloads that have not ended."""
    of_tune = (operations.c.workspace_id == workspace_id, operations.c.resource == f"/v1/tunes/{tune_id}/weights")
    return await fetch_column(engine, sa.select(operations.c.id).where(*of_tune, IS_OPEN))
