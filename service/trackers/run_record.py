"""What a run shows of a tune, the same at every tracker."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from service.ledger.decider import StreamState
from service.ledger.store import Ledger
from service.providers.provider import MetricPoint
from service.trackers import queries
from service.tunes.events import TuneState
from service.tunes.queries import list_metrics

MEASURES = tuple(name for name in MetricPoint.__struct_fields__ if name not in {"step", "not_finite"})
MAX_POINTS = 20_000


class RunPoint(msgspec.Struct, frozen=True, kw_only=True):
    step: int
    values: dict[str, float]


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """`config` and `summary` are texts and numbers; a text of an example is in neither."""

    tune_id: str
    name: str
    state: Literal["succeeded", "failed", "cancelled"]
    config: dict[str, Any]
    summary: dict[str, Any]
    points: list[RunPoint]
    started_at: datetime
    ended_at: datetime


async def load_record(ledger: Ledger, workspace_id: UUID, stored: StreamState[TuneState]) -> RunRecord:
    """Load configuration, curves, data digest and model version of a tune that has ended."""
    tune = stored.state
    asked = tune.asked
    version = await queries.find_version_of_tune(ledger.engine, workspace_id, stored.id)
    rows = await list_metrics(ledger.engine, workspace_id, stored.id, after=None, limit=MAX_POINTS)
    names = ("base_model", "connection_kind", "method", "seed", "train_examples", "validation_examples")
    config = {name: getattr(asked, name) for name in names}
    config |= {name: getattr(asked, name) for name in ("dataset_version", "dataset_digest", "train_split")}
    config |= {"dataset_id": str(asked.dataset_id), "tune_id": str(stored.id)}
    config |= {f"hyperparameters.{name}": value for name, value in asked.hyperparameters.items()}
    summary = {"state": tune.state, "provider_model": tune.provider_model, "job_id": tune.job_id}
    if version is not None:
        summary |= {"model": version.model, "model_version": version.name}
    return RunRecord(
        tune_id=str(stored.id),
        name=f"{asked.model or asked.base_model} {version.name if version else str(stored.id)[-8:]}",
        state=tune.state if tune.state in {"succeeded", "cancelled"} else "failed",
        config={name: value for name, value in config.items() if value is not None},
        summary={name: value for name, value in summary.items() if value is not None},
        points=[_build_point(row) for row in rows],
        started_at=stored.created_at,
        ended_at=stored.updated_at,
    )


def _build_point(row: Any) -> RunPoint:
    values = {name: getattr(row, name) for name in MEASURES}
    return RunPoint(step=row.step, values={name: value for name, value in values.items() if value is not None})
