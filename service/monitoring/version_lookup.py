"""Find the version that a call used, by name or by alias at the time of the call, and its task's output schema."""

from bisect import bisect_right
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import autocommit
from service.errors import Fault
from service.models.projection import alias_moves, model_versions, models
from service.tasks.projection import tasks


class ModelVersions(msgspec.Struct, frozen=True, kw_only=True):
    """A model's versions, each alias's moves (times and versions, oldest first), and its task's output schema."""

    versions: frozenset[str]
    moves: dict[str, tuple[list[datetime], list[str]]]
    schema: bytes | None

    def version_at(self, at: datetime, *, version: str | None, alias: str | None) -> str | Fault:
        """The version that was called, by its name or by an alias at that time; a fault if there is none."""
        if (version is None) == (alias is None):
            detail = "Give exactly one of version and alias."
            return Fault(pointer="/version", detail=detail, code="required")
        if version is not None:
            unknown = Fault(pointer="/version", detail=f"The model has no version {version}.", code="no_such_version")
            return version if version in self.versions else unknown
        times, versions = self.moves.get(alias or "", ([], []))
        moves_before = bisect_right(times, at)
        if moves_before == 0:
            detail = f"The model had no alias {alias} at that time."
            return Fault(pointer="/alias", detail=detail, code="no_such_alias")
        return versions[moves_before - 1]


async def load_model_versions(
    engine: AsyncEngine, workspace_id: UUID, model_ids: Collection[UUID]
) -> dict[UUID, ModelVersions]:
    """Load models by id; unknown ids are left out."""
    ids = list(model_ids)
    select_versions = sa.select(model_versions.c.model_id, model_versions.c.name).where(
        model_versions.c.workspace_id == workspace_id, model_versions.c.model_id.in_(ids)
    )
    select_moves = (
        sa.select(alias_moves.c.model_id, alias_moves.c.alias, alias_moves.c.moved_at, alias_moves.c.version)
        .where(alias_moves.c.workspace_id == workspace_id, alias_moves.c.model_id.in_(ids))
        .order_by(alias_moves.c.seq)
    )
    async with autocommit(engine).connect() as connection:
        rows = (await connection.execute(_select_models(workspace_id, ids))).all()
        versions = (await connection.execute(select_versions)).all() if rows else []
        moves = (await connection.execute(select_moves)).all() if rows else []
    return {row.id: _build_versions(row, versions, moves) for row in rows}


def _select_models(workspace_id: UUID, ids: list[UUID]) -> sa.Select[Any]:
    task = sa.and_(tasks.c.workspace_id == models.c.workspace_id, tasks.c.id == models.c.task_id)
    return (
        sa.select(models.c.id, tasks.c.output_schema)
        .outerjoin(tasks, task)
        .where(models.c.workspace_id == workspace_id, models.c.id.in_(ids))
    )


def _build_versions(row: Any, versions: Any, moves: Any) -> ModelVersions:
    moves_by_alias: dict[str, tuple[list[datetime], list[str]]] = {}
    for move in moves:
        if move.model_id == row.id:
            times, names = moves_by_alias.setdefault(move.alias, ([], []))
            times.append(move.moved_at)
            names.append(move.version)
    return ModelVersions(
        versions=frozenset(version.name for version in versions if version.model_id == row.id),
        moves=moves_by_alias,
        schema=row.output_schema.encode() if row.output_schema is not None else None,
    )
