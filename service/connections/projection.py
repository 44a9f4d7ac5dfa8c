"""Connections as they are, and the sealed secrets beside them."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql.dml import UpdateBase

from service.connections.domain import ConnectionChanged, ConnectionCreated, ConnectionDeleted
from service.database.engine import metadata
from service.database.rows import fetch_all, fetch_value
from service.ledger.projections import EventBatch
from service.ledger.tables import secrets

connections = sa.Table(
    "connections",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("settings", JSONB, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    # Deferred: a rebuild runs ahead, so for a moment a name may be there twice that one connection gave up for another.
    sa.UniqueConstraint("workspace_id", "name", name="uq_connections_name", deferrable=True, initially="DEFERRED"),
)
UNIQUE_FIELDS = {"uq_connections_name": "name"}


def project_connections(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(ConnectionCreated):
        made = log.rows(ConnectionCreated, kind=sa.Text, settings=JSONB)
        at = made.c.recorded_at
        name = made.c.settings["name"].astext
        envelope = [made.c.workspace_id, made.c.stream_id, made.c.kind, name, made.c.settings]
        yield sa.insert(connections).from_select(
            list(connections.c.keys()), sa.select(*envelope, at, made.c.actor, at, made.c.version)
        )
    if log.has(ConnectionChanged):
        new = log.rows(ConnectionChanged, settings=JSONB)
        yield (
            sa.update(connections)
            .where(connections.c.workspace_id == new.c.workspace_id, connections.c.id == new.c.stream_id)
            .values(
                name=new.c.settings["name"].astext,
                settings=new.c.settings,
                updated_at=new.c.recorded_at,
                version=new.c.version,
            )
        )
    if log.has(ConnectionDeleted):
        gone = log.rows(ConnectionDeleted)
        yield sa.delete(connections).where(
            connections.c.workspace_id == gone.c.workspace_id, connections.c.id == gone.c.stream_id
        )


async def list_connections(
    engine: AsyncEngine, workspace_id: UUID, *, after: UUID | None, limit: int, name: str | None = None
) -> Sequence[Any]:
    query = sa.select(connections).where(connections.c.workspace_id == workspace_id)
    query = query.order_by(connections.c.id).limit(limit)
    if after is not None:
        query = query.where(connections.c.id > after)
    if name is not None:
        query = query.where(connections.c.name == name)
    return await fetch_all(engine, query)


async def find_sealed_secret(engine: AsyncEngine, workspace_id: UUID, connection_id: UUID) -> bytes | None:
    query = sa.select(secrets.c.value).where(secrets.c.workspace_id == workspace_id, secrets.c.id == connection_id)
    sealed: bytes | None = await fetch_value(engine, query)
    return sealed
