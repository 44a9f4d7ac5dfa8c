"""Read artifacts."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from service.artifacts.projection import artifacts
from service.database.rows import fetch_all, fetch_column
from service.errors import NotFound

# By the ids of the artifacts: events have no index by stream alone.
_RECORDED = """
select e.data->>'digest' from artifacts a
join ledger.events e on e.workspace_id = a.workspace_id and e.stream_id = a.id and e.stream = 'artifact'
where a.workspace_id = $1 and e.type = 'ArtifactStored'
"""


async def get_artifact(engine: AsyncEngine, workspace_id: UUID, artifact_id: UUID) -> Any:
    """Get one artifact, also a deleted one. Raises NotFound."""
    query = sa.select(artifacts).where(artifacts.c.workspace_id == workspace_id, artifacts.c.id == artifact_id)
    rows = await fetch_all(engine, query)
    if not rows:
        raise NotFound(f"No such artifact: {artifact_id}.")
    return rows[0]


async def list_artifacts(
    engine: AsyncEngine,
    workspace_id: UUID,
    *,
    kind: str | None = None,
    of: UUID | None = None,
    after: UUID | None,
    limit: int,
) -> Sequence[Any]:
    """List artifacts by id, without the deleted ones, starting after the id `after`."""
    query = sa.select(artifacts).where(artifacts.c.workspace_id == workspace_id, artifacts.c.deleted_at.is_(None))
    if kind is not None:
        query = query.where(artifacts.c.kind == kind)
    if of is not None:
        query = query.where(artifacts.c.of_id == of)
    if after is not None:
        query = query.where(artifacts.c.id > after)
    return await fetch_all(engine, query.order_by(artifacts.c.id).limit(limit))


async def is_content_needed(connection: AsyncConnection, workspace_id: UUID, digest: str) -> bool:
    """Whether an artifact that is not deleted has this content."""
    needed = _select_needed(workspace_id).where(artifacts.c.digest == digest)
    return bool(await connection.scalar(sa.select(needed.exists())))


async def list_needed(engine: AsyncEngine, workspace_id: UUID) -> set[str]:
    """The digests of all artifacts that are not deleted."""
    return set(await fetch_column(engine, _select_needed(workspace_id)))


async def list_recorded(engine: AsyncEngine, workspace_id: UUID) -> set[str]:
    """The digests of all contents that artifacts have or had."""
    return set(await fetch_column(engine, _RECORDED, (workspace_id,)))


def _select_needed(workspace_id: UUID) -> sa.Select[tuple[str]]:
    return sa.select(artifacts.c.digest).where(
        artifacts.c.workspace_id == workspace_id, artifacts.c.deleted_at.is_(None)
    )
