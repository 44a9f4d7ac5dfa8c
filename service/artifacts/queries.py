"""Read artifacts."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.artifacts.projection import artifacts
from service.database.rows import fetch_all, fetch_value
from service.errors import NotFound


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


async def is_content_needed(engine: AsyncEngine, workspace_id: UUID, digest: str) -> bool:
    """Whether an artifact that is not deleted has this content."""
    has_content = (artifacts.c.workspace_id == workspace_id, artifacts.c.digest == digest)
    query = sa.select(sa.exists().where(*has_content, artifacts.c.deleted_at.is_(None)))
    return bool(await fetch_value(engine, query))
