"""Read tasks: a page of them, and what one requires of its examples."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, find_one
from service.tasks.domain import Requirement
from service.tasks.projection import tasks


class TaskSchemas(msgspec.Struct, frozen=True, kw_only=True):
    """What a task requires of its examples. Schemas are bytes, as `json_schema.find_faults` takes them."""

    name: str
    input_schema: bytes | None
    output_schema: bytes | None
    requirements: tuple[Requirement, ...]
    version: int


async def list_tasks(
    engine: AsyncEngine, workspace_id: UUID, *, after: UUID | None, limit: int, name: str | None, archived: bool | None
) -> Sequence[Any]:
    """The oldest first; `archived` says which, None means all."""
    query = sa.select(tasks).where(tasks.c.workspace_id == workspace_id).order_by(tasks.c.id).limit(limit)
    if after is not None:
        query = query.where(tasks.c.id > after)
    if name is not None:
        query = query.where(tasks.c.name == name)
    if archived is not None:
        query = query.where(tasks.c.archived_at.is_not(None) == archived)
    return await fetch_all(engine, query)


async def load_task_schemas(engine: AsyncEngine, workspace_id: UUID, task_id: UUID) -> TaskSchemas | None:
    """What the task requires of its examples now; None when there is no such task."""
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


def _bytes(schema: str | None) -> bytes | None:
    return None if schema is None else schema.encode()
