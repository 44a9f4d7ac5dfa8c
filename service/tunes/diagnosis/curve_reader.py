"""Read tunes' curves for their diagnosis and their charts."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all
from service.providers.provider import MetricPoint, TuneCheckpoint
from service.tunes.diagnosis.domain import Curves
from service.tunes.projection import tune_checkpoints, tune_metrics

MAX_POINTS = 100_000
MAX_CHECKPOINTS = 10_000
T = TypeVar("T", MetricPoint, TuneCheckpoint)


async def read_curves(engine: AsyncEngine, workspace_id: UUID, tune: Any) -> Curves:
    """Read the curves of a tune, given by its row."""
    return (await read_all_curves(engine, workspace_id, [tune]))[tune.id]


async def read_all_curves(engine: AsyncEngine, workspace_id: UUID, tunes: Sequence[Any]) -> Mapping[UUID, Curves]:
    """Read the curves of several tunes, given by their rows."""
    ids = [tune.id for tune in tunes]
    points = await _read_items(engine, workspace_id, ids, tune_metrics, MetricPoint, limit=MAX_POINTS)
    checkpoints = await _read_items(engine, workspace_id, ids, tune_checkpoints, TuneCheckpoint, limit=MAX_CHECKPOINTS)
    return {
        tune.id: Curves(
            points=points.get(tune.id, []),
            checkpoints=checkpoints.get(tune.id, []),
            examples=tune.train_examples,
            error=(tune.error or {}).get("message"),
        )
        for tune in tunes
    }


async def _read_items(
    engine: AsyncEngine, workspace_id: UUID, ids: Sequence[UUID], table: sa.Table, kind: type[T], *, limit: int
) -> dict[UUID, list[T]]:
    """The rows of a table by tune and step."""
    query = sa.select(table).where(table.c.workspace_id == workspace_id, table.c.tune_id.in_(ids))
    found: dict[UUID, list[T]] = {}
    for row in await fetch_all(engine, query.order_by(table.c.tune_id, table.c.step).limit(limit * len(ids))):
        found.setdefault(row.tune_id, []).append(msgspec.convert(row, kind, from_attributes=True))
    return found
