"""Load the evaluations of model versions that were trained on a promoted request."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all
from service.evaluations.projection import results
from service.evaluations.queries import find_finished, find_targets, parse_plan, parse_summaries

MAX_MEASURED_VERSIONS = 50
MAX_EVALUATIONS = 10


class TrailEvaluation(msgspec.Struct, frozen=True, kw_only=True):
    """An evaluation of the model version: the mean of each scorer, and whether this example passed."""

    evaluation_id: UUID
    """The evaluation."""
    name: str
    """The evaluation's name."""
    dataset_id: UUID
    """The dataset it measured on."""
    dataset_version: str
    """The dataset version it measured on."""
    split: str
    """The split it measured on."""
    target: str
    """The model version's name in the evaluation."""
    rows: int
    """How many examples were measured."""
    means: dict[str, float | None]
    """The mean score of each scorer; null when the scorer has no score."""
    passed: bool | None
    """Whether this example passed; null when it was not measured, or no scorer decides pass or fail."""
    finished_at: datetime
    """When the evaluation finished."""


async def load_evaluations(
    engine: AsyncEngine, workspace_id: UUID, example_id: UUID, versions: Iterable[tuple[UUID, str]]
) -> dict[tuple[UUID, str], list[TrailEvaluation]]:
    """Load the latest ten of each version (model, name), for at most fifty versions; the newest first."""
    evaluations: dict[tuple[UUID, str], list[TrailEvaluation]] = {}
    for model_id, version in list(dict.fromkeys(versions))[:MAX_MEASURED_VERSIONS]:
        served = {"model_id": str(model_id), "model_version": version}
        rows = await find_finished(engine, workspace_id, served, limit=MAX_EVALUATIONS)
        passed = await _load_passed(engine, workspace_id, example_id, [row.id for row in rows])
        evaluations[model_id, version] = [_build_evaluation(row, served, passed) for row in rows]
    return evaluations


async def _load_passed(
    engine: AsyncEngine, workspace_id: UUID, example_id: UUID, ids: list[UUID]
) -> dict[tuple[UUID, str], bool | None]:
    query = sa.select(results.c.evaluation_id, results.c.target, results.c.passed).where(
        results.c.workspace_id == workspace_id, results.c.evaluation_id.in_(ids), results.c.example_id == example_id
    )
    rows = await fetch_all(engine, query) if ids else []
    return {(row.evaluation_id, row.target): row.passed for row in rows}


def _build_evaluation(row: Any, served: dict[str, str], passed: dict[tuple[UUID, str], bool | None]) -> TrailEvaluation:
    target = find_targets(parse_plan(row), served)[0].name
    summary = next(each for each in parse_summaries(row) or () if each.target == target)
    return TrailEvaluation(
        evaluation_id=row.id,
        name=row.name,
        dataset_id=row.dataset_id,
        dataset_version=row.dataset_version,
        split=row.split,
        target=target,
        rows=summary.rows,
        means={label: figures.get("mean") for label, figures in summary.scores.items()},
        passed=passed.get((row.id, target)),
        finished_at=row.finished_at,
    )
