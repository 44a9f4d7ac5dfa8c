"""Read the catalogue as a workspace sees it: its own entries come before those of the file."""

from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.connections.base_models.projection import base_models
from service.database.rows import fetch_all
from service.providers import catalog
from service.providers.catalog import BaseModel


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the catalogue. `entry_id` is null for one of the file."""

    model: BaseModel
    entry_id: UUID | None = None


async def list_entries(engine: AsyncEngine, workspace_id: UUID) -> list[Entry]:
    """List all base models by provider and id. The workspace's own entry replaces the file's."""
    rows = await fetch_all(engine, sa.select(base_models).where(base_models.c.workspace_id == workspace_id))
    own = [Entry(model=msgspec.convert(row.model, BaseModel, strict=False), entry_id=row.id) for row in rows]
    entries = {(each.provider, each.id): Entry(model=each) for each in catalog.list_base_models()}
    entries |= {(entry.model.provider, entry.model.id): entry for entry in own}
    return [entries[key] for key in sorted(entries)]


async def load_models(engine: AsyncEngine, workspace_id: UUID) -> dict[tuple[str, str], BaseModel]:
    """All base models by provider and id."""
    entries = await list_entries(engine, workspace_id)
    return {(entry.model.provider, entry.model.id): entry.model for entry in entries}
