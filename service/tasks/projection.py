"""Tasks as they are, and what examples are checked against."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import metadata
from service.database.rows import fetch_all, find_one
from service.ledger.projections import EventBatch
from service.tasks.domain import Requirement, TaskCreated, TaskEdited

# Schemas are kept as text: the order of their fields is the one their authors wrote, which jsonb would forget.
DEFINITION: dict[str, Any] = {
    "name": sa.Text,
    "instruction": sa.Text,
    "description": sa.Text,
    "thinking_instruction": sa.Text,
    "requirements": JSONB,
    "input_schema": sa.Text,
    "output_schema": sa.Text,
    "categories": ARRAY(sa.Text),
    "fallback_category": sa.Text,
    "ontology": JSONB,
}
tasks = sa.Table(
    "tasks",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("instruction", sa.Text, nullable=False),
    sa.Column("description", sa.Text),
    sa.Column("thinking_instruction", sa.Text),
    sa.Column("requirements", JSONB, nullable=False),
    sa.Column("input_schema", sa.Text),
    sa.Column("output_schema", sa.Text),
    sa.Column("categories", ARRAY(sa.Text), nullable=False),
    sa.Column("fallback_category", sa.Text),
    sa.Column("ontology", JSONB, server_default="[]", nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("updated_by", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("workspace_id", "name", name="uq_tasks_name"),
)
TAKEN = {"uq_tasks_name": "name"}
_LIST = sa.text("'[]'::jsonb")
_EMPTY = {"requirements": _LIST, "ontology": _LIST, "categories": sa.text("'{}'::text[]")}


class TaskSchemas(msgspec.Struct, frozen=True, kw_only=True):
    """What a task asks of its examples: schemas as the bytes that `schemas.faults` takes, and what is rated."""

    name: str
    input_schema: bytes | None
    output_schema: bytes | None
    requirements: tuple[Requirement, ...]
    version: int


def project_tasks(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(TaskCreated):
        made = log.rows(TaskCreated, **DEFINITION)
        envelope = ["workspace_id", "stream_id", "recorded_at", "actor", "recorded_at", "actor", "version"]
        columns = ["workspace_id", "id", "created_at", "created_by", "updated_at", "updated_by", "version", *DEFINITION]
        values = [*[made.c[name] for name in envelope], *[_value(made.c[name]) for name in DEFINITION]]
        yield sa.insert(tasks).from_select(columns, sa.select(*values))
    if log.has(TaskEdited):
        edited = log.rows(TaskEdited, changed=ARRAY(sa.Text), **DEFINITION)
        new: dict[str, Any] = {
            name: sa.case(
                (sa.literal_column(f"'{name}'") == sa.any_(edited.c.changed), _value(edited.c[name])),
                else_=tasks.c[name],
            )
            for name in DEFINITION
        }
        new |= {"updated_at": edited.c.recorded_at, "updated_by": edited.c.actor, "version": edited.c.version}
        same = (tasks.c.workspace_id == edited.c.workspace_id, tasks.c.id == edited.c.stream_id)
        yield sa.update(tasks).where(*same).values(new)


async def list_tasks(
    engine: AsyncEngine, workspace_id: UUID, *, after: UUID | None, limit: int, name: str | None = None
) -> Sequence[Any]:
    query = sa.select(tasks).where(tasks.c.workspace_id == workspace_id).order_by(tasks.c.id).limit(limit)
    if after is not None:
        query = query.where(tasks.c.id > after)
    if name is not None:
        query = query.where(tasks.c.name == name)
    return await fetch_all(engine, query)


async def task_schemas(engine: AsyncEngine, workspace_id: UUID, task_id: UUID) -> TaskSchemas | None:
    """What the task asks of its examples now; None when there is no such task."""
    names = TaskSchemas.__struct_fields__
    query = sa.select(*[tasks.c[name] for name in names]).where(
        tasks.c.workspace_id == workspace_id, tasks.c.id == task_id
    )
    row = await find_one(engine, query)
    if row is None:
        return None
    return TaskSchemas(
        name=row.name,
        input_schema=_bytes(row.input_schema),
        output_schema=_bytes(row.output_schema),
        requirements=msgspec.convert(row.requirements, tuple[Requirement, ...]),
        version=row.version,
    )


def _value(column: Any) -> Any:
    """A field at its default is not in the event."""
    return sa.func.coalesce(column, _EMPTY[column.name]) if column.name in _EMPTY else column


def _bytes(schema: str | None) -> bytes | None:
    return None if schema is None else schema.encode()
