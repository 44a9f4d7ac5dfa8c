"""Which version a call was of, and what its answer had to look like: facts about models as they stood at a time."""

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
    """A model's versions, and where each alias stood from when on. `schema` is that of its task's outputs."""

    versions: frozenset[str]
    moves: dict[str, tuple[list[datetime], list[str]]]
    schema: bytes | None

    def version_at(self, at: datetime, *, version: str | None, alias: str | None) -> str | Fault:
        """The version called by its name, or by an alias at that time."""
        if (version is None) == (alias is None):
            detail = "Give either version or alias."
            return Fault(pointer="/version", detail=detail, code="required")
        if version is not None:
            unknown = Fault(pointer="/version", detail=f"The model has no version {version}.", code="no_such_version")
            return version if version in self.versions else unknown
        times, stood = self.moves.get(alias or "", ([], []))
        place = bisect_right(times, at)
        if place == 0:
            detail = f"The model had no alias {alias} at that time."
            return Fault(pointer="/alias", detail=detail, code="no_such_alias")
        return stood[place - 1]


async def load_model_versions(
    engine: AsyncEngine, workspace_id: UUID, model_ids: Collection[UUID]
) -> dict[UUID, ModelVersions]:
    """Those of the models that there are."""
    wanted = list(model_ids)
    made = sa.select(model_versions.c.model_id, model_versions.c.name).where(
        model_versions.c.workspace_id == workspace_id, model_versions.c.model_id.in_(wanted)
    )
    moved = (
        sa.select(alias_moves.c.model_id, alias_moves.c.alias, alias_moves.c.moved_at, alias_moves.c.version)
        .where(alias_moves.c.workspace_id == workspace_id, alias_moves.c.model_id.in_(wanted))
        .order_by(alias_moves.c.seq)
    )
    async with autocommit(engine).connect() as connection:
        found = (await connection.execute(_select_models(workspace_id, wanted))).all()
        versions = (await connection.execute(made)).all() if found else []
        moves = (await connection.execute(moved)).all() if found else []
    return {row.id: _build_versions(row, versions, moves) for row in found}


def _select_models(workspace_id: UUID, wanted: list[UUID]) -> sa.Select[Any]:
    task = sa.and_(tasks.c.workspace_id == models.c.workspace_id, tasks.c.id == models.c.task_id)
    return (
        sa.select(models.c.id, tasks.c.output_schema)
        .outerjoin(tasks, task)
        .where(models.c.workspace_id == workspace_id, models.c.id.in_(wanted))
    )


def _build_versions(row: Any, versions: Any, moves: Any) -> ModelVersions:
    stood: dict[str, tuple[list[datetime], list[str]]] = {}
    for move in moves:
        if move.model_id == row.id:
            times, names = stood.setdefault(move.alias, ([], []))
            times.append(move.moved_at)
            names.append(move.version)
    return ModelVersions(
        versions=frozenset(made.name for made in versions if made.model_id == row.id),
        moves=stood,
        schema=row.output_schema.encode() if row.output_schema is not None else None,
    )
