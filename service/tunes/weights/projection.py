"""Downloads of weights are operations: their rows are in that table alone."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.dml import UpdateBase

from service.ledger.decider import Event
from service.ledger.projections import EventBatch
from service.operations.projection import operations
from service.tunes.weights.domain import (
    WeightsAdvanced,
    WeightsCancelled,
    WeightsCancelRequested,
    WeightsDownloaded,
    WeightsFailed,
    WeightsRequested,
)

KIND = "weights"
STATES: dict[type[Event], str] = {
    WeightsAdvanced: "running",
    WeightsDownloaded: "succeeded",
    WeightsFailed: "failed",
    WeightsCancelRequested: "running",
    WeightsCancelled: "cancelled",
}
ENDS = (WeightsDownloaded, WeightsFailed, WeightsCancelled)
IS_OPEN = sa.text(f"kind = '{KIND}' and finished_at is null")
sa.Index("ix_operations_weights", operations.c.workspace_id, operations.c.id, postgresql_where=IS_OPEN)


def project_weights(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(WeightsRequested):
        yield _insert_operation(log)
    if log.has(*STATES):
        yield _update_operation(log)


def _insert_operation(log: EventBatch) -> UpdateBase:
    new = log.rows(WeightsRequested, tune_id=sa.Text)
    values = {
        "workspace_id": new.c.workspace_id,
        "id": new.c.stream_id,
        "kind": sa.literal_column(f"'{KIND}'"),
        "state": sa.literal_column("'queued'"),
        "done": sa.literal_column("0"),
        "unit": sa.literal_column("'bytes'"),
        "resource": sa.literal_column("'/v1/tunes/'", sa.Text) + new.c.tune_id + sa.literal_column("'/weights'"),
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
        code=sa.Text,
        detail=sa.Text,
    )
    succeeded = _is(change, WeightsDownloaded)
    result = sa.func.jsonb_build_object("artifacts", change.c.artifacts, "bytes", change.c.bytes)
    error = sa.func.jsonb_build_object("code", change.c.code, "detail", change.c.detail)
    is_cancel = _is(change, WeightsCancelRequested, WeightsCancelled)
    return (
        sa.update(operations)
        .where(operations.c.workspace_id == change.c.workspace_id, operations.c.id == change.c.stream_id)
        .values(
            state=sa.case(*[(change.c.type == kind.__name__, state) for kind, state in STATES.items()]),
            done=sa.func.coalesce(change.c.done, change.c.bytes, operations.c.done),
            total=sa.func.coalesce(change.c.total, change.c.bytes, operations.c.total),
            result=sa.case((succeeded, result)),
            error=sa.case((_is(change, WeightsFailed), error)),
            cancel_requested=sa.or_(operations.c.cancel_requested, is_cancel),
            updated_at=change.c.recorded_at,
            finished_at=sa.case((_is(change, *ENDS), change.c.recorded_at)),
            version=change.c.version,
        )
    )


def _is(change: sa.Subquery, *kinds: type[Event]) -> sa.ColumnElement[Any]:
    return sa.or_(*[change.c.type == kind.__name__ for kind in kinds])
