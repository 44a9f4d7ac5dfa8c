"""Create workspaces and  A workspace is created together with its first key, in one write."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import sqlalchemy as sa

from service.access import queries
from service.access.domain import (
    API_KEY,
    WORKSPACE,
    Scope,
    WorkspaceCreated,
    build_hint,
    create_key,
    generate_secret,
    hash_secret,
)
from service.database.engine import new_id
from service.ledger.decider import PENDING
from service.ledger.store import Attachments, Batch, Caller, Entry, Ledger, ResponseRecord

FIRST_START_LOCK = 0x666F756E  # any number, as long as all our processes use the same one


class CreatedWorkspace(msgspec.Struct, frozen=True, kw_only=True):
    workspace_id: UUID
    key_id: UUID
    at: datetime


async def create_workspace(
    ledger: Ledger,
    caller: Caller,
    *,
    name: str,
    secret: str,
    scopes: Sequence[Scope],
    key_name: str = "first key",
    respond: Callable[[CreatedWorkspace], ResponseRecord] | None = None,
) -> CreatedWorkspace:
    """Create a workspace whose first key has this secret; a repeat of the request gets what `respond` builds."""
    workspace_id, key_id = new_id(), new_id()
    now = datetime.now(UTC)
    [key] = create_key(
        name=key_name, scopes=scopes, granted_by=scopes, expires_at=None, hint=build_hint(secret), at=now
    )
    entries = [
        Entry(stream=WORKSPACE.stream, stream_id=workspace_id, after=0, event=WorkspaceCreated(name=name)),
        Entry(stream=API_KEY.stream, stream_id=key_id, after=0, event=key),
    ]
    workspace_caller = msgspec.structs.replace(caller, workspace_id=workspace_id)
    created = CreatedWorkspace(workspace_id=workspace_id, key_id=key_id, at=PENDING)
    batch = Batch(
        entries=entries,
        attachments=Attachments(secrets=[(key_id, hash_secret(secret))]),
        response=respond(created) if respond and caller.claim else None,
    )
    written = await ledger.write(workspace_caller, batch)
    return msgspec.structs.replace(created, at=written.recorded_at)


async def create_first_workspace(ledger: Ledger, bootstrap_key: str | None) -> str | None:
    """On an empty database, create the workspace "default" and return its key, unless that is `bootstrap_key`.

    Otherwise add `bootstrap_key` to the oldest workspace, if it is not a key yet. Safe to call from many processes at
    once.
    """
    async with ledger.engine.begin() as connection:
        await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(FIRST_START_LOCK)))
        workspaces = await queries.list_workspaces(ledger.engine, UUID(int=0), every=True, after=None, limit=1)
        caller = Caller(workspace_id=UUID(int=0), actor="first start", request_id="first-start")
        if not workspaces:
            secret = bootstrap_key or generate_secret()
            await create_workspace(ledger, caller, name="default", secret=secret, scopes=["admin", "operator"])
            return None if bootstrap_key else secret
        if bootstrap_key and await queries.find_key_holder(ledger.engine, hash_secret(bootstrap_key)) is None:
            workspace_caller = msgspec.structs.replace(caller, workspace_id=workspaces[0].workspace_id)
            name = f"bootstrap {build_hint(bootstrap_key)}"
            await add_key(ledger, workspace_caller, name=name, secret=bootstrap_key, scopes=["admin", "operator"])
    return None


async def add_key(ledger: Ledger, caller: Caller, *, name: str, secret: str, scopes: Sequence[Scope]) -> UUID:
    """Add a key to the caller's workspace, for the command line."""
    key_id, now = new_id(), datetime.now(UTC)
    await ledger.change(
        API_KEY,
        key_id,
        lambda _: create_key(
            name=name, scopes=scopes, granted_by=scopes, expires_at=None, hint=build_hint(secret), at=now
        ),
        caller=caller,
        attachments=Attachments(secrets=[(key_id, hash_secret(secret))]),
    )
    return key_id
