"""Read tables of batch runs and their predictions."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import metadata
from service.ledger.projections import EventBatch
from service.prompts.runs.domain import PredictionMade, PromptRunRequested

TIME = sa.DateTime(timezone=True)
RUN_COLUMNS: dict[str, Any] = {
    "run_id": sa.Uuid,
    "prompt_id": sa.Uuid,
    "weights": JSONB,
    "served": JSONB,
    "dataset_id": sa.Uuid,
    "moment": sa.BigInteger,
    "label": sa.Text,
    "dataset_version": sa.Text,
    "filter": JSONB(none_as_null=True),
    "split": sa.Text,
    "limit": sa.Integer,
    "inputs": JSONB(none_as_null=True),
}
REQUIRED_COLUMNS = frozenset({"prompt_id", "weights", "served", "dataset_id", "moment"})

# `run_id` is its public id, which is also its operation's; `id` is its stream.
prompt_runs = sa.Table(
    "prompt_runs",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("run_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, nullable=False),
    *[
        sa.Column(name, kind, nullable=name not in REQUIRED_COLUMNS)
        for name, kind in RUN_COLUMNS.items()
        if name != "run_id"
    ],
    sa.Column("created_at", TIME, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Index("ix_prompt_runs_prompt", "workspace_id", "prompt_id", "run_id"),
)
predictions = sa.Table(
    "predictions",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("run_id", sa.Uuid, primary_key=True),
    sa.Column("example_id", sa.Uuid, primary_key=True),
    sa.Column("example_version", sa.Integer, nullable=False),
    sa.Column("prompt_version", sa.Integer, nullable=False),
    sa.Column("call_id", sa.Uuid),
    sa.Column("failure", JSONB),
    sa.Column("recorded_at", TIME, nullable=False),
    sa.Index("ix_predictions_example", "workspace_id", "example_id"),
)


def project_prompt_runs(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(PromptRunRequested):
        new = log.rows(PromptRunRequested, **RUN_COLUMNS)
        values = {
            "workspace_id": new.c.workspace_id,
            "id": new.c.stream_id,
            **{name: new.c[name] for name in RUN_COLUMNS},
            "created_at": new.c.recorded_at,
            "created_by": new.c.actor,
        }
        yield sa.insert(prompt_runs).from_select(list(values), sa.select(*values.values()))


def project_predictions(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(PredictionMade):
        fields: dict[str, Any] = {
            "run_id": sa.Uuid,
            "example_id": sa.Uuid,
            "example_version": sa.Integer,
            "prompt_version": sa.Integer,
            "call_id": sa.Uuid,
            "failure": JSONB(none_as_null=True),
        }
        new = log.rows(PredictionMade, **fields)
        values = {
            "workspace_id": new.c.workspace_id,
            **{name: new.c[name] for name in fields},
            "recorded_at": new.c.recorded_at,
        }
        yield sa.insert(predictions).from_select(list(values), sa.select(*values.values()))
