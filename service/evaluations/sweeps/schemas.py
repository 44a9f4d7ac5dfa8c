"""The table of a sweep: its HTTP response, and the same as CSV."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from service.tunes.events import TuneStatus
from service.tunes.schemas import TuneCost
from service.tunes.training_compute import TrainingCompute

SortColumn = Literal["requested", "validation_loss", "training_loss", "cost", "seconds", "metric"]
# A spreadsheet takes a text that begins with one of these for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class BestCheckpoint(msgspec.Struct, frozen=True, kw_only=True):
    """The checkpoint with the lowest validation loss."""

    id: str
    """The checkpoint's id at the provider."""
    step: int
    """The training step it was saved at."""
    model: str
    """Its model name at the provider."""
    validation_loss: float
    """Its validation loss, in nats per token."""


class SweepScore(msgspec.Struct, frozen=True, kw_only=True):
    """A score of the tune's version, by the newest evaluation that has it."""

    mean: float | None
    """The mean. Null when no answer could be scored."""
    low: float | None
    """The lower end of its 95% interval."""
    high: float | None
    """The upper end of its 95% interval."""
    evaluation_id: UUID
    """The evaluation."""


class SweepRow(msgspec.Struct, frozen=True, kw_only=True):
    """A tune of the sweep, and what came of it."""

    tune_id: UUID
    """The tune."""
    state: TuneStatus
    """Its state."""
    connection_id: UUID
    """The connection."""
    connection_kind: str
    """The kind of provider."""
    base_model: str
    """The base model's id at the provider."""
    hyperparameters: dict[str, bool | float | str]
    """The requested hyperparameters."""
    training_loss: float | None
    """The last training loss, in nats per token. Null where none was measured."""
    validation_loss: float | None
    """The last validation loss. Null where none was measured."""
    lowest_validation_loss: float | None
    """The lowest validation loss. Null where none was measured."""
    best_checkpoint: BestCheckpoint | None
    """Null without a checkpoint whose validation loss is known."""
    cost: TuneCost | None
    """What it cost. Null until it has ended, or where nobody knows."""
    compute: TrainingCompute | None
    """What computation it took. Null until it has succeeded, or where the model's size is not known."""
    seconds: float | None
    """From its submission to its end. Null until it has ended."""
    model: str | None
    """The model that gets its version. Null for none."""
    model_id: UUID | None
    """The id of the model that has got its version. Null until it is registered."""
    model_version: str | None
    """The version that it became. Null until it is registered."""
    scores: dict[str, SweepScore]
    """The version's scores, by their labels."""
    error: str | None
    """Why it failed. Null unless it did."""
    created_at: datetime
    """When it was requested."""


class SweepTable(msgspec.Struct, frozen=True, kw_only=True):
    """A sweep as a table, the best row first."""

    sweep_id: UUID
    """The sweep."""
    finished: bool
    """Whether all its tunes have ended."""
    sort: SortColumn
    """What it is sorted by. Rows without that come last."""
    metric: str | None
    """The score that it is sorted by, or would be: a scorer's label. Null without scores."""
    varied: list[str]
    """The hyperparameters that are not the same in all rows."""
    metrics: list[str]
    """The labels of all scores."""
    rows: list[SweepRow]
    """The tunes."""


TEXTS = ("tune_id", "state", "connection_kind", "base_model")
FIGURES = ("training_loss", "validation_loss", "lowest_validation_loss")


def write_table(table: SweepTable) -> bytes:
    """The table as CSV, with a column for each hyperparameter and each score."""
    parameters = list(dict.fromkeys(name for row in table.rows for name in row.hyperparameters))
    target = io.StringIO()
    writer = csv.writer(target)
    ends = ("best_checkpoint", "cost", "currency", "cost_by", "flops", "seconds", "model", "model_version")
    writer.writerow(map(_escape, [*TEXTS, *parameters, *FIGURES, *ends, *table.metrics, "error"]))
    for row in table.rows:
        writer.writerow(map(_escape, _list_cells(row, parameters, table.metrics)))
    return target.getvalue().encode()


def _list_cells(row: SweepRow, parameters: Sequence[str], labels: Sequence[str]) -> Iterator[Any]:
    yield from (getattr(row, name) for name in TEXTS)
    yield from (row.hyperparameters.get(name) for name in parameters)
    yield from (getattr(row, name) for name in FIGURES)
    yield row.best_checkpoint and row.best_checkpoint.id
    yield from (row.cost and getattr(row.cost, name) for name in ("amount", "currency", "by"))
    yield row.compute and row.compute.flops
    yield from (row.seconds, row.model, row.model_version)
    yield from (score and score.mean for score in map(row.scores.get, labels))
    yield row.error


def _escape(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
