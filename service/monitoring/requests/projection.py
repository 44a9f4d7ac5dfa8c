"""Read tables: feedback on requests, and each workspace's retention."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, insert
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import metadata
from service.ledger.projections import EventBatch
from service.monitoring.requests.domain import THUMB_STARS, FeedbackGiven
from service.monitoring.retention.domain import RetentionChanged

TIME = sa.DateTime(timezone=True)

# `rating` is in stars: those given, or what the thumb counts; `at` is the call's time.
feedback = sa.Table(
    "request_feedback",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("request_id", sa.Uuid, primary_key=True),
    sa.Column("at", TIME, nullable=False),
    sa.Column("model_id", sa.Uuid, nullable=False),
    sa.Column("model_version", sa.Text, nullable=False),
    sa.Column("stars", sa.Integer),
    sa.Column("thumbs", sa.Text),
    sa.Column("rating", sa.Double),
    sa.Column("comment", BYTEA),
    sa.Column("correction", BYTEA),
    sa.Column("given_at", TIME, nullable=False),
    sa.Column("given_by", sa.Text, nullable=False),
    sa.Index("ix_request_feedback_model", "workspace_id", "model_id", "at"),
    sa.Index("ix_request_feedback_at", "workspace_id", "at"),
)
retention = sa.Table(
    "request_retention",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("days", sa.Integer),
    sa.Column("changed_at", TIME, nullable=False),
    sa.Column("changed_by", sa.Text, nullable=False),
)


def project_requests(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(FeedbackGiven):
        yield _upsert_feedback(log)


def project_retention(log: EventBatch) -> Iterable[UpdateBase]:
    new = log.rows(RetentionChanged, days=sa.Integer)
    values = {
        "workspace_id": new.c.workspace_id,
        "days": new.c.days,
        "changed_at": new.c.recorded_at,
        "changed_by": new.c.actor,
    }
    yield _upsert(retention, values)


def _upsert_feedback(log: EventBatch) -> UpdateBase:
    texts = dict.fromkeys(("model_version", "thumbs", "comment", "correction"), sa.Text)
    new = log.rows(FeedbackGiven, at=TIME, model_id=sa.Uuid, stars=sa.Integer, **texts)
    thumb = sa.case(*[(new.c.thumbs == word, sa.literal(value, sa.Double)) for word, value in THUMB_STARS.items()])
    values = {
        "workspace_id": new.c.workspace_id,
        "request_id": new.c.stream_id,
        **{name: new.c[name] for name in ("at", "model_id", "model_version", "stars", "thumbs")},
        "rating": sa.func.coalesce(sa.cast(new.c.stars, sa.Double), thumb),
        **{name: sa.func.decode(new.c[name], sa.literal_column("'hex'")) for name in ("comment", "correction")},
        "given_at": new.c.recorded_at,
        "given_by": new.c.actor,
    }
    return _upsert(feedback, values)


def _upsert(table: sa.Table, values: dict[str, Any]) -> UpdateBase:
    """Insert or replace the row."""
    statement = insert(table).from_select(list(values), sa.select(*values.values()))
    keys = [column.name for column in table.primary_key]
    updates = {name: statement.excluded[name] for name in values if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=updates)
