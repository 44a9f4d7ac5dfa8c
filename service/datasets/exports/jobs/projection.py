"""Exports into the artifact store are operations: their rows are in that table alone."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.dml import UpdateBase

from service.datasets.exports.jobs.domain import (
    DatasetExportAdvanced,
    DatasetExportCancelled,
    DatasetExportCancelRequested,
    DatasetExported,
    DatasetExportFailed,
    DatasetExportRequested,
    DatasetExportSent,
)
from service.ledger.decider import Event
from service.ledger.projections import EventBatch
from service.operations.projection import operations

KIND = "dataset_export"
STATES: dict[type[Event], str] = {
    DatasetExportAdvanced: "running",
    DatasetExportSent: "running",
    DatasetExported: "succeeded",
    DatasetExportFailed: "failed",
    DatasetExportCancelRequested: "running",
    DatasetExportCancelled: "cancelled",
}
ENDS = (DatasetExported, DatasetExportFailed, DatasetExportCancelled)
IS_OPEN = sa.text(f"kind = '{KIND}' and finished_at is null")
sa.Index("ix_operations_exports", operations.c.workspace_id, operations.c.id, postgresql_where=IS_OPEN)


def project_exports(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(DatasetExportRequested):
        yield _insert_operation(log)
    if log.has(*STATES):
        yield _update_operation(log)


def _insert_operation(log: EventBatch) -> UpdateBase:
    new = log.rows(DatasetExportRequested, dataset_id=sa.Text)
    values = {
        "workspace_id": new.c.workspace_id,
        "id": new.c.stream_id,
        "kind": sa.literal_column(f"'{KIND}'"),
        "state": sa.literal_column("'queued'"),
        "done": sa.literal_column("0"),
        "unit": sa.literal_column("'bytes'"),
        "resource": sa.literal_column("'/v1/datasets/'", sa.Text) + new.c.dataset_id + sa.literal_column("'/exports'"),
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
        bytes=sa.BigInteger,
        artifact_id=sa.Text,
        rows=sa.BigInteger,
        losses=sa.JSON,
        left_out=sa.JSON,
        erased=sa.BigInteger,
        artifacts=sa.JSON,
        location=sa.Text,
        code=sa.Text,
        detail=sa.Text,
    ).c
    none: sa.ColumnElement[Any] = sa.literal_column("'{}'::json")
    result = sa.func.jsonb_build_object(
        *("artifact_id", change.artifact_id, "rows", change.rows, "bytes", change.bytes),
        *("losses", sa.func.coalesce(change.losses, none), "left_out", sa.func.coalesce(change.left_out, none)),
        *("erased", sa.func.coalesce(change.erased, 0)),
    )
    published = sa.func.jsonb_build_object("location", change.location, "artifacts", change.artifacts)
    error = sa.func.jsonb_build_object("code", change.code, "detail", change.detail)
    is_published = sa.and_(_is(change, DatasetExported), change.location.is_not(None))
    is_cancel = _is(change, DatasetExportCancelRequested, DatasetExportCancelled)
    return (
        sa.update(operations)
        .where(operations.c.workspace_id == change.workspace_id, operations.c.id == change.stream_id)
        .values(
            state=sa.case(*[(change.type == kind.__name__, state) for kind, state in STATES.items()]),
            done=sa.func.coalesce(change.done, change.bytes, operations.c.done),
            total=sa.func.coalesce(change.bytes, operations.c.total),
            result=sa.case(
                (_is(change, DatasetExported), sa.case((is_published, result.op("||")(published)), else_=result))
            ),
            error=sa.case((_is(change, DatasetExportFailed), error)),
            cancel_requested=sa.or_(operations.c.cancel_requested, is_cancel),
            updated_at=change.recorded_at,
            finished_at=sa.case((_is(change, *ENDS), change.recorded_at)),
            version=change.version,
        )
    )


def _is(change: Any, *kinds: type[Event]) -> sa.ColumnElement[Any]:
    return sa.or_(*[change.type == kind.__name__ for kind in kinds])
