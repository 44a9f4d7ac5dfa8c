"""The read table of imports. The progress of one is an operation with the same id."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import metadata
from service.datasets.imports.domain import (
    OPEN_STAGES,
    ImportAdvanced,
    ImportCancelled,
    ImportCancelRequested,
    ImportFailed,
    ImportStaged,
    ImportStarted,
    ImportSucceeded,
)
from service.ledger.decider import Event
from service.ledger.projections import EventBatch
from service.operations.projection import operations

imports = sa.Table(
    "imports",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("dataset_id", sa.Uuid, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Index("ix_imports_dataset", "workspace_id", "dataset_id", "id"),
    sa.Index("ix_imports_open", "workspace_id", "id", postgresql_where=sa.text(f"state in {OPEN_STAGES}")),
)
STATES: dict[type[Event], str] = {
    ImportStaged: "staged",
    ImportAdvanced: "adding",
    ImportSucceeded: "succeeded",
    ImportFailed: "failed",
    ImportCancelRequested: "withdrawing",
    ImportCancelled: "cancelled",
}
ENDS = (ImportSucceeded, ImportFailed, ImportCancelled)


def project(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(ImportStarted):
        yield _insert_import(log)
        yield _insert_operation(log)
    if log.has(*STATES):
        yield _update_import(log)
        yield _update_operation(log)


def _insert_import(log: EventBatch) -> UpdateBase:
    new = log.rows(ImportStarted, dataset_id=sa.Uuid)
    values = {
        "workspace_id": new.c.workspace_id,
        "id": new.c.stream_id,
        "dataset_id": new.c.dataset_id,
        "state": sa.literal_column("'uploading'"),
    }
    return sa.insert(imports).from_select(list(values), sa.select(*values.values()))


def _insert_operation(log: EventBatch) -> UpdateBase:
    new = log.rows(ImportStarted)
    values = {
        "workspace_id": new.c.workspace_id,
        "id": new.c.stream_id,
        "kind": sa.literal_column("'import'"),
        "state": sa.literal_column("'running'"),
        "done": sa.literal_column("0"),
        "unit": sa.literal_column("'rows'"),
        "resource": sa.literal_column("'/v1/imports/'", sa.Text) + sa.cast(new.c.stream_id, sa.Text),
        "cancel_requested": sa.false(),
        "created_at": new.c.recorded_at,
        "created_by": new.c.actor,
        "updated_at": new.c.recorded_at,
        "version": new.c.version,
    }
    return sa.insert(operations).from_select(list(values), sa.select(*values.values()))


def _update_import(log: EventBatch) -> UpdateBase:
    change = log.rows(*STATES)
    return (
        sa.update(imports)
        .where(imports.c.workspace_id == change.c.workspace_id, imports.c.id == change.c.stream_id)
        .values(state=_get_state(change))
    )


def _update_operation(log: EventBatch) -> UpdateBase:
    change = log.rows(
        *STATES,
        rows=sa.BigInteger,
        through=sa.BigInteger,
        added=sa.BigInteger,
        duplicates=sa.BigInteger,
        code=sa.Text,
        detail=sa.Text,
    )
    ended = _is(change, *ENDS)
    succeeded = _is(change, ImportSucceeded)
    counts = sa.func.jsonb_build_object("added", change.c.added, "duplicates", change.c.duplicates)
    error = sa.func.jsonb_build_object("code", change.c.code, "detail", change.c.detail)
    done = sa.case(
        (_is(change, ImportAdvanced), change.c.through), (succeeded, operations.c.total), else_=operations.c.done
    )
    return (
        sa.update(operations)
        .where(operations.c.workspace_id == change.c.workspace_id, operations.c.id == change.c.stream_id)
        .values(
            state=sa.case((ended, _get_state(change)), else_="running"),
            done=done,
            total=sa.case((_is(change, ImportStaged), change.c.rows), else_=operations.c.total),
            result=sa.case((succeeded, counts)),
            error=sa.case((_is(change, ImportFailed), error)),
            cancel_requested=sa.or_(
                operations.c.cancel_requested,
                _is(change, ImportCancelled),
                sa.and_(_is(change, ImportCancelRequested), change.c.code.is_(None)),
            ),
            updated_at=change.c.recorded_at,
            finished_at=sa.case((ended, change.c.recorded_at)),
            version=change.c.version,
        )
    )


def _get_state(change: sa.Subquery) -> sa.ColumnElement[Any]:
    return sa.case(*[(change.c.type == kind.__name__, state) for kind, state in STATES.items()])


def _is(change: sa.Subquery, *kinds: type[Event]) -> sa.ColumnElement[bool]:
    return sa.or_(*[change.c.type == kind.__name__ for kind in kinds])
