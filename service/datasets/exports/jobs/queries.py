"""Read exports that have not ended."""

from uuid import UUID

import sqlalchemy as sa

from service.datasets.exports.jobs.projection import IS_OPEN
from service.operations.projection import operations

# The kind of lease under which workers export datasets.
LEASE_KIND = "dataset_export"


def select_open() -> sa.Select[tuple[UUID, UUID]]:
    """Select the exports of all workspaces that have not ended."""
    return sa.select(operations.c.workspace_id, operations.c.id).where(IS_OPEN)
