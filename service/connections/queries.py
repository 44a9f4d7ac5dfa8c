"""Read connections and their sealed secrets."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.connections.projection import connections
from service.database.rows import fetch_all, fetch_value
from service.errors import NotFound
from service.ledger.tables import secrets
from service.providers.kinds import TRAITS
from service.providers.provider import Method

MAX_NAMES = 20

SELECT_VERSION = "select version from connections where workspace_id = $1 and id = $2"


async def get_version(engine: AsyncEngine, workspace_id: UUID, connection_id: UUID) -> int:
    """Get the version of a connection's settings and secret. Raises NotFound, also once it is deleted."""
    version: int | None = await fetch_value(engine, SELECT_VERSION, (workspace_id, connection_id))
    if version is None:
        raise NotFound("No such connection.")
    return version


def is_elsewhere(label: str, workspace_id: sa.ColumnElement[UUID], id_: sa.ColumnElement[UUID]) -> sa.Exists:
    """Whether a connection is looked after by workers on a machine of another label."""
    machine = connections.c.settings["options"]["machine"].astext
    return sa.exists().where(
        connections.c.workspace_id == workspace_id, connections.c.id == id_, machine.is_not(None), machine != label
    )


async def list_connections(
    engine: AsyncEngine, workspace_id: UUID, *, after: UUID | None, limit: int, name: str | None = None
) -> Sequence[Any]:
    """List connections by id, starting after the id `after`."""
    query = sa.select(connections).where(connections.c.workspace_id == workspace_id)
    query = query.order_by(connections.c.id).limit(limit)
    if after is not None:
        query = query.where(connections.c.id > after)
    if name is not None:
        query = query.where(connections.c.name == name)
    return await fetch_all(engine, query)


async def find_sealed_secret(engine: AsyncEngine, workspace_id: UUID, connection_id: UUID) -> bytes | None:
    """Find a connection's encrypted secret. Empty when the connection is deleted."""
    query = sa.select(secrets.c.value).where(secrets.c.workspace_id == workspace_id, secrets.c.id == connection_id)
    sealed: bytes | None = await fetch_value(engine, query)
    return sealed


async def list_other_connections(
    engine: AsyncEngine, workspace_id: UUID, connection_id: UUID, method: Method
) -> list[str]:
    """Names of the workspace's other connections that take new jobs of this method. A sandbox is a toy, and none."""
    kinds = [
        kind for kind, traits in TRAITS.items() if kind != "sandbox" and traits.new_jobs and method in traits.formats
    ]
    query = (
        sa.select(connections.c.name)
        .where(connections.c.workspace_id == workspace_id, connections.c.id != connection_id)
        .where(connections.c.kind.in_(kinds))
        .order_by(connections.c.name)
        .limit(MAX_NAMES)
    )
    return [row.name for row in await fetch_all(engine, query)]
