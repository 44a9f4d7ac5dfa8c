"""Read webhooks, their sealed secrets and the end of the log."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, fetch_value
from service.ledger.tables import events, heads, secrets
from service.webhooks.domain import WebhookCreated, WebhookSecretRotated
from service.webhooks.projection import webhooks


async def list_webhooks(engine: AsyncEngine, workspace_id: UUID, *, after: UUID | None, limit: int) -> Sequence[Any]:
    """List webhooks by id, starting after the id `after`."""
    query = sa.select(webhooks).where(webhooks.c.workspace_id == workspace_id).order_by(webhooks.c.id).limit(limit)
    if after is not None:
        query = query.where(webhooks.c.id > after)
    return await fetch_all(engine, query)


async def count_webhooks(engine: AsyncEngine, workspace_id: UUID) -> int:
    query = sa.select(sa.func.count()).where(webhooks.c.workspace_id == workspace_id)
    return int(await fetch_value(engine, query))


async def find_head(engine: AsyncEngine, workspace_id: UUID) -> int:
    """The last seq of the workspace's log; 0 when it is empty."""
    query = sa.select(heads.c.seq).where(heads.c.workspace_id == workspace_id)
    return int(await fetch_value(engine, query) or 0)


async def load_sealed_secrets(engine: AsyncEngine, workspace_id: UUID, ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """Load encrypted secrets by id. A deleted one is empty."""
    query = sa.select(secrets.c.id, secrets.c.value).where(
        secrets.c.workspace_id == workspace_id, secrets.c.id.in_(ids)
    )
    return {id_: bytes(value) for id_, value in await fetch_all(engine, query)}


async def find_webhook_by_secret(engine: AsyncEngine, workspace_id: UUID, secret_id: UUID) -> UUID | None:
    """Find the webhook that has, or had, this secret."""
    types = [WebhookCreated.__name__, WebhookSecretRotated.__name__]
    query = sa.select(events.c.stream_id).where(
        events.c.workspace_id == workspace_id,
        events.c.type.in_(types),
        events.c.data["secret_id"].as_string() == str(secret_id),
    )
    webhook_id: UUID | None = await fetch_value(engine, query)
    return webhook_id
