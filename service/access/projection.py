"""Workspaces and keys as they are, and whose key a hash is."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql.dml import UpdateBase

from service.access.domain import ApiKeyCreated, ApiKeyRevoked, Scope, WorkspaceCreated
from service.database.engine import metadata
from service.database.rows import fetch_all, find_one
from service.ledger.projections import EventBatch
from service.ledger.tables import secrets

workspaces = sa.Table(
    "workspaces",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
)
api_keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("scopes", ARRAY(sa.Text), nullable=False),
    sa.Column("hint", sa.Text, nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True)),
    sa.Column("revoked_at", sa.DateTime(timezone=True)),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("workspace_id", "name", name="uq_api_keys_name"),
)
UNIQUE_FIELDS = {"uq_api_keys_name": "name"}


class KeyHolder(msgspec.Struct, frozen=True):
    """What a presented key is worth."""

    workspace_id: UUID
    key_id: UUID
    name: str
    scopes: tuple[Scope, ...]
    expires_at: datetime | None
    revoked_at: datetime | None


def project_workspaces(log: EventBatch) -> Iterable[UpdateBase]:
    made = log.rows(WorkspaceCreated, name=sa.Text)
    columns = [made.c.stream_id, made.c.name, made.c.recorded_at, made.c.actor]
    yield sa.insert(workspaces).from_select(["workspace_id", "name", "created_at", "created_by"], sa.select(*columns))


def project_keys(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(ApiKeyCreated):
        made = log.rows(
            ApiKeyCreated, name=sa.Text, scopes=ARRAY(sa.Text), hint=sa.Text, expires_at=sa.DateTime(timezone=True)
        )
        names = ["workspace_id", "stream_id", "name", "scopes", "hint", "expires_at", "recorded_at", "actor", "version"]
        yield sa.insert(api_keys).from_select(
            ["workspace_id", "id", "name", "scopes", "hint", "expires_at", "created_at", "created_by", "version"],
            sa.select(*[made.c[name] for name in names]),
        )
    if log.has(ApiKeyRevoked):
        ended = log.rows(ApiKeyRevoked)
        yield (
            sa.update(api_keys)
            .where(api_keys.c.workspace_id == ended.c.workspace_id, api_keys.c.id == ended.c.stream_id)
            .values(revoked_at=ended.c.recorded_at, version=ended.c.version)
        )


async def find_key_holder(engine: AsyncEngine, digest: bytes) -> KeyHolder | None:
    """Whose key has this hash; revoked and expired ones too, for the caller to judge."""
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
    engine: AsyncEngine, workspace_id: UUID, *, everyone: bool, after: UUID | None, limit: int
) -> Sequence[Any]:
    """The caller's own workspace, or for an operator `everyone`'s."""
    query = sa.select(workspaces).order_by(workspaces.c.workspace_id).limit(limit)
    if not everyone:
        query = query.where(workspaces.c.workspace_id == workspace_id)
    if after is not None:
        query = query.where(workspaces.c.workspace_id > after)
    return await fetch_all(engine, query)
