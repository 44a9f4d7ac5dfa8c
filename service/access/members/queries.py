"""Queries of members."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access.actors import fold_name
from service.access.domain import Role
from service.access.members.domain import WayIn
from service.access.members.projection import members
from service.access.projection import api_keys
from service.database.rows import fetch_all, find_one
from service.ledger.retry import LostRace

_LOCK = "select pg_try_advisory_xact_lock(hashtextextended('access ' || cast($1 as text), 0))"


async def list_members(
    engine: AsyncEngine,
    workspace_id: UUID,
    *,
    name: str | None,
    role: Role | None,
    after: UUID | None,
    limit: int,
) -> Sequence[Any]:
    query = sa.select(members).where(members.c.workspace_id == workspace_id).order_by(members.c.id).limit(limit)
    if name is not None:
        query = query.where(members.c.compared_as == fold_name(name))
    if role is not None:
        query = query.where(members.c.role == role)
    if after is not None:
        query = query.where(members.c.id > after)
    return await fetch_all(engine, query)


async def find_member(engine: AsyncEngine, workspace_id: UUID, name: str) -> Any:
    """The member's row, or None. Names are compared without case, width and extra blanks."""
    query = sa.select(members).where(members.c.workspace_id == workspace_id, members.c.compared_as == fold_name(name))
    return await find_one(engine, query)


async def load_ways_in(engine: AsyncEngine, workspace_id: UUID, *, issuers: Sequence[str]) -> list[WayIn]:
    """Load how the workspace's owners and admins come in: keys, and identities of issuers that lead here."""
    are_admins = (
        members.c.workspace_id == workspace_id,
        members.c.suspended_at.is_(None),
        members.c.role.in_(("owner", "admin")),
    )
    same = sa.and_(members.c.workspace_id == api_keys.c.workspace_id, members.c.id == api_keys.c.member_id)
    by_key = (
        sa.select(members.c.id, members.c.role, api_keys.c.id)
        .join(api_keys, same)
        .where(
            *are_admins,
            api_keys.c.scopes.any_() == sa.literal("admin"),
            api_keys.c.revoked_at.is_(None),
            sa.or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > sa.func.clock_timestamp()),
        )
    )
    by_identity = sa.select(members.c.id, members.c.role, sa.null()).where(*are_admins, members.c.issuer.in_(issuers))
    rows = await fetch_all(engine, sa.union_all(by_key, by_identity))
    return [WayIn(member_id=row[0], role=row[1], key_id=row[2]) for row in rows]


@asynccontextmanager
async def lock_access(engine: AsyncEngine, workspace_id: UUID) -> AsyncIterator[None]:
    """Let one process at a time take access away in this workspace. Raises LostRace when another is at it.

    It does not wait, so that those who wait cannot hold all connections that the first one needs.
    """
    async with engine.begin() as connection:
        if not (await connection.exec_driver_sql(_LOCK, (str(workspace_id),))).scalar():
            raise LostRace("Somebody else is changing who has access; try again.")
        yield
