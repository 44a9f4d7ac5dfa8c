"""Read which versions have a model at a provider, and which models are to be deleted there."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.connections.queries import is_elsewhere
from service.database.rows import find_one
from service.models.projection import model_versions, models


async def find_version_with(
    engine: AsyncEngine, workspace_id: UUID, connection_id: UUID, provider_model: str
) -> Any | None:
    """Find a version, with its model's name as `model`, that has this model at this connection."""
    same_model = sa.and_(
        models.c.workspace_id == model_versions.c.workspace_id, models.c.id == model_versions.c.model_id
    )
    query = (
        sa.select(model_versions.c.name, models.c.name.label("model"))
        .join(models, same_model)
        .where(model_versions.c.workspace_id == workspace_id, model_versions.c.connection_id == connection_id)
        .where(model_versions.c.provider_model == provider_model)
        .limit(1)
    )
    return await find_one(engine, query)


def select_to_delete(label: str) -> sa.Select[tuple[UUID, UUID]]:
    """Select models of all workspaces with a version to delete at its provider. `label`: this machine's."""
    requested: sa.ColumnElement[str] = sa.literal_column("'requested'")
    elsewhere = is_elsewhere(label, model_versions.c.workspace_id, model_versions.c.connection_id)
    return (
        sa.select(model_versions.c.workspace_id, model_versions.c.model_id)
        .where(model_versions.c.deletion == requested, ~elsewhere)
        .distinct()
    )
