"""The read table `webhooks`, with one row per webhook that is not deleted."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import metadata
from service.ledger.projections import EventBatch
from service.webhooks.domain import (
    WebhookChanged,
    WebhookCreated,
    WebhookDeleted,
    WebhookDisabled,
    WebhookReplayed,
    WebhookSecretRotated,
)

# `seq` is the seq of the webhook's own last event.
webhooks = sa.Table(
    "webhooks",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("settings", JSONB, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("disabled", JSONB),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)
INACTIVE = sa.cast(sa.literal('{"active": false}', sa.Text), JSONB)


def project_webhooks(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(WebhookCreated):
        yield _insert(log)
    if log.has(WebhookChanged):
        changed = log.rows(WebhookChanged, settings=JSONB)
        active = changed.c.settings["active"].as_boolean()
        disabled = sa.case((active, sa.null()), else_=webhooks.c.disabled)
        yield _update(changed, settings=changed.c.settings, active=active, disabled=disabled)
    if log.has(WebhookSecretRotated, WebhookReplayed):
        yield _update(log.rows(WebhookSecretRotated, WebhookReplayed))
    if log.has(WebhookDisabled):
        stopped = log.rows(WebhookDisabled, why=sa.Text, detail=sa.Text, at=sa.Text)
        notice = sa.func.jsonb_build_object("why", stopped.c.why, "detail", stopped.c.detail, "at", stopped.c.at)
        yield _update(stopped, settings=webhooks.c.settings.concat(INACTIVE), active=sa.false(), disabled=notice)
    if log.has(WebhookDeleted):
        deleted = log.rows(WebhookDeleted)
        yield sa.delete(webhooks).where(
            webhooks.c.workspace_id == deleted.c.workspace_id, webhooks.c.id == deleted.c.stream_id
        )


def _insert(log: EventBatch) -> UpdateBase:
    created = log.rows(WebhookCreated, settings=JSONB)
    values = {
        "workspace_id": created.c.workspace_id,
        "id": created.c.stream_id,
        "settings": created.c.settings,
        "active": created.c.settings["active"].as_boolean(),
        "seq": created.c.seq,
        "created_at": created.c.recorded_at,
        "created_by": created.c.actor,
        "updated_at": created.c.recorded_at,
        "version": created.c.version,
    }
    return sa.insert(webhooks).from_select(list(values), sa.select(*values.values()))


def _update(rows: sa.Subquery, **values: Any) -> UpdateBase:
    return (
        sa.update(webhooks)
        .where(webhooks.c.workspace_id == rows.c.workspace_id, webhooks.c.id == rows.c.stream_id)
        .values(seq=rows.c.seq, updated_at=rows.c.recorded_at, version=rows.c.version, **values)
    )
