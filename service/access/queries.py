"""Queries of workspaces and API keys."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access.domain import KeyHolder
from service.access.projection import api_keys, workspaces
from service.database.rows import fetch_all, find_one
from service.ledger.tables import secrets


async def find_key_holder(engine: AsyncEngine, digest: bytes) -> KeyHolder | None:
    """Find the key with this hash, also when it is revoked or expired."""
    query = (
        sa.select(*[api_keys.c[name] for name in ("workspace_id", "id", "name", "scopes", "expires_at", "revoked_at")])
        .join(secrets, sa.and_(secrets.c.workspace_id == api_keys.c.workspace_id, secrets.c.id == api_keys.c.id))
        .where(secrets.c.value == digest)
    )
    row = await find_one(engine, query)
    if row is None:
        return None
    workspace_id, key_id, name, scopes, expires_at, revoked_at = row
    return KeyHolder(workspace_id, key_id, name, tuple(scopes), expires_at, revoked_at)


async def list_keys(engine: AsyncEngine, workspace_id: UUID, *, after: UUID | None, limit: int) -> Sequence[Any]:
    query = sa.select(api_keys).where(api_keys.c.workspace_id == workspace_id).order_by(api_keys.c.id).limit(limit)
    if after is not None:
        query = query.where(api_keys.c.id > after)
    return await fetch_all(engine, query)


async def list_workspaces(
    engine: AsyncEngine, workspace_id: UUID, *, every: bool, after: UUID | None, limit: int
) -> Sequence[Any]:
    """List the caller's own workspace, or `every` workspace, which is for operators."""
    query = sa.select(workspaces).order_by(workspaces.c.workspace_id).limit(limit)
    if not every:
        query = query.where(workspaces.c.workspace_id == workspace_id)
    if after is not None:
        query = query.where(workspaces.c.workspace_id > after)
    return await fetch_all(engine, query)
