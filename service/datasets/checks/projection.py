"""Checks with their reports, and the operations that they are."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import metadata
from service.datasets.checks.domain import (
    CheckAdvanced,
    CheckCancelled,
    CheckCancelRequested,
    CheckFailed,
    CheckReported,
    CheckRequested,
)
from service.ledger.decider import Event
from service.ledger.projections import EventBatch
from service.operations.projection import operations

KIND = "check"
STATES: dict[type[Event], str] = {
    CheckAdvanced: "running",
    CheckReported: "succeeded",
    CheckFailed: "failed",
    CheckCancelRequested: "running",
    CheckCancelled: "cancelled",
}
ENDS = (CheckReported, CheckFailed, CheckCancelled)
IS_OPEN = sa.text(f"kind = '{KIND}' and finished_at is null")
OBJECT = sa.cast(sa.literal_column("'{}'"), JSONB)
LIST = sa.cast(sa.literal_column("'[]'"), JSONB)
sa.Index("ix_operations_checks", operations.c.workspace_id, operations.c.id, postgresql_where=IS_OPEN)
dataset_checks = sa.Table(
    "dataset_checks",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("dataset_id", sa.Uuid, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("version_name", sa.Text),
    sa.Column("filter", JSONB, nullable=False),
    sa.Column("also", JSONB, nullable=False),
    sa.Column("split", sa.Text),
    sa.Column("targets", JSONB, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("verdict", sa.Text),
    sa.Column("digest", sa.Text),
    sa.Column("figures", JSONB),
    sa.Column("findings", JSONB),
    sa.Column("task_version", sa.Integer),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_dataset_checks_dataset", "workspace_id", "dataset_id", "id"),
    sa.Index("ix_dataset_checks_digest", "workspace_id", "dataset_id", "digest"),
)


def project(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(CheckRequested):
        yield _insert_check(log)
        yield _insert_operation(log)
    if log.has(*STATES):
        yield _update_check(log)
        yield _update_operation(log)


def _insert_check(log: EventBatch) -> UpdateBase:
    new = log.rows(
        CheckRequested,
        dataset_id=sa.Uuid,
        moment=sa.BigInteger,
        filter=JSONB,
        also=JSONB,
        split=sa.Text,
        targets=JSONB,
        version_name=sa.Text,
    )
    values = {
        "workspace_id": new.c.workspace_id,
        "id": new.c.stream_id,
        "dataset_id": new.c.dataset_id,
        "seq": new.c.moment,
        "version_name": new.c.version_name,
        "filter": sa.func.coalesce(new.c.filter, OBJECT),
        "also": sa.func.coalesce(new.c.also, OBJECT),
        "split": new.c.split,
        "targets": sa.func.coalesce(new.c.targets, LIST),
        "state": sa.literal_column("'queued'"),
        "created_at": new.c.recorded_at,
        "created_by": new.c.actor,
        "version": new.c.version,
    }
    return sa.insert(dataset_checks).from_select(list(values), sa.select(*values.values()))


def _update_check(log: EventBatch) -> UpdateBase:
    change = log.rows(*STATES, verdict=sa.Text, digest=sa.Text, figures=JSONB, findings=JSONB, task_version=sa.Integer)
    return (
        sa.update(dataset_checks)
        .where(dataset_checks.c.workspace_id == change.c.workspace_id, dataset_checks.c.id == change.c.stream_id)
        .values(
            state=_name_state(change),
            verdict=change.c.verdict,
            digest=change.c.digest,
            figures=change.c.figures,
            findings=change.c.findings,
            task_version=change.c.task_version,
            finished_at=sa.case((_is(change, *ENDS), change.c.recorded_at)),
            version=change.c.version,
        )
    )


def _insert_operation(log: EventBatch) -> UpdateBase:
    new = log.rows(CheckRequested, dataset_id=sa.Text)
    parts = ("'/v1/datasets/'", new.c.dataset_id, "'/checks/'", sa.cast(new.c.stream_id, sa.Text))
    resource = sa.func.concat(*[sa.literal_column(part, sa.Text) if isinstance(part, str) else part for part in parts])
    values = {
        "workspace_id": new.c.workspace_id,
        "id": new.c.stream_id,
        "kind": sa.literal_column(f"'{KIND}'"),
        "state": sa.literal_column("'queued'"),
        "done": sa.literal_column("0"),
        "unit": sa.literal_column("'rows'"),
        "resource": resource,
        "cancel_requested": sa.false(),
        "created_at": new.c.recorded_at,
        "created_by": new.c.actor,
        "updated_at": new.c.recorded_at,
        "version": new.c.version,
    }
    return sa.insert(operations).from_select(list(values), sa.select(*values.values()))


def _update_operation(log: EventBatch) -> UpdateBase:
    change = log.rows(
        *STATES,
        done=sa.BigInteger,
        total=sa.BigInteger,
        figures=JSONB,
        verdict=sa.Text,
        code=sa.Text,
        detail=sa.Text,
    )
    rows = sa.cast(change.c.figures["rows"].astext, sa.BigInteger)
    result = sa.func.jsonb_build_object("check_id", change.c.stream_id, "verdict", change.c.verdict)
    error = sa.func.jsonb_build_object("code", change.c.code, "detail", change.c.detail)
    is_cancel = _is(change, CheckCancelRequested, CheckCancelled)
    return (
        sa.update(operations)
        .where(operations.c.workspace_id == change.c.workspace_id, operations.c.id == change.c.stream_id)
        .values(
            state=_name_state(change),
            done=sa.func.coalesce(change.c.done, rows, operations.c.done),
            total=sa.func.coalesce(change.c.total, rows, operations.c.total),
            result=sa.case((_is(change, CheckReported), result)),
            error=sa.case((_is(change, CheckFailed), error)),
            cancel_requested=sa.or_(operations.c.cancel_requested, is_cancel),
            updated_at=change.c.recorded_at,
            finished_at=sa.case((_is(change, *ENDS), change.c.recorded_at)),
            version=change.c.version,
        )
    )


def _name_state(change: sa.Subquery) -> sa.ColumnElement[str]:
    return sa.case(*[(change.c.type == kind.__name__, state) for kind, state in STATES.items()])


def _is(change: sa.Subquery, *kinds: type[Event]) -> sa.ColumnElement[Any]:
    return sa.or_(*[change.c.type == kind.__name__ for kind in kinds])
