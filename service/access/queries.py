"""Queries of workspaces and API keys."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access.domain import KeyHolder
from service.access.members.projection import members
from service.access.projection import api_keys, workspaces
from service.access.roles import restrict_scopes
from service.database.rows import execute, fetch_all, fetch_value, find_one
from service.errors import NotFound
from service.ledger.tables import key_uses, secrets

_MEMBER_OF_KEY = sa.and_(members.c.workspace_id == api_keys.c.workspace_id, members.c.id == api_keys.c.member_id)
_USE_OF_KEY = sa.and_(key_uses.c.workspace_id == api_keys.c.workspace_id, key_uses.c.key_id == api_keys.c.id)
_FIND_HOLDER = (
    sa.select(
        api_keys.c.workspace_id,
        api_keys.c.id.label("key_id"),
        api_keys.c.name.label("key_name"),
        api_keys.c.scopes,
        api_keys.c.expires_at,
        api_keys.c.revoked_at,
        members.c.id.label("member_id"),
        members.c.name,
        members.c.kind,
        members.c.role,
        members.c.suspended_at,
        key_uses.c.last_used_at,
    )
    .join(secrets, sa.and_(secrets.c.workspace_id == api_keys.c.workspace_id, secrets.c.id == api_keys.c.id))
    .join(members, _MEMBER_OF_KEY)
    .outerjoin(key_uses, _USE_OF_KEY)
    .where(secrets.c.value == sa.bindparam("digest", type_=BYTEA))
)
# A minute's use is one write, however many processes see the key; the condition is checked under the row's lock.
_RECORD_USE = """
insert into ledger.key_uses as u (workspace_id, key_id, last_used_at) values ($1, $2, clock_timestamp())
on conflict (workspace_id, key_id) do update set last_used_at = excluded.last_used_at
where u.last_used_at < excluded.last_used_at - interval '1 minute'
"""


async def find_key_holder(engine: AsyncEngine, digest: bytes) -> KeyHolder | None:
    """Find the key with this hash and its member, also when one of them has ended."""
    row = await find_one(engine, _FIND_HOLDER, {"digest": digest})
    if row is None:
        return None
    fields = dict(row._mapping)  # noqa: SLF001 - the public name of a row's names and values
    is_suspended = fields.pop("suspended_at") is not None
    fields["scopes"] = restrict_scopes(row.scopes, row.role)
    return KeyHolder(**fields, is_suspended=is_suspended)


async def record_use(engine: AsyncEngine, holder: KeyHolder) -> None:
    """Note that the key is in use, at most once a minute."""
    await execute(engine, _RECORD_USE, (holder.workspace_id, holder.key_id))


async def list_keys(
    engine: AsyncEngine,
    workspace_id: UUID,
    *,
    after: UUID | None,
    limit: int,
    member_id: UUID | None = None,
    key_id: UUID | None = None,
) -> Sequence[Any]:
    """List keys, each with its member's name and role, and when it was last used."""
    query = (
        sa.select(api_keys, members.c.name.label("member"), members.c.role, key_uses.c.last_used_at)
        .outerjoin(members, _MEMBER_OF_KEY)
        .outerjoin(key_uses, _USE_OF_KEY)
        .where(api_keys.c.workspace_id == workspace_id)
        .order_by(api_keys.c.id)
        .limit(limit)
    )
    for column, value in ((api_keys.c.member_id, member_id), (api_keys.c.id, key_id)):
        if value is not None:
            query = query.where(column == value)
    if after is not None:
        query = query.where(api_keys.c.id > after)
    return await fetch_all(engine, query)


async def get_key(engine: AsyncEngine, workspace_id: UUID, key_id: UUID) -> Any:
    """The key's row, as list_keys has it. Raises NotFound."""
    rows = await list_keys(engine, workspace_id, key_id=key_id, after=None, limit=1)
    if not rows:
        raise NotFound(f"No such API key: {key_id}.")
    return rows[0]


async def count_usable_keys(engine: AsyncEngine, workspace_id: UUID) -> int:
    """Count the keys that are neither revoked nor expired."""
    is_expired = api_keys.c.expires_at <= sa.func.now()
    query = sa.select(sa.func.count()).where(
        api_keys.c.workspace_id == workspace_id, api_keys.c.revoked_at.is_(None), is_expired.is_not(True)
    )
    return int(await fetch_value(engine, query))


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
