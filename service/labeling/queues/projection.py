"""Read tables of queues, the examples in them, and the annotators' assignments."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import metadata
from service.labeling.queues.domain import QueueArchived, QueueCreated, QueueEdited, QueueUnarchived
from service.labeling.queues.items.domain import (
    ItemAccepted,
    ItemAssigned,
    ItemClaimed,
    ItemQueued,
    ItemReleased,
    ItemSentBack,
    ItemSkipped,
    ItemSubmitted,
    ItemWithdrawn,
)
from service.ledger.decider import Event
from service.ledger.projections import EventBatch, update_archived

queues = sa.Table(
    "queues",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("dataset_id", sa.Uuid, nullable=False),
    sa.Column("task_id", sa.Uuid, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("overlap", sa.Integer, nullable=False),
    sa.Column("lease_seconds", sa.Integer, nullable=False),
    sa.Column("blind", sa.Boolean, nullable=False),
    sa.Column("shows", sa.Text, nullable=False),
    sa.Column("annotators", ARRAY(sa.Text), nullable=False),
    sa.Column("closed", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("archived_at", sa.DateTime(timezone=True)),
    # The name of an archived queue may be taken by another.
    sa.Index(
        "uq_queues_name",
        "workspace_id",
        "dataset_id",
        "name",
        unique=True,
        postgresql_where=sa.text("archived_at is null"),
    ),
)
# `labelled` counts the slots with a label; a honeypot has known answers and no overlap.
items = sa.Table(
    "queue_items",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("queue_id", sa.Uuid, nullable=False),
    sa.Column("dataset_id", sa.Uuid, nullable=False),
    sa.Column("example_id", sa.Uuid, nullable=False),
    sa.Column("overlap", sa.Integer),
    sa.Column("known", JSONB),
    sa.Column("labelled", sa.Integer, nullable=False),
    sa.Index("ix_queue_items_queue", "workspace_id", "queue_id", "id"),
    sa.Index(
        "ix_queue_items_open",
        "workspace_id",
        "queue_id",
        "id",
        postgresql_where=sa.text("overlap is null or labelled < overlap"),
    ),
)
assignments = sa.Table(
    "assignments",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("item_id", sa.Uuid, nullable=False),
    sa.Column("annotator", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("leased_until", sa.DateTime(timezone=True)),
    sa.Column("label_id", sa.Uuid),
    sa.Column("reason", sa.Text),
    sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("changed_by", sa.Text, nullable=False),
    sa.Index("ix_assignments_item", "workspace_id", "item_id"),
)
UNIQUE_FIELDS = {"uq_queues_name": "name"}
STATES: dict[type[Event], str] = {
    ItemAssigned: "assigned",
    ItemClaimed: "claimed",
    ItemSubmitted: "submitted",
    ItemWithdrawn: "claimed",
    ItemSkipped: "skipped",
    ItemReleased: "released",
    ItemAccepted: "accepted",
    ItemSentBack: "sent_back",
}
CLAIM_EVENTS = (ItemAssigned, ItemClaimed)
STATE_EVENTS = (ItemSubmitted, ItemWithdrawn, ItemSkipped, ItemReleased, ItemAccepted, ItemSentBack)
COUNT_EVENTS = (ItemSubmitted, ItemWithdrawn, ItemSentBack)
_EMPTY_LIST = sa.cast(sa.literal_column("'{}'"), ARRAY(sa.Text))


def project_queues(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(QueueCreated):
        yield _insert_queues(log)
    if log.has(QueueEdited):
        yield _update_queues(log)
    if log.has(QueueArchived, QueueUnarchived):
        yield update_archived(queues, log, QueueArchived, QueueUnarchived)


def project_items(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(ItemQueued):
        yield _insert_items(log)
    if log.has(*COUNT_EVENTS):
        yield _update_label_counts(log)
    if log.has(*CLAIM_EVENTS):
        yield _upsert_assignments(log)
    if log.has(*STATE_EVENTS):
        yield _update_assignments(log)


def _insert_queues(log: EventBatch) -> UpdateBase:
    new = log.rows(
        QueueCreated,
        dataset_id=sa.Uuid,
        task_id=sa.Uuid,
        name=sa.Text,
        overlap=sa.Integer,
        lease_seconds=sa.Integer,
        blind=sa.Boolean,
        shows=sa.Text,
        annotators=ARRAY(sa.Text),
    )
    values: dict[str, Any] = {
        "workspace_id": new.c.workspace_id,
        "id": new.c.stream_id,
        "dataset_id": new.c.dataset_id,
        "task_id": new.c.task_id,
        "name": new.c.name,
        "overlap": sa.func.coalesce(new.c.overlap, sa.literal_column("1")),
        "lease_seconds": sa.func.coalesce(new.c.lease_seconds, sa.literal_column("1800")),
        "blind": sa.func.coalesce(new.c.blind, sa.true()),
        "shows": sa.func.coalesce(new.c.shows, sa.literal_column("'example'")),
        "annotators": sa.func.coalesce(new.c.annotators, _EMPTY_LIST),
        "closed": sa.false(),
        "created_at": new.c.recorded_at,
        "created_by": new.c.actor,
        "updated_at": new.c.recorded_at,
        "version": new.c.version,
    }
    return sa.insert(queues).from_select(list(values), sa.select(*values.values()))


def _update_queues(log: EventBatch) -> UpdateBase:
    fields: dict[str, Any] = {
        "name": sa.Text,
        "lease_seconds": sa.Integer,
        "blind": sa.Boolean,
        "annotators": ARRAY(sa.Text),
        "closed": sa.Boolean,
    }
    change = log.rows(QueueEdited, **fields)
    values: dict[str, Any] = {name: sa.func.coalesce(change.c[name], queues.c[name]) for name in fields}
    values |= {"updated_at": change.c.recorded_at, "version": change.c.version}
    same = (queues.c.workspace_id == change.c.workspace_id, queues.c.id == change.c.stream_id)
    return sa.update(queues).where(*same).values(values)


def _insert_items(log: EventBatch) -> UpdateBase:
    new = log.rows(
        ItemQueued, queue_id=sa.Uuid, dataset_id=sa.Uuid, example_id=sa.Uuid, overlap=sa.Integer, known=JSONB
    )
    values: dict[str, Any] = {
        "workspace_id": new.c.workspace_id,
        "id": new.c.stream_id,
        **{name: new.c[name] for name in ("queue_id", "dataset_id", "example_id", "overlap", "known")},
        "labelled": sa.literal_column("0"),
    }
    return sa.insert(items).from_select(list(values), sa.select(*values.values()))


def _update_label_counts(log: EventBatch) -> UpdateBase:
    change = log.rows(*COUNT_EVENTS, labelled=sa.Integer)
    same = (items.c.workspace_id == change.c.workspace_id, items.c.id == change.c.stream_id)
    return sa.update(items).where(*same).values(labelled=change.c.labelled)


def _upsert_assignments(log: EventBatch) -> UpdateBase:
    """Insert assignments. An annotator who claims the example again gets the same one back."""
    new = log.rows(*CLAIM_EVENTS, assignment_id=sa.Uuid, annotator=JSONB, until=sa.DateTime(timezone=True))
    values: dict[str, Any] = {
        "workspace_id": new.c.workspace_id,
        "id": new.c.assignment_id,
        "item_id": new.c.stream_id,
        "annotator": _field(new, "name"),
        "kind": sa.func.coalesce(_field(new, "kind"), sa.literal_column("'person'")),
        "state": _state(new, CLAIM_EVENTS),
        "leased_until": new.c.until,
        "changed_at": new.c.recorded_at,
        "changed_by": new.c.actor,
    }
    statement = insert(assignments).from_select(list(values), sa.select(*values.values()))
    updated = ("state", "leased_until", "changed_at", "changed_by")
    return statement.on_conflict_do_update(
        index_elements=["workspace_id", "id"], set_={name: statement.excluded[name] for name in updated}
    )


def _update_assignments(log: EventBatch) -> UpdateBase:
    change = log.rows(
        *STATE_EVENTS, assignment_id=sa.Uuid, label_id=sa.Uuid, until=sa.DateTime(timezone=True), reason=sa.Text
    )
    same = (
        assignments.c.workspace_id == change.c.workspace_id,
        assignments.c.id == change.c.assignment_id,
        assignments.c.item_id == change.c.stream_id,
    )
    values = {
        "state": _state(change, STATE_EVENTS),
        "leased_until": change.c.until,
        "label_id": sa.func.coalesce(change.c.label_id, assignments.c.label_id),
        "reason": change.c.reason,
        "changed_at": change.c.recorded_at,
        "changed_by": change.c.actor,
    }
    return sa.update(assignments).where(*same).values(values)


def _state(change: sa.Subquery, kinds: Iterable[type[Event]]) -> sa.ColumnElement[str]:
    return sa.case(
        *[
            (change.c.type == sa.literal_column(f"'{kind.__name__}'"), sa.literal_column(f"'{STATES[kind]}'"))
            for kind in kinds
        ]
    )


def _field(change: sa.Subquery, name: str) -> sa.ColumnElement[str]:
    return sa.func.jsonb_extract_path_text(change.c.annotator, sa.literal_column(f"'{name}'"))
