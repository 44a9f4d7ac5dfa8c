"""Read models, their versions, and the moves of aliases."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, find_one
from service.errors import NotFound
from service.models.aliases.domain import ALIAS_PATTERN
from service.models.domain import VERSION_PATTERN
from service.models.projection import alias_moves, model_versions, models


class ModelFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Conditions on models; None means any."""

    name: str | None = None
    task_id: UUID | None = None


async def list_models(
    engine: AsyncEngine,
    workspace_id: UUID,
    model_filter: ModelFilter,
    *,
    archived: bool | None,
    after: UUID | None,
    limit: int,
) -> Sequence[Any]:
    """List a page of models, oldest first; `archived` says which, None means all."""
    query = sa.select(models).where(models.c.workspace_id == workspace_id).order_by(models.c.id).limit(limit)
    for name in model_filter.__struct_fields__:
        if (value := getattr(model_filter, name)) is not None:
            query = query.where(models.c[name] == value)
    if archived is not None:
        query = query.where(models.c.archived_at.is_not(None) == archived)
    return await fetch_all(engine, query if after is None else query.where(models.c.id > after))


async def find_model_by_name(engine: AsyncEngine, workspace_id: UUID, name: str) -> UUID | None:
    """Find the model that has the name now; the name of an archived one is free for another."""
    rows = await list_models(engine, workspace_id, ModelFilter(name=name), archived=False, after=None, limit=1)
    return rows[0].id if rows else None


async def list_versions(
    engine: AsyncEngine, workspace_id: UUID, model_id: UUID, *, before: int | None, limit: int
) -> Sequence[Any]:
    """List a page of a model's versions, newest first."""
    query = _select_versions(workspace_id, model_id).order_by(model_versions.c.number.desc()).limit(limit)
    return await fetch_all(engine, query if before is None else query.where(model_versions.c.number < before))


async def get_version(engine: AsyncEngine, workspace_id: UUID, model_id: UUID, name: str) -> Any:
    """Get a version by its name or by an alias; an alias never looks like a version. Raises NotFound."""
    if not (VERSION_PATTERN.fullmatch(name) or ALIAS_PATTERN.fullmatch(name)):
        raise _build_not_found(name)
    version = sa.func.coalesce(models.c.aliases[name].astext, name)
    row = await find_one(engine, _select_versions(workspace_id, model_id).where(model_versions.c.name == version))
    if row is None:
        raise _build_not_found(name)
    return row


async def is_registered(engine: AsyncEngine, workspace_id: UUID, tune_id: UUID) -> bool:
    """Whether the tune is a version of any model."""
    query = sa.select(model_versions.c.name).where(
        model_versions.c.workspace_id == workspace_id, model_versions.c.tune_id == tune_id
    )
    return bool(await fetch_all(engine, query))


async def list_moves(
    engine: AsyncEngine, workspace_id: UUID, model_id: UUID, alias: str, *, before: int | None, limit: int
) -> Sequence[Any]:
    """List a page of an alias's moves, newest first. Raises NotFound if there is no such alias."""
    if not ALIAS_PATTERN.fullmatch(alias):
        raise _build_not_found(alias)
    query = sa.select(alias_moves).where(
        alias_moves.c.workspace_id == workspace_id, alias_moves.c.model_id == model_id, alias_moves.c.alias == alias
    )
    query = query.order_by(alias_moves.c.seq.desc()).limit(limit)
    rows = await fetch_all(engine, query if before is None else query.where(alias_moves.c.seq < before))
    if not rows and before is None:
        raise _build_not_found(alias)
    return rows


def _build_not_found(name: str) -> NotFound:
    return NotFound(f"The model has no version or alias {name[:100]}.")


def _select_versions(workspace_id: UUID, model_id: UUID) -> sa.Select[Any]:
    """Select versions with their model's aliases and ETag."""
    same_model = sa.and_(
        models.c.workspace_id == model_versions.c.workspace_id, models.c.id == model_versions.c.model_id
    )
    return (
        sa.select(model_versions, models.c.aliases, models.c.version.label("etag"))
        .join(models, same_model)
        .where(model_versions.c.workspace_id == workspace_id, model_versions.c.model_id == model_id)
    )
