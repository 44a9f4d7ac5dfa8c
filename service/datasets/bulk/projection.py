"""The read table of bulk changes. The progress of one is an operation with the same id."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import metadata
from service.datasets.bulk.domain import (
    OPEN_STAGES,
    BulkAdvanced,
    BulkCancelled,
    BulkCancelRequested,
    BulkFailed,
    BulkPlanned,
    BulkStarted,
    BulkSucceeded,
    BulkUndoStarted,
)
from service.ledger.decider import Event
from service.ledger.projections import EventBatch
from service.operations.projection import operations

KIND = "bulk"
bulk_changes = sa.Table(
    "bulk_changes",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("dataset_id", sa.Uuid, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Index("ix_bulk_changes_dataset", "workspace_id", "dataset_id", "id"),
    sa.Index("ix_bulk_changes_open", "workspace_id", "id", postgresql_where=sa.text(f"state in {OPEN_STAGES}")),
)
STATES: dict[type[Event], str] = {
    BulkPlanned: "running",
    BulkSucceeded: "succeeded",
    BulkFailed: "failed",
    BulkCancelled: "cancelled",
}
ENDS = (BulkSucceeded, BulkFailed, BulkCancelled)
CHANGES: tuple[type[Event], ...] = (*STATES, BulkAdvanced, BulkCancelRequested, BulkUndoStarted)


def project(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(BulkStarted):
        yield _insert_change(log)
        yield _insert_operation(log)
    if log.has(*STATES):
        yield _update_change(log)
    if log.has(*CHANGES):
        yield _update_operation(log)


def _insert_change(log: EventBatch) -> UpdateBase:
    new = log.rows(BulkStarted, dataset_id=sa.Uuid)
    values = {
        "workspace_id": new.c.workspace_id,
        "id": new.c.stream_id,
        "dataset_id": new.c.dataset_id,
        "state": sa.literal_column("'queued'"),
    }
    return sa.insert(bulk_changes).from_select(list(values), sa.select(*values.values()))


def _insert_operation(log: EventBatch) -> UpdateBase:
    new = log.rows(BulkStarted)
    values = {
        "workspace_id": new.c.workspace_id,
        "id": new.c.stream_id,
        "kind": sa.literal_column(f"'{KIND}'"),
        "state": sa.literal_column("'queued'"),
        "done": sa.literal_column("0"),
        "unit": sa.literal_column("'examples'"),
        "resource": sa.literal_column("'/v1/bulk/'", sa.Text) + sa.cast(new.c.stream_id, sa.Text),
        "cancel_requested": sa.false(),
        "created_at": new.c.recorded_at,
        "created_by": new.c.actor,
        "updated_at": new.c.recorded_at,
        "version": new.c.version,
    }
    return sa.insert(operations).from_select(list(values), sa.select(*values.values()))


def _update_change(log: EventBatch) -> UpdateBase:
    change = log.rows(*STATES)
    return (
        sa.update(bulk_changes)
        .where(bulk_changes.c.workspace_id == change.c.workspace_id, bulk_changes.c.id == change.c.stream_id)
        .values(state=_state(change, bulk_changes.c.state))
    )


def _update_operation(log: EventBatch) -> UpdateBase:
    change = log.rows(
        *CHANGES,
        total=sa.BigInteger,
        done=sa.BigInteger,
        changed=sa.BigInteger,
        unchanged=sa.BigInteger,
        skipped=sa.JSON,
        first_skipped=sa.JSON,
        code=sa.Text,
        detail=sa.Text,
    )
    succeeded = sa.func.jsonb_build_object(
        *("changed", change.c.changed, "unchanged", change.c.unchanged, "skipped", change.c.skipped),
        *("first_skipped", sa.func.coalesce(change.c.first_skipped, sa.cast(sa.literal_column("'[]'"), sa.JSON))),
    )
    error = sa.func.jsonb_build_object("code", change.c.code, "detail", change.c.detail)
    ended = _is(change, *ENDS)
    return (
        sa.update(operations)
        .where(operations.c.workspace_id == change.c.workspace_id, operations.c.id == change.c.stream_id)
        .values(
            state=_state(change, operations.c.state),
            done=operations.c.done + sa.func.coalesce(change.c.done, 0),
            total=sa.func.coalesce(change.c.total, operations.c.total),
            result=sa.case((_is(change, BulkSucceeded), succeeded), else_=operations.c.result),
            error=sa.case((_is(change, BulkFailed), error), else_=operations.c.error),
            cancel_requested=sa.or_(operations.c.cancel_requested, _is(change, BulkCancelRequested, BulkCancelled)),
            updated_at=change.c.recorded_at,
            finished_at=sa.case((ended, change.c.recorded_at), else_=operations.c.finished_at),
            version=change.c.version,
        )
    )


def _state(change: sa.Subquery, before: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.case(*[(change.c.type == kind.__name__, state) for kind, state in STATES.items()], else_=before)


def _is(change: sa.Subquery, *kinds: type[Event]) -> sa.ColumnElement[bool]:
    return sa.or_(*[change.c.type == kind.__name__ for kind in kinds])
