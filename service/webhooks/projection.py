"""Webhooks as they are, and the sealed secrets beside them."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import metadata
from service.database.rows import fetch_all, fetch_value
from service.ledger.projections import EventBatch
from service.ledger.tables import events, heads, secrets
from service.webhooks.domain import (
    WebhookChanged,
    WebhookCreated,
    WebhookDeleted,
    WebhookDisabled,
    WebhookReplayed,
    WebhookSecretRotated,
)

# `seq` is the webhook's own last event.
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
        new = log.rows(WebhookChanged, settings=JSONB)
        active = new.c.settings["active"].as_boolean()
        disabled = sa.case((active, sa.null()), else_=webhooks.c.disabled)
        yield _update(new, settings=new.c.settings, active=active, disabled=disabled)
    if log.has(WebhookSecretRotated, WebhookReplayed):
        yield _update(log.rows(WebhookSecretRotated, WebhookReplayed))
    if log.has(WebhookDisabled):
        ended = log.rows(WebhookDisabled, why=sa.Text, detail=sa.Text, at=sa.Text)
        notice = sa.func.jsonb_build_object("why", ended.c.why, "detail", ended.c.detail, "at", ended.c.at)
        yield _update(ended, settings=webhooks.c.settings.concat(INACTIVE), active=sa.false(), disabled=notice)
    if log.has(WebhookDeleted):
        gone = log.rows(WebhookDeleted)
        yield sa.delete(webhooks).where(
            webhooks.c.workspace_id == gone.c.workspace_id, webhooks.c.id == gone.c.stream_id
        )


def _insert(log: EventBatch) -> UpdateBase:
    made = log.rows(WebhookCreated, settings=JSONB)
    values = {
        "workspace_id": made.c.workspace_id,
        "id": made.c.stream_id,
        "settings": made.c.settings,
        "active": made.c.settings["active"].as_boolean(),
        "seq": made.c.seq,
        "created_at": made.c.recorded_at,
        "created_by": made.c.actor,
        "updated_at": made.c.recorded_at,
        "version": made.c.version,
    }
    return sa.insert(webhooks).from_select(list(values), sa.select(*values.values()))


def _update(new: sa.Subquery, **values: Any) -> UpdateBase:
    return (
        sa.update(webhooks)
        .where(webhooks.c.workspace_id == new.c.workspace_id, webhooks.c.id == new.c.stream_id)
        .values(seq=new.c.seq, updated_at=new.c.recorded_at, version=new.c.version, **values)
    )


async def list_webhooks(engine: AsyncEngine, workspace_id: UUID, *, after: UUID | None, limit: int) -> Sequence[Any]:
    query = sa.select(webhooks).where(webhooks.c.workspace_id == workspace_id).order_by(webhooks.c.id).limit(limit)
    if after is not None:
        query = query.where(webhooks.c.id > after)
    return await fetch_all(engine, query)


async def find_head(engine: AsyncEngine, workspace_id: UUID) -> int:
    """The log's last seq."""
    query = sa.select(heads.c.seq).where(heads.c.workspace_id == workspace_id)
    return int(await fetch_value(engine, query) or 0)


async def load_sealed_secrets(engine: AsyncEngine, workspace_id: UUID, ids: Sequence[UUID]) -> dict[UUID, bytes]:
    query = sa.select(secrets.c.id, secrets.c.value).where(
        secrets.c.workspace_id == workspace_id, secrets.c.id.in_(ids)
    )
    return {id_: bytes(value) for id_, value in await fetch_all(engine, query)}


async def find_webhook_by_secret(engine: AsyncEngine, workspace_id: UUID, secret_id: UUID) -> UUID | None:
    """Which webhook has, or had, this secret."""
    kinds = [WebhookCreated.__name__, WebhookSecretRotated.__name__]
    query = sa.select(events.c.stream_id).where(
        events.c.workspace_id == workspace_id,
        events.c.type.in_(kinds),
        events.c.data["secret_id"].as_string() == str(secret_id),
    )
    webhook_id: UUID | None = await fetch_value(engine, query)
    return webhook_id
