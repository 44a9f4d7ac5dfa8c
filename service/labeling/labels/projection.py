"""Label tables: one row per state of a label, valid in [seq_from, seq_to)."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, JSONB
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import metadata
from service.labeling.labels.domain import LabelGiven, LabelReviewed, LabelWithdrawn
from service.ledger.projections import EventBatch

labels = sa.Table(
    "label_revisions",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("seq_from", sa.BigInteger, primary_key=True),
    sa.Column("seq_to", sa.BigInteger),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("dataset_id", sa.Uuid, nullable=False),
    sa.Column("example_id", sa.Uuid, nullable=False),
    sa.Column("task_id", sa.Uuid, nullable=False),
    sa.Column("annotator", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("answers", JSONB, nullable=False),
    sa.Column("text", BYTEA),
    sa.Column("content", BYTEA, nullable=False),
    sa.Column("task_version", sa.Integer, nullable=False),
    sa.Column("example_version", sa.Integer, nullable=False),
    sa.Column("queue_id", sa.Uuid),
    sa.Column("assignment_id", sa.Uuid),
    sa.Column("review", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("given_by", sa.Text, nullable=False),
    sa.Index(
        "ix_label_revisions_now",
        "workspace_id",
        "dataset_id",
        "example_id",
        "id",
        postgresql_where=sa.text("seq_to is null"),
    ),
    sa.Index("ix_label_revisions_then", "workspace_id", "dataset_id", "example_id", "id", "seq_from"),
)
REVIEWS = (LabelReviewed, LabelWithdrawn)
COPIED_FIELDS = (
    "dataset_id",
    "example_id",
    "task_id",
    "answers",
    "task_version",
    "example_version",
    "queue_id",
    "assignment_id",
)


def project_labels(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(LabelGiven, *REVIEWS):
        yield _close_previous(log)
    if log.has(LabelGiven):
        yield _insert_labels(log)
    if log.has(*REVIEWS):
        yield _insert_reviewed_labels(log)


def _close_previous(log: EventBatch) -> UpdateBase:
    change = log.rows(LabelGiven, *REVIEWS)
    same = (labels.c.workspace_id == change.c.workspace_id, labels.c.id == change.c.stream_id)
    return sa.update(labels).where(*same, labels.c.seq_to.is_(None)).values(seq_to=change.c.seq)


def _insert_labels(log: EventBatch) -> UpdateBase:
    new = log.rows(
        LabelGiven,
        dataset_id=sa.Uuid,
        example_id=sa.Uuid,
        task_id=sa.Uuid,
        annotator=JSONB,
        answers=JSONB,
        text=sa.Text,
        content=sa.Text,
        task_version=sa.Integer,
        example_version=sa.Integer,
        queue_id=sa.Uuid,
        assignment_id=sa.Uuid,
        reason=sa.Text,
    )
    values: dict[str, Any] = {
        "workspace_id": new.c.workspace_id,
        "id": new.c.stream_id,
        "seq_from": new.c.seq,
        "version": new.c.version,
        **{name: new.c[name] for name in COPIED_FIELDS},
        "annotator": sa.func.jsonb_extract_path_text(new.c.annotator, sa.literal_column("'name'")),
        "kind": sa.func.jsonb_extract_path_text(new.c.annotator, sa.literal_column("'kind'")),
        "text": sa.func.decode(new.c.text, sa.literal_column("'hex'")),
        "content": sa.func.decode(new.c.content, sa.literal_column("'hex'")),
        "reason": new.c.reason,
        "given_at": new.c.recorded_at,
        "given_by": new.c.actor,
    }
    return sa.insert(labels).from_select(list(values), sa.select(*values.values()))


def _insert_reviewed_labels(log: EventBatch) -> UpdateBase:
    """Copy the previous row with the verdict, or as withdrawn. The statement's snapshot still has that row open."""
    change = log.rows(*REVIEWS, verdict=sa.Text, reason=sa.Text)
    before = labels
    review = sa.func.coalesce(change.c.verdict, sa.literal_column("'withdrawn'"))
    new = {"seq_from": change.c.seq, "version": change.c.version, "review": review, "reason": change.c.reason}
    copied = [column.name for column in before.c if column.name not in {*new, "seq_to"}]
    values: dict[str, Any] = {**{name: before.c[name] for name in copied}, **new}
    same = sa.and_(
        before.c.workspace_id == change.c.workspace_id,
        before.c.id == change.c.stream_id,
        before.c.version == change.c.version - 1,
    )
    return sa.insert(labels).from_select(list(values), sa.select(*values.values()).join_from(change, before, same))
