"""Read tables of prompts, their versions, and each move of a label."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import metadata
from service.ledger.projections import EventBatch, update_archived
from service.prompts.domain import (
    EDITABLE,
    PromptArchived,
    PromptCreated,
    PromptEdited,
    PromptLabelMoved,
    PromptUnarchived,
    PromptVersionAdded,
)

TIME = sa.DateTime(timezone=True)
NO_LABELS = sa.cast(sa.literal_column("'{}'"), JSONB)
# Stored as text, since jsonb would lose the order of a schema's fields.
VERSION_COLUMNS: dict[str, Any] = dict.fromkeys(
    ("parameters", "target", "examples", "inputs", "built", "notes"), sa.Text
) | {"task_version": sa.Integer}

# `labels`: the versions that each label points at, by weight.
prompts = sa.Table(
    "prompts",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("description", sa.Text),
    sa.Column("task_id", sa.Uuid),
    sa.Column("latest_version", sa.Integer),
    sa.Column("labels", JSONB, nullable=False),
    sa.Column("created_at", TIME, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("updated_at", TIME, nullable=False),
    sa.Column("updated_by", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("archived_at", TIME),
    # The name of an archived prompt may be taken by another.
    sa.Index("uq_prompts_name", "workspace_id", "name", unique=True, postgresql_where=sa.text("archived_at is null")),
)
prompt_versions = sa.Table(
    "prompt_versions",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("prompt_id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("texts", BYTEA, nullable=False),
    *[sa.Column(name, kind) for name, kind in VERSION_COLUMNS.items()],
    sa.Column("created_at", TIME, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
)
label_moves = sa.Table(
    "prompt_label_moves",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("prompt_id", sa.Uuid, primary_key=True),
    sa.Column("label", sa.Text, primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("weights", JSONB, nullable=False),
    sa.Column("previous", JSONB),
    sa.Column("reason", sa.Text),
    sa.Column("moved_at", TIME, nullable=False),
    sa.Column("moved_by", sa.Text, nullable=False),
)
UNIQUE_FIELDS = {"uq_prompts_name": "name"}
CHANGE_EVENTS = (PromptEdited, PromptVersionAdded, PromptLabelMoved)


def project_prompts(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(PromptCreated):
        yield _insert_prompts(log)
    if log.has(*CHANGE_EVENTS):
        yield _update_prompts(log)
    if log.has(PromptVersionAdded):
        yield _insert_versions(log)
    if log.has(PromptLabelMoved):
        yield _insert_moves(log)
    if log.has(PromptArchived, PromptUnarchived):
        yield update_archived(prompts, log, PromptArchived, PromptUnarchived)


def _insert_prompts(log: EventBatch) -> UpdateBase:
    new = log.rows(PromptCreated, name=sa.Text, description=sa.Text, task_id=sa.Uuid)
    values = {
        "workspace_id": new.c.workspace_id,
        "id": new.c.stream_id,
        **{name: new.c[name] for name in EDITABLE},
        "labels": NO_LABELS,
        "created_at": new.c.recorded_at,
        "created_by": new.c.actor,
        "updated_at": new.c.recorded_at,
        "updated_by": new.c.actor,
        "version": new.c.version,
    }
    return sa.insert(prompts).from_select(list(values), sa.select(*values.values()))


def _update_prompts(log: EventBatch) -> UpdateBase:
    """One statement for all later events. Columns that an event does not mention stay."""
    fields: dict[str, Any] = {name: prompts.c[name].type for name in EDITABLE}
    new = log.rows(*CHANGE_EVENTS, **fields, changed=ARRAY(sa.Text), number=sa.Integer, label=sa.Text, weights=JSONB)
    edited: dict[str, Any] = {
        name: sa.case(
            (sa.literal_column(f"'{name}'") == sa.any_(new.c.changed), new.c[name]),
            else_=prompts.c[name],
        )
        for name in EDITABLE
    }
    moved = prompts.c.labels.op("||")(sa.func.jsonb_build_object(new.c.label, new.c.weights))
    return (
        sa.update(prompts)
        .where(prompts.c.workspace_id == new.c.workspace_id, prompts.c.id == new.c.stream_id)
        .values(
            **edited,
            latest_version=sa.func.coalesce(new.c.number, prompts.c.latest_version),
            labels=sa.case((new.c.label.is_not(None), moved), else_=prompts.c.labels),
            updated_at=new.c.recorded_at,
            updated_by=new.c.actor,
            version=new.c.version,
        )
    )


def _insert_versions(log: EventBatch) -> UpdateBase:
    new = log.rows(PromptVersionAdded, number=sa.Integer, texts=sa.Text, **VERSION_COLUMNS)
    values = {
        "workspace_id": new.c.workspace_id,
        "prompt_id": new.c.stream_id,
        "number": new.c.number,
        "texts": sa.func.decode(new.c.texts, sa.literal_column("'hex'"), type_=BYTEA),
        **{name: new.c[name] for name in VERSION_COLUMNS},
        "created_at": new.c.recorded_at,
        "created_by": new.c.actor,
    }
    return sa.insert(prompt_versions).from_select(list(values), sa.select(*values.values()))


def _insert_moves(log: EventBatch) -> UpdateBase:
    new = log.rows(PromptLabelMoved, label=sa.Text, weights=JSONB, previous=JSONB(none_as_null=True), reason=sa.Text)
    values = {
        "workspace_id": new.c.workspace_id,
        "prompt_id": new.c.stream_id,
        "label": new.c.label,
        "seq": new.c.seq,
        "weights": new.c.weights,
        "previous": new.c.previous,
        "reason": new.c.reason,
        "moved_at": new.c.recorded_at,
        "moved_by": new.c.actor,
    }
    return sa.insert(label_moves).from_select(list(values), sa.select(*values.values()))
