"""Put a sweep's tunes into a table, the best first."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.errors import Fault, Invalid
from service.evaluations.scorers.scorer_registry import SCORERS
from service.evaluations.sweeps.queries import load_best_checkpoints, load_losses, load_scores
from service.evaluations.sweeps.schemas import FIGURES, BestCheckpoint, SortColumn, SweepRow, SweepScore, SweepTable
from service.providers.provider import TuneCheckpoint
from service.tunes.diagnosis.domain import get_validation_loss
from service.tunes.queries import list_sweep
from service.tunes.schemas import Tune, build_sweep, from_row


async def build_table(
    engine: AsyncEngine, workspace_id: UUID, sweep_id: UUID, *, sort: SortColumn | None, metric: str | None
) -> SweepTable:
    """Raises NotFound without the sweep, Invalid for a metric that no version has."""
    tunes = [from_row(row) for row in await list_sweep(engine, workspace_id, sweep_id)]
    ids = [tune.id for tune in tunes]
    losses = await load_losses(engine, workspace_id, ids)
    best = await load_best_checkpoints(engine, workspace_id, ids)
    versions = {(tune.model_id, tune.model_version) for tune in tunes if tune.model_id and tune.model_version}
    scores, scorers = await load_scores(engine, workspace_id, versions)
    labels = list(dict.fromkeys(label for known in scores.values() for label in known))
    label = _choose_label(labels, metric)
    column: SortColumn = sort or ("metric" if label else "validation_loss")
    rows = [_build_row(tune, losses.get(tune.id), best.get(tune.id), _find_scores(scores, tune)) for tune in tunes]
    return SweepTable(
        sweep_id=sweep_id,
        finished=build_sweep(sweep_id, tunes).finished,
        sort=column,
        metric=label,
        varied=find_varied([row.hyperparameters for row in rows]),
        metrics=labels,
        rows=sort_rows(rows, column, label=label, is_higher_better=_is_higher_better(label, scorers)),
    )


def sort_rows(
    rows: Sequence[SweepRow], column: SortColumn, *, label: str | None, is_higher_better: bool
) -> list[SweepRow]:
    """Sort rows, the best first: low losses, costs and times; rows without a figure come last, as requested."""
    figures: Mapping[SortColumn, Callable[[SweepRow], float | None]] = {
        "requested": lambda row: row.created_at.timestamp(),
        "validation_loss": lambda row: row.lowest_validation_loss,
        "training_loss": lambda row: row.training_loss,
        "cost": lambda row: float(row.cost.amount) if row.cost else None,
        "seconds": lambda row: row.seconds,
        "metric": lambda row: _read_mean(row, label),
    }
    figure, sign = figures[column], -1 if column == "metric" and is_higher_better else 1

    def rank(row: SweepRow) -> tuple[bool, float]:
        value = figure(row)
        return value is None, sign * (value or 0.0)

    return sorted(rows, key=rank)


def find_varied(settings: Sequence[Mapping[str, Any]]) -> list[str]:
    names = dict.fromkeys(name for each in settings for name in each)
    return [name for name in names if len({repr(each.get(name)) for each in settings}) > 1]


def _choose_label(labels: Sequence[str], wanted: str | None) -> str | None:
    if wanted is not None and wanted not in labels:
        detail = f"No version of the sweep has a score {wanted}. There are: {', '.join(labels) or 'none'}."
        raise Invalid(detail, errors=[Fault(pointer="?metric", detail=detail)])
    return wanted or next(iter(labels), None)


def _is_higher_better(label: str | None, scorers: Mapping[str, str]) -> bool:
    scorer = SCORERS.get(scorers.get(label or "", ""))
    return scorer is None or scorer.higher_is_better is not False


def _read_mean(row: SweepRow, label: str | None) -> float | None:
    score = row.scores.get(label or "")
    return score.mean if score else None


def _find_scores(scores: Mapping[Any, dict[str, SweepScore]], tune: Tune) -> dict[str, SweepScore]:
    return scores.get((tune.model_id, tune.model_version), {})


def _build_row(tune: Tune, losses: Any, checkpoint: TuneCheckpoint | None, scores: dict[str, SweepScore]) -> SweepRow:
    shared: dict[str, Any] = {
        name: getattr(tune, name) for name in SweepRow.__struct_fields__ if name in Tune.__struct_fields__
    }
    ran = tune.finished_at - tune.submitted_at if tune.finished_at and tune.submitted_at else None
    found: dict[str, Any] = {
        "tune_id": tune.id,
        "best_checkpoint": checkpoint and _build_checkpoint(checkpoint),
        "seconds": ran and ran.total_seconds(),
        "scores": scores,
        "error": tune.error and tune.error.message,
    }
    found |= {name: getattr(losses, name, None) for name in FIGURES}
    return SweepRow(**shared | found)


def _build_checkpoint(checkpoint: TuneCheckpoint) -> BestCheckpoint:
    loss = get_validation_loss(checkpoint.metrics)
    fields = {name: getattr(checkpoint, name) for name in ("id", "step", "model")}
    return msgspec.convert(fields | {"validation_loss": loss}, BestCheckpoint)
