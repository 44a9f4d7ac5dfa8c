"""Exports of models are operations: their rows are in that table alone."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.dml import UpdateBase

from service.ledger.decider import Event
from service.ledger.projections import EventBatch
from service.models.exports.domain import (
    ModelExportCancelled,
    ModelExportCancelRequested,
    ModelExported,
    ModelExportFailed,
    ModelExportFetching,
    ModelExportFormMade,
    ModelExportRequested,
)
from service.operations.projection import operations

KIND = "model_export"
STATES: dict[type[Event], str] = {
    ModelExportFetching: "running",
    ModelExportFormMade: "running",
    ModelExported: "succeeded",
    ModelExportFailed: "failed",
    ModelExportCancelRequested: "running",
    ModelExportCancelled: "cancelled",
}
ENDS = (ModelExported, ModelExportFailed, ModelExportCancelled)
IS_OPEN = sa.text(f"kind = '{KIND}' and finished_at is null")
sa.Index("ix_operations_model_exports", operations.c.workspace_id, operations.c.id, postgresql_where=IS_OPEN)


def project_model_exports(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(ModelExportRequested):
        yield _insert_operation(log)
    if log.has(*STATES):
        yield _update_operation(log)


def _insert_operation(log: EventBatch) -> UpdateBase:
    new = log.rows(ModelExportRequested, model_id=sa.Text, model_version=sa.Text)
    values = {
        "workspace_id": new.c.workspace_id,
        "id": new.c.stream_id,
        "kind": sa.literal_column(f"'{KIND}'"),
        "state": sa.literal_column("'queued'"),
        "done": sa.literal_column("0"),
        "unit": sa.literal_column("'forms'"),
        "resource": sa.literal_column("'/v1/models/'", sa.Text)
        + new.c.model_id
        + sa.literal_column("'/versions/'", sa.Text)
        + new.c.model_version,
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
        bytes=sa.BigInteger,
        artifacts=sa.JSON,
        skipped=sa.JSON,
        location=sa.Text,
        code=sa.Text,
        detail=sa.Text,
    )
    result = sa.func.jsonb_build_object(
        *("artifacts", change.c.artifacts, "bytes", change.c.bytes),
        *("skipped", sa.func.coalesce(change.c.skipped, sa.literal_column("'[]'::json")), "location"),
        change.c.location,
    )
    error = sa.func.jsonb_build_object("code", change.c.code, "detail", change.c.detail)
    is_cancel = _is(change, ModelExportCancelRequested, ModelExportCancelled)
    return (
        sa.update(operations)
        .where(operations.c.workspace_id == change.c.workspace_id, operations.c.id == change.c.stream_id)
        .values(
            state=sa.case(*[(change.c.type == kind.__name__, state) for kind, state in STATES.items()]),
            done=sa.func.coalesce(change.c.done, operations.c.done),
            total=sa.func.coalesce(change.c.total, operations.c.total),
            result=sa.case((_is(change, ModelExported), result)),
            error=sa.case((_is(change, ModelExportFailed), error)),
            cancel_requested=sa.or_(operations.c.cancel_requested, is_cancel),
            updated_at=change.c.recorded_at,
            finished_at=sa.case((_is(change, *ENDS), change.c.recorded_at)),
            version=change.c.version,
        )
    )


def _is(change: sa.Subquery, *kinds: type[Event]) -> sa.ColumnElement[Any]:
    return sa.or_(*[change.c.type == kind.__name__ for kind in kinds])
