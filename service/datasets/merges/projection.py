"""The read table of merges and forks. The progress of one is an operation with the same id."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import metadata
from service.datasets.merges.domain import (
    OPEN_STAGES,
    MergeAdvanced,
    MergeCancelled,
    MergeCancelRequested,
    MergeFailed,
    MergePlanned,
    MergeStarted,
    MergeSucceeded,
)
from service.ledger.decider import Event
from service.ledger.projections import EventBatch
from service.operations.projection import operations

LEASE_KIND = "merge"
merges = sa.Table(
    "merges",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("dataset_id", sa.Uuid, nullable=False),
    sa.Column("source_id", sa.Uuid, nullable=False),
    sa.Column("moment", sa.BigInteger, nullable=False),
    sa.Column("dry_run", sa.Boolean, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Index("ix_merges_dataset", "workspace_id", "dataset_id", "id"),
    sa.Index("ix_merges_open", "workspace_id", "id", postgresql_where=sa.text(f"state in {OPEN_STAGES}")),
)
STATES: dict[type[Event], str] = {
    MergePlanned: "running",
    MergeSucceeded: "succeeded",
    MergeFailed: "failed",
    MergeCancelled: "cancelled",
}
ENDS = (MergeSucceeded, MergeFailed, MergeCancelled)
CHANGES: tuple[type[Event], ...] = (*STATES, MergeAdvanced, MergeCancelRequested)
COUNTS = ("added", "changed", "deleted", "conflicts", "erased", "earlier")


def project(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(MergeStarted):
        yield _insert_merge(log)
        yield _insert_operation(log)
    if log.has(*STATES):
        yield _update_merge(log)
    if log.has(*CHANGES):
        yield _update_operation(log)


def _insert_merge(log: EventBatch) -> UpdateBase:
    new = log.rows(
        MergeStarted, kind=sa.Text, dataset_id=sa.Uuid, source_id=sa.Uuid, moment=sa.BigInteger, dry_run=sa.Boolean
    )
    values = {
        "workspace_id": new.c.workspace_id,
        "id": new.c.stream_id,
        **{name: new.c[name] for name in ("kind", "dataset_id", "source_id", "moment")},
        "dry_run": sa.func.coalesce(new.c.dry_run, sa.false()),
        "state": sa.literal_column("'queued'"),
    }
    return sa.insert(merges).from_select(list(values), sa.select(*values.values()))


def _insert_operation(log: EventBatch) -> UpdateBase:
    new = log.rows(MergeStarted, kind=sa.Text)
    values = {
        "workspace_id": new.c.workspace_id,
        "id": new.c.stream_id,
        "kind": new.c.kind,
        "state": sa.literal_column("'queued'"),
        "done": sa.literal_column("0"),
        "unit": sa.literal_column("'examples'"),
        "resource": sa.literal_column("'/v1/merges/'", sa.Text) + sa.cast(new.c.stream_id, sa.Text),
        "cancel_requested": sa.false(),
        "created_at": new.c.recorded_at,
        "created_by": new.c.actor,
        "updated_at": new.c.recorded_at,
        "version": new.c.version,
    }
    return sa.insert(operations).from_select(list(values), sa.select(*values.values()))


def _update_merge(log: EventBatch) -> UpdateBase:
    change = log.rows(*STATES)
    return (
        sa.update(merges)
        .where(merges.c.workspace_id == change.c.workspace_id, merges.c.id == change.c.stream_id)
        .values(state=_state(change, merges.c.state))
    )


def _update_operation(log: EventBatch) -> UpdateBase:
    counts = dict.fromkeys(COUNTS, sa.BigInteger)
    change = log.rows(*CHANGES, through=sa.BigInteger, code=sa.Text, detail=sa.Text, **counts)
    counted = {name: sa.func.coalesce(change.c[name], 0) for name in COUNTS}
    succeeded = sa.func.jsonb_build_object(*[part for pair in counted.items() for part in pair])
    error = sa.func.jsonb_build_object("code", change.c.code, "detail", change.c.detail)
    planned = counted["added"] + counted["changed"] + counted["deleted"]
    done = sa.func.coalesce(change.c.through, sa.case((_is(change, MergePlanned), 0), else_=operations.c.done))
    return (
        sa.update(operations)
        .where(operations.c.workspace_id == change.c.workspace_id, operations.c.id == change.c.stream_id)
        .values(
            state=_state(change, operations.c.state),
            done=done,
            total=sa.case((_is(change, MergePlanned), planned), else_=operations.c.total),
            result=sa.case((_is(change, MergeSucceeded), succeeded), else_=operations.c.result),
            error=sa.case((_is(change, MergeFailed), error), else_=operations.c.error),
            cancel_requested=sa.or_(operations.c.cancel_requested, _is(change, MergeCancelRequested, MergeCancelled)),
            updated_at=change.c.recorded_at,
            finished_at=sa.case((_is(change, *ENDS), change.c.recorded_at), else_=operations.c.finished_at),
            version=change.c.version,
        )
    )


def _state(change: sa.Subquery, before: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.case(*[(change.c.type == kind.__name__, state) for kind, state in STATES.items()], else_=before)


def _is(change: sa.Subquery, *kinds: type[Event]) -> sa.ColumnElement[bool]:
    return sa.or_(*[change.c.type == kind.__name__ for kind in kinds])
