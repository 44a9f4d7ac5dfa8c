"""Read a tune's curves for its diagnosis and its charts."""

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.providers.provider import MetricPoint, TuneCheckpoint
from service.tunes import queries
from service.tunes.diagnosis.domain import Curves

MAX_POINTS = 100_000
MAX_CHECKPOINTS = 10_000


async def read_curves(engine: AsyncEngine, workspace_id: UUID, tune: Any) -> Curves:
    """Read the curves of a tune, given by its row."""
    points = await queries.list_metrics(engine, workspace_id, tune.id, after=None, limit=MAX_POINTS)
    checkpoints = await queries.list_checkpoints(engine, workspace_id, tune.id, after=None, limit=MAX_CHECKPOINTS)
    return Curves(
        points=[msgspec.convert(row, MetricPoint, from_attributes=True) for row in points],
        checkpoints=[msgspec.convert(row, TuneCheckpoint, from_attributes=True) for row in checkpoints],
        examples=tune.train_examples,
        error=(tune.error or {}).get("message"),
    )
