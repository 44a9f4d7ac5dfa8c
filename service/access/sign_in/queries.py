"""Find the member who signs in."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access.domain import KeyHolder
from service.access.members.domain import Identity
from service.access.members.projection import members
from service.access.projection import workspaces
from service.access.roles import ROLE_SCOPES
from service.access.sign_in.issuers import Issuer
from service.database.rows import fetch_all, find_one

_OLDEST = sa.select(workspaces.c.workspace_id).order_by(workspaces.c.created_at, workspaces.c.workspace_id).limit(1)
_FIND_WORKSPACE = sa.select(workspaces.c.workspace_id).where(
    workspaces.c.workspace_id == sa.bindparam("workspace_id", type_=sa.Uuid)
)
_FIND_HOLDER = sa.select(
    members.c.workspace_id,
    members.c.id.label("member_id"),
    members.c.name,
    members.c.kind,
    members.c.role,
    members.c.suspended_at,
).where(
    members.c.workspace_id == sa.bindparam("workspace_id", type_=sa.Uuid),
    members.c.issuer == sa.bindparam("issuer"),
    members.c.subject == sa.bindparam("subject"),
)


async def find_workspace(engine: AsyncEngine, workspace_id: UUID | None) -> UUID | None:
    """The workspace of this id, if it is there; without an id, the oldest."""
    query, values = (_OLDEST, None) if workspace_id is None else (_FIND_WORKSPACE, {"workspace_id": workspace_id})
    rows = await fetch_all(engine, query, values)
    return rows[0].workspace_id if rows else None


async def list_issuers(engine: AsyncEngine, workspace_id: UUID, issuers: Sequence[Issuer]) -> list[str]:
    """List the issuers, of those accepted, whose tokens lead to this workspace."""
    if all(issuer.workspace is not None for issuer in issuers):
        oldest = None
    else:
        oldest = await find_workspace(engine, None)
    return sorted({issuer.issuer for issuer in issuers if (issuer.workspace or oldest) == workspace_id})


async def find_token_holder(engine: AsyncEngine, workspace_id: UUID, identity: Identity) -> KeyHolder | None:
    """Find the member that is linked to this identity, also a suspended one. They have all that their role has."""
    values = {"workspace_id": workspace_id, "issuer": identity.issuer, "subject": identity.subject}
    row = await find_one(engine, _FIND_HOLDER, values)
    if row is None:
        return None
    return KeyHolder(
        workspace_id=row.workspace_id,
        key_id=None,
        key_name=None,
        member_id=row.member_id,
        name=row.name,
        kind=row.kind,
        role=row.role,
        # A key grants `operator`, a role alone does not: owners of other workspaces would have it, too.
        scopes=tuple(scope for scope in ROLE_SCOPES[row.role] if scope != "operator"),
        expires_at=None,
        revoked_at=None,
        is_suspended=row.suspended_at is not None,
        last_used_at=None,
    )
