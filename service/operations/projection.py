"""Operations as they are. The streams that do the work project into this table, each its own rows."""

import asyncio
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import metadata
from service.database.rows import fetch_all, fetch_value, find_one
from service.errors import Fault, NotFound
from service.ledger.tables import events
from service.operations.domain import Operation, OperationError, OperationState, Progress

POLL_SECONDS = 0.25
MAX_FAULTS = 20  # in the error of an operation
_TEXT = "select body from ledger.contents where workspace_id = $1 and subject = $2 and digest = $3"

operations = sa.Table(
    "operations",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("done", sa.BigInteger, nullable=False),
    sa.Column("total", sa.BigInteger),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("result", JSONB),
    sa.Column("error", JSONB),
    sa.Column("resource", sa.Text),
    sa.Column("cancel_requested", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_operations_state", "workspace_id", "state", "id"),
    sa.Index("ix_operations_kind", "workspace_id", "kind", "id"),
)


class FaultyRow(msgspec.Struct, frozen=True):
    """A row with faults, as a text of an import has it."""

    line: int
    errors: tuple[Fault, ...]


async def get_operation(engine: AsyncEngine, workspace_id: UUID, operation_id: UUID) -> Operation:
    """Load one operation. Raises NotFound."""
    query = sa.select(operations).where(operations.c.workspace_id == workspace_id, operations.c.id == operation_id)
    row = await find_one(engine, query)
    if row is None:
        raise NotFound(f"No such operation: {operation_id}.")
    return await _with_faults(engine, workspace_id, row)


async def get_operation_and_seq(engine: AsyncEngine, workspace_id: UUID, operation_id: UUID) -> tuple[Operation, int]:
    """Load an operation, and the seq of its last event. Raises NotFound."""
    last_events = events.join(
        operations,
        sa.and_(
            operations.c.workspace_id == events.c.workspace_id,
            operations.c.id == events.c.stream_id,
            operations.c.version == events.c.version,
        ),
    )
    query = sa.select(operations, events.c.seq).select_from(last_events)
    query = query.where(operations.c.workspace_id == workspace_id, operations.c.id == operation_id)
    row = await find_one(engine, query)
    if row is None:
        raise NotFound(f"No such operation: {operation_id}.")
    return await _with_faults(engine, workspace_id, row), row.seq


async def wait_for_operation(engine: AsyncEngine, workspace_id: UUID, operation_id: UUID, *, wait: float) -> Operation:
    """Load the operation once it has ended, or after `wait` seconds. Raises NotFound."""
    loop = asyncio.get_running_loop()
    until = loop.time() + wait
    while True:
        operation = await get_operation(engine, workspace_id, operation_id)
        seconds_left = until - loop.time()
        if operation.finished or seconds_left <= 0:
            return operation
        await asyncio.sleep(min(POLL_SECONDS, seconds_left))


async def list_operations(
    engine: AsyncEngine,
    workspace_id: UUID,
    *,
    state: OperationState | None = None,
    kind: str | None = None,
    before: UUID | None = None,
    limit: int,
) -> list[Operation]:
    """List operations, the newest first."""
    query = sa.select(operations).where(operations.c.workspace_id == workspace_id)
    if state is not None:
        query = query.where(operations.c.state == state)
    if kind is not None:
        query = query.where(operations.c.kind == kind)
    if before is not None:
        query = query.where(operations.c.id < before)
    rows = await fetch_all(engine, query.order_by(operations.c.id.desc()).limit(limit))
    return [to_operation(row) for row in rows]


async def _with_faults(engine: AsyncEngine, workspace_id: UUID, row: Any) -> Operation:
    """The operation with the first faults of its rows: its error names the text that has them, until it is erased."""
    operation = to_operation(row)
    digest = row.error.get("text") if row.error else None
    if operation.error is None or digest is None:
        return operation
    text = await fetch_value(engine, _TEXT, (workspace_id, row.id, bytes.fromhex(digest)))
    rows = msgspec.json.decode(text, type=list[FaultyRow]) if text else []
    faults = [msgspec.structs.replace(fault, line=each.line) for each in rows[:MAX_FAULTS] for fault in each.errors]
    error = msgspec.structs.replace(operation.error, errors=tuple(faults[:MAX_FAULTS]))
    return msgspec.structs.replace(operation, error=error)


def to_operation(row: Any) -> Operation:
    """Convert a row, or anything with the table's columns as attributes."""
    return Operation(
        id=row.id,
        kind=row.kind,
        state=row.state,
        progress=Progress(done=row.done, total=row.total, unit=row.unit),
        result=row.result,
        error=msgspec.convert(row.error, OperationError) if row.error is not None else None,
        resource=row.resource,
        cancel_requested=row.cancel_requested,
        created_at=row.created_at,
        created_by=row.created_by,
        updated_at=row.updated_at,
        finished_at=row.finished_at,
    )
