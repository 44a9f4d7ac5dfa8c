"""Read tables: `evaluations` and `evaluation_results`."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import metadata
from service.evaluations.domain import EvaluationFinished, EvaluationRequested
from service.evaluations.results.domain import ResultRated, ResultRecorded
from service.ledger.projections import EventBatch

TIME = sa.DateTime(timezone=True)
EMPTY_OBJECT = sa.cast(sa.literal_column("'{}'"), JSONB)
REQUEST_COLUMNS: dict[str, Any] = {
    "name": sa.Text,
    "dataset_id": sa.Uuid,
    "dataset_version": sa.Text,
    "split": sa.Text,
    "run_id": sa.Uuid,
    "plan": JSONB,
}
# `summaries` is JSON as text: jsonb would lose the order of the scorers.
evaluations = sa.Table(
    "evaluations",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    *[sa.Column(name, kind, nullable=False) for name, kind in REQUEST_COLUMNS.items()],
    sa.Column("summaries", sa.Text),
    sa.Column("finished_at", TIME),
    sa.Column("created_at", TIME, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_evaluations_dataset", "workspace_id", "dataset_id", "id"),
)

RESULT_COLUMNS: dict[str, Any] = {
    "evaluation_id": sa.Uuid,
    "target": sa.Text,
    "place": sa.Integer,
    "example_id": sa.Uuid,
    "example_content": sa.Text,
    "calls": JSONB,
    "subject": sa.Uuid,
    "content": sa.Text,
    "scores": JSONB,
    "passed": sa.Boolean,
    "failure": JSONB(none_as_null=True),
    "latency_ms": sa.BigInteger,
    "input_tokens": sa.BigInteger,
    "output_tokens": sa.BigInteger,
    "cost": sa.Numeric,
}
REQUIRED_COLUMNS = frozenset({"evaluation_id", "target", "place", "example_id", "example_content", "calls", "scores"})
# Events leave out fields that have their default.
DEFAULTS: dict[str, Any] = {"calls": sa.cast(sa.literal_column("'[]'"), JSONB), "scores": EMPTY_OBJECT}
# One row for each answer. `subject` and `content` point to its text; a reused answer has the same `subject`.
results = sa.Table(
    "evaluation_results",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    *[sa.Column(name, kind, nullable=name not in REQUIRED_COLUMNS) for name, kind in RESULT_COLUMNS.items()],
    sa.Column("ratings", JSONB, nullable=False),
    sa.Column("rating", sa.Double),
    sa.Column("created_at", TIME, nullable=False),
    sa.Column("updated_at", TIME, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_evaluation_results_row", "workspace_id", "evaluation_id", "example_id", "place"),
    sa.Index("ix_evaluation_results_subject", "workspace_id", "subject"),
)


def project_evaluations(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(EvaluationRequested):
        requests = log.rows(EvaluationRequested, **REQUEST_COLUMNS).c
        values = {
            "workspace_id": requests.workspace_id,
            "id": requests.stream_id,
            **{name: requests[name] for name in REQUEST_COLUMNS},
            "created_at": requests.recorded_at,
            "created_by": requests.actor,
            "version": requests.version,
        }
        yield sa.insert(evaluations).from_select(list(values), sa.select(*values.values()))
    if log.has(EvaluationFinished):
        ends = log.rows(EvaluationFinished, summaries=sa.Text).c
        yield (
            sa.update(evaluations)
            .where(evaluations.c.workspace_id == ends.workspace_id, evaluations.c.id == ends.stream_id)
            .values(summaries=ends.summaries, finished_at=ends.recorded_at, version=ends.version)
        )


def project_results(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(ResultRecorded):
        yield _insert_results(log)
    if log.has(ResultRated):
        ratings = log.rows(ResultRated, rater=sa.Text, given=JSONB, rating=sa.Double).c
        merged = results.c.ratings.op("||")(sa.func.jsonb_build_object(ratings.rater, ratings.given))
        yield (
            sa.update(results)
            .where(results.c.workspace_id == ratings.workspace_id, results.c.id == ratings.stream_id)
            .values(ratings=merged, rating=ratings.rating, updated_at=ratings.recorded_at, version=ratings.version)
        )


def _insert_results(log: EventBatch) -> UpdateBase:
    recorded = log.rows(ResultRecorded, **RESULT_COLUMNS).c
    columns = {
        name: sa.func.coalesce(recorded[name], DEFAULTS[name]) if name in DEFAULTS else recorded[name]
        for name in RESULT_COLUMNS
    }
    values = {
        "workspace_id": recorded.workspace_id,
        "id": recorded.stream_id,
        **columns,
        "ratings": EMPTY_OBJECT,
        "created_at": recorded.recorded_at,
        "updated_at": recorded.recorded_at,
        "version": recorded.version,
    }
    return sa.insert(results).from_select(list(values), sa.select(*values.values()))
