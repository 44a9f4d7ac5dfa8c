"""The read table of tasks."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import metadata
from service.ledger.projections import EventBatch, update_archived
from service.tasks.domain import TaskArchived, TaskCreated, TaskEdited, TaskUnarchived

# Schemas are stored as text: jsonb would lose the order in which their authors wrote the fields.
DEFINITION_COLUMNS: dict[str, Any] = {
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
    sa.Column("archived_at", sa.DateTime(timezone=True)),
    # The name of an archived task may be taken by another.
    sa.Index("uq_tasks_name", "workspace_id", "name", unique=True, postgresql_where=sa.text("archived_at is null")),
)
UNIQUE_FIELDS = {"uq_tasks_name": "name"}
_EMPTY_LIST = sa.text("'[]'::jsonb")
_DEFAULTS = {"requirements": _EMPTY_LIST, "ontology": _EMPTY_LIST, "categories": sa.text("'{}'::text[]")}


def project(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(TaskCreated):
        yield _insert_created(log)
    if log.has(TaskEdited):
        yield _update_edited(log)
    if log.has(TaskArchived, TaskUnarchived):
        yield update_archived(tasks, log, TaskArchived, TaskUnarchived)


def _insert_created(log: EventBatch) -> UpdateBase:
    new = log.rows(TaskCreated, **DEFINITION_COLUMNS)
    values: dict[str, Any] = {
        "workspace_id": new.c.workspace_id,
        "id": new.c.stream_id,
        "created_at": new.c.recorded_at,
        "created_by": new.c.actor,
        "updated_at": new.c.recorded_at,
        "updated_by": new.c.actor,
        "version": new.c.version,
        **{name: _with_default(new.c[name]) for name in DEFINITION_COLUMNS},
    }
    return sa.insert(tasks).from_select(list(values), sa.select(*values.values()))


def _update_edited(log: EventBatch) -> UpdateBase:
    edit = log.rows(TaskEdited, changed=ARRAY(sa.Text), **DEFINITION_COLUMNS)
    values: dict[str, Any] = {
        name: sa.case(
            (sa.literal_column(f"'{name}'") == sa.any_(edit.c.changed), _with_default(edit.c[name])),
            else_=tasks.c[name],
        )
        for name in DEFINITION_COLUMNS
    }
    values |= {"updated_at": edit.c.recorded_at, "updated_by": edit.c.actor, "version": edit.c.version}
    same_task = (tasks.c.workspace_id == edit.c.workspace_id, tasks.c.id == edit.c.stream_id)
    return sa.update(tasks).where(*same_task).values(values)


def _with_default(column: Any) -> Any:
    """The column, with its default: an event leaves out a field that is at its default."""
    return sa.func.coalesce(column, _DEFAULTS[column.name]) if column.name in _DEFAULTS else column
