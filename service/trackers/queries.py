"""Read tracked runs, and what a run shows of its tune."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, find_one
from service.integrations.projection import integrations
from service.models.projection import model_versions, models
from service.trackers.domain import TRACKERS
from service.trackers.projection import tracked_runs

LEASE_KIND = "tracked_run"


def select_open() -> sa.Select[tuple[UUID, UUID]]:
    """Select the runs of all workspaces that are not shown yet."""
    return sa.select(tracked_runs.c.workspace_id, tracked_runs.c.id).where(sa.text("finished_at is null"))


async def list_trackers(engine: AsyncEngine, workspace_id: UUID) -> Sequence[Any]:
    """List the integrations that show tunes."""
    query = sa.select(integrations.c.id, integrations.c.kind).where(
        integrations.c.workspace_id == workspace_id, integrations.c.kind.in_(TRACKERS)
    )
    return await fetch_all(engine, query.order_by(integrations.c.id))


async def list_runs(engine: AsyncEngine, workspace_id: UUID, tune_id: UUID) -> Sequence[Any]:
    """List where a tune is shown."""
    of_tune = (tracked_runs.c.workspace_id == workspace_id, tracked_runs.c.tune_id == tune_id)
    return await fetch_all(engine, sa.select(tracked_runs).where(*of_tune).order_by(tracked_runs.c.id))


async def find_version_of_tune(engine: AsyncEngine, workspace_id: UUID, tune_id: UUID) -> Any:
    """Find the version that a tune became, with its model's name; None where it has none."""
    same = sa.and_(models.c.workspace_id == model_versions.c.workspace_id, models.c.id == model_versions.c.model_id)
    query = sa.select(model_versions.c.name, models.c.name.label("model")).join(models, same)
    return await find_one(
        engine, query.where(model_versions.c.workspace_id == workspace_id, model_versions.c.tune_id == tune_id)
    )
