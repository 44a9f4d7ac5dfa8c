"""The read table of imports. The progress of one is an operation with the same id."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import metadata
from service.datasets.imports.domain import (
    OPEN_STAGES,
    ImportAdvanced,
    ImportCancelled,
    ImportCancelRequested,
    ImportFailed,
    ImportReconciled,
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
    ImportReconciled: "adding",
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
        changed=sa.BigInteger,
        skipped=sa.BigInteger,
        deleted=sa.BigInteger,
        restored=sa.BigInteger,
        bad=sa.BigInteger,
        format=sa.Text,
        losses=JSONB,
        errors=JSONB,
        code=sa.Text,
        detail=sa.Text,
    )
    ended = _is(change, *ENDS)
    succeeded = _is(change, ImportSucceeded)
    # The faults are in a text, so that they can be erased; whoever reads the operation looks them up.
    error = sa.func.jsonb_build_object("code", change.c.code, "detail", change.c.detail, "text", change.c.errors[0])
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
            result=sa.case(
                (_is(change, ImportStaged), _describe_file(change)),
                (succeeded, sa.func.coalesce(operations.c.result, _describe_file(change)).op("||")(_count(change))),
                (_is(change, ImportAdvanced, ImportReconciled), operations.c.result),
            ),
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


def _describe_file(change: sa.Subquery) -> sa.ColumnElement[Any]:
    """What the file turned out to be."""
    return sa.func.jsonb_strip_nulls(
        sa.func.jsonb_build_object("format", change.c.format, "rows", change.c.rows, "losses", change.c.losses)
    )


def _count(change: sa.Subquery) -> sa.ColumnElement[Any]:
    """What became of the rows. An import of before rows were compared has only duplicates."""

    def get(name: str) -> sa.ColumnElement[int]:
        return sa.func.coalesce(change.c[name], 0)

    unchanged = get("duplicates") - get("skipped") - get("deleted")
    counts = {name: get(name) for name in ("added", "duplicates", "changed", "skipped", "deleted", "restored", "bad")}
    counts["unchanged"] = unchanged
    return sa.func.jsonb_build_object(*[item for pair in counts.items() for item in pair])


def _get_state(change: sa.Subquery) -> sa.ColumnElement[Any]:
    return sa.case(*[(change.c.type == kind.__name__, state) for kind, state in STATES.items()])


def _is(change: sa.Subquery, *kinds: type[Event]) -> sa.ColumnElement[bool]:
    return sa.or_(*[change.c.type == kind.__name__ for kind in kinds])
