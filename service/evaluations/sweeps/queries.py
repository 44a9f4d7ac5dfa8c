"""Read what a sweep's tunes came to: their losses, and their versions' scores."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all
from service.evaluations import queries
from service.evaluations.sweeps.schemas import SweepScore
from service.providers.provider import TuneCheckpoint
from service.tunes.diagnosis.domain import find_best_checkpoint
from service.tunes.projection import tune_checkpoints, tune_metrics

MAX_EVALUATIONS = 200
Version = tuple[UUID, str]


async def load_losses(engine: AsyncEngine, workspace_id: UUID, tune_ids: Sequence[UUID]) -> dict[UUID, Any]:
    """The last losses and the lowest validation loss of each tune that has a curve."""
    points = tune_metrics.c
    validation = sa.func.coalesce(points.full_valid_loss, points.valid_loss)
    query = (
        sa.select(
            points.tune_id,
            _take_last(points.train_loss).label("training_loss"),
            _take_last(validation).label("validation_loss"),
            sa.func.min(validation).label("lowest_validation_loss"),
        )
        .where(points.workspace_id == workspace_id, points.tune_id.in_(tune_ids))
        .group_by(points.tune_id)
    )
    return {row.tune_id: row for row in await fetch_all(engine, query)}


async def load_best_checkpoints(
    engine: AsyncEngine, workspace_id: UUID, tune_ids: Sequence[UUID]
) -> dict[UUID, TuneCheckpoint]:
    """The checkpoint with the lowest validation loss of each tune that has one."""
    columns = tune_checkpoints.c
    query = sa.select(tune_checkpoints).where(columns.workspace_id == workspace_id, columns.tune_id.in_(tune_ids))
    found: dict[UUID, list[TuneCheckpoint]] = {}
    for row in await fetch_all(engine, query):
        checkpoint = msgspec.convert(row, TuneCheckpoint, from_attributes=True)
        found.setdefault(row.tune_id, []).append(checkpoint)
    best = {tune_id: find_best_checkpoint(checkpoints) for tune_id, checkpoints in found.items()}
    return {tune_id: checkpoint for tune_id, checkpoint in best.items() if checkpoint}


async def load_scores(
    engine: AsyncEngine, workspace_id: UUID, versions: Collection[Version]
) -> tuple[dict[Version, dict[str, SweepScore]], dict[str, str]]:
    """Each version's scores by label, those of the newest evaluation first; and which scorer each label has."""
    scores: dict[Version, dict[str, SweepScore]] = {}
    scorers: dict[str, str] = {}
    for model_id in {model_id for model_id, _ in versions}:
        served = {"model_id": str(model_id)}
        for row in await queries.find_finished(engine, workspace_id, served, limit=MAX_EVALUATIONS):
            plan = queries.parse_plan(row)
            targets = {each.name: each.served for each in queries.find_targets(plan, served)}
            scorers |= {used.label: used.name for used in plan.all_scorers if used.label not in scorers}
            for summary in queries.parse_summaries(row) or ():
                if (target := targets.get(summary.target)) and target.model_version:
                    known = scores.setdefault((model_id, target.model_version), {})
                    for label, figures in summary.scores.items():
                        known.setdefault(label, _build_score(row.id, figures))
    return {version: scores.get(version, {}) for version in versions}, scorers


def _build_score(evaluation_id: UUID, figures: dict[str, Any]) -> SweepScore:
    interval = figures.get("interval") or {}
    return SweepScore(
        mean=figures.get("mean"), low=interval.get("low"), high=interval.get("high"), evaluation_id=evaluation_id
    )


def _take_last(value: sa.ColumnElement[float]) -> Any:
    """The value at the last step that has one."""
    values = sa.func.array_agg(aggregate_order_by(value, tune_metrics.c.step.desc()))
    return sa.type_coerce(values.filter(value.is_not(None)), sa.ARRAY(sa.Double))[1]
