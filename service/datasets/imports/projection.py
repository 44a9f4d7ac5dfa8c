"""Imports as they are; their progress shows as an operation of the same id."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import metadata
from service.database.rows import fetch_column, fetch_value
from service.datasets.imports.domain import (
    OPEN,
    ImportAdvanced,
    ImportCancelled,
    ImportCancelRequested,
    ImportFailed,
    ImportStaged,
    ImportStarted,
    ImportSucceeded,
)
from service.datasets.imports.import_lease import KIND
from service.ledger.decider import Event
from service.ledger.projections import EventBatch
from service.ledger.tables import events, leases
from service.operations.projection import operations

imports = sa.Table(
    "imports",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("dataset_id", sa.Uuid, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Index("ix_imports_dataset", "workspace_id", "dataset_id", "id"),
    sa.Index("ix_imports_open", "workspace_id", "id", postgresql_where=sa.text(f"state in {OPEN}")),
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
        yield from _started(log)
    if log.has(*STATES):
        yield from _moved(log)


def _started(log: EventBatch) -> Iterable[UpdateBase]:
    new = log.rows(ImportStarted, dataset_id=sa.Uuid)
    values = {
        "workspace_id": new.c.workspace_id,
        "id": new.c.stream_id,
        "dataset_id": new.c.dataset_id,
        "state": sa.literal_column("'uploading'"),
    }
    yield sa.insert(imports).from_select(list(values), sa.select(*values.values()))
    shown = {
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
    yield sa.insert(operations).from_select(list(shown), sa.select(*shown.values()))


def _moved(log: EventBatch) -> Iterable[UpdateBase]:
    change = log.rows(
        *STATES,
        rows=sa.BigInteger,
        bad=sa.BigInteger,
        through=sa.BigInteger,
        added=sa.BigInteger,
        duplicates=sa.BigInteger,
        withdrawn=sa.BigInteger,
        code=sa.Text,
        detail=sa.Text,
    )
    state = sa.case(*[(change.c.type == kind.__name__, word) for kind, word in STATES.items()])
    yield (
        sa.update(imports)
        .where(imports.c.workspace_id == change.c.workspace_id, imports.c.id == change.c.stream_id)
        .values(state=state)
    )
    ended = sa.or_(*[change.c.type == kind.__name__ for kind in ENDS])
    succeeded = change.c.type == ImportSucceeded.__name__
    counts = sa.func.jsonb_build_object("added", change.c.added, "duplicates", change.c.duplicates)
    error = sa.func.jsonb_build_object("code", change.c.code, "detail", change.c.detail)
    total = sa.case((change.c.type == ImportStaged.__name__, change.c.rows), else_=operations.c.total)
    done = sa.case(
        (change.c.type == ImportAdvanced.__name__, change.c.through),
        (succeeded, operations.c.total),
        else_=operations.c.done,
    )
    yield (
        sa.update(operations)
        .where(operations.c.workspace_id == change.c.workspace_id, operations.c.id == change.c.stream_id)
        .values(
            state=sa.case((ended, state), else_="running"),
            done=done,
            total=total,
            result=sa.case((succeeded, counts)),
            error=sa.case((change.c.type == ImportFailed.__name__, error)),
            cancel_requested=sa.or_(
                operations.c.cancel_requested,
                change.c.type == ImportCancelled.__name__,
                sa.and_(change.c.type == ImportCancelRequested.__name__, change.c.code.is_(None)),
            ),
            updated_at=change.c.recorded_at,
            finished_at=sa.case((ended, change.c.recorded_at)),
            version=change.c.version,
        )
    )


def to_work_on() -> sa.Select[Any]:
    """(workspace_id, id) of each import that is open, or has a lease still: that goes after its staged rows went."""
    here = (imports.c.workspace_id, imports.c.id)
    unfinished = sa.select(*here).where(sa.text(f"state in {OPEN}"))
    left_over = sa.select(*here).join(
        leases, sa.and_(leases.c.workspace_id == here[0], leases.c.id == here[1], leases.c.kind == KIND)
    )
    either = sa.union(unfinished, left_over).subquery()
    return sa.select(either.c.workspace_id, either.c.id)


async def appending(engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, *, seq: int) -> UUID | None:
    """An import that was half-way into the dataset at `seq`, if there was one."""

    def recorded(*kinds: type[Event]) -> sa.Exists:
        return sa.exists().where(
            events.c.workspace_id == workspace_id,
            events.c.stream_id == imports.c.id,
            events.c.seq <= seq,
            sa.or_(*[events.c.type == kind.__name__ for kind in kinds]),
        )

    query = sa.select(imports.c.id).where(
        imports.c.workspace_id == workspace_id,
        imports.c.dataset_id == dataset_id,
        recorded(ImportAdvanced),
        ~recorded(*ENDS),
    )
    import_id: UUID | None = await fetch_value(engine, query.limit(1))
    return import_id


async def list_imports(
    engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, *, before: UUID | None, limit: int
) -> list[UUID]:
    """The newest first."""
    query = sa.select(imports.c.id).where(imports.c.workspace_id == workspace_id, imports.c.dataset_id == dataset_id)
    if before is not None:
        query = query.where(imports.c.id < before)
    return list(await fetch_column(engine, query.order_by(imports.c.id.desc()).limit(limit)))
