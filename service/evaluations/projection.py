"""Tables of evaluations and their results."""

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
# `summaries` are JSON as text: their fields keep the order of the scorers, which jsonb would forget.
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
# What an event leaves out because it is the default.
DEFAULTS: dict[str, Any] = {"calls": sa.cast(sa.literal_column("'[]'"), JSONB), "scores": EMPTY_OBJECT}
# A row an answer: `subject` and `content` say where its text lies, and find it again when it is answered for free.
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
        new = log.rows(EvaluationRequested, **REQUEST_COLUMNS)
        values = {
            "workspace_id": new.c.workspace_id,
            "id": new.c.stream_id,
            **{name: new.c[name] for name in REQUEST_COLUMNS},
            "created_at": new.c.recorded_at,
            "created_by": new.c.actor,
            "version": new.c.version,
        }
        yield sa.insert(evaluations).from_select(list(values), sa.select(*values.values()))
    if log.has(EvaluationFinished):
        end = log.rows(EvaluationFinished, summaries=sa.Text)
        yield (
            sa.update(evaluations)
            .where(evaluations.c.workspace_id == end.c.workspace_id, evaluations.c.id == end.c.stream_id)
            .values(summaries=end.c.summaries, finished_at=end.c.recorded_at, version=end.c.version)
        )


def project_results(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(ResultRecorded):
        new = log.rows(ResultRecorded, **RESULT_COLUMNS)
        values = {
            "workspace_id": new.c.workspace_id,
            "id": new.c.stream_id,
            **{
                name: sa.func.coalesce(new.c[name], DEFAULTS[name]) if name in DEFAULTS else new.c[name]
                for name in RESULT_COLUMNS
            },
            "ratings": EMPTY_OBJECT,
            "created_at": new.c.recorded_at,
            "updated_at": new.c.recorded_at,
            "version": new.c.version,
        }
        yield sa.insert(results).from_select(list(values), sa.select(*values.values()))
    if log.has(ResultRated):
        said = log.rows(ResultRated, rater=sa.Text, given=JSONB, rating=sa.Double)
        rated = results.c.ratings.op("||")(sa.func.jsonb_build_object(said.c.rater, said.c.given))
        yield (
            sa.update(results)
            .where(results.c.workspace_id == said.c.workspace_id, results.c.id == said.c.stream_id)
            .values(ratings=rated, rating=said.c.rating, updated_at=said.c.recorded_at, version=said.c.version)
        )
