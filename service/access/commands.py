"""How a workspace begins: with itself and a key that opens it, in one write to a ledger of its own."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import sqlalchemy as sa

from service.access import domain as keys
from service.access import projection as views
from service.access.domain import API_KEY, WORKSPACE, Scope, WorkspaceCreated
from service.database.engine import new_id
from service.ledger.store import Attachments, Batch, Caller, Entry, Ledger

FIRST_START_LOCK = 0x666F756E  # "foun": any number, as long as all our processes take the same one


class CreatedWorkspace(msgspec.Struct, frozen=True, kw_only=True):
    workspace_id: UUID
    key_id: UUID
    at: datetime


async def create_workspace(
    ledger: Ledger, caller: Caller, *, name: str, secret: str, scopes: Sequence[Scope], key_name: str = "first key"
) -> CreatedWorkspace:
    """Make a workspace whose first key is `secret`."""
    workspace_id, key_id = new_id(), new_id()
    now = datetime.now(UTC)
    [key] = keys.create(
        name=key_name, scopes=scopes, held=scopes, expires_at=None, hint=keys.build_hint(secret), at=now
    )
    entries = [
        Entry(stream=WORKSPACE.stream, stream_id=workspace_id, after=0, event=WorkspaceCreated(name=name)),
        Entry(stream=API_KEY.stream, stream_id=key_id, after=0, event=key),
    ]
    within = msgspec.structs.replace(caller, workspace_id=workspace_id, claim=None)
    batch = Batch(entries=entries, beside=Attachments(secrets=[(key_id, keys.hash_secret(secret))]))
    written = await ledger.write(within, batch)
    return CreatedWorkspace(workspace_id=workspace_id, key_id=key_id, at=written.recorded_at)


async def create_first_workspace(ledger: Ledger, bootstrap_key: str | None) -> str | None:
    """On an empty database, make the workspace "default"; its key is `bootstrap_key` or a new one, which is returned.

    With a `bootstrap_key` that no workspace knows yet, it becomes a key of the oldest workspace. Safe to call from
    many processes at once.
    """
    async with ledger.engine.begin() as connection:
        await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(FIRST_START_LOCK)))
        known = await views.list_workspaces(ledger.engine, UUID(int=0), everyone=True, after=None, limit=1)
        caller = Caller(workspace_id=UUID(int=0), actor="first start", request_id="first-start")
        if not known:
            secret = bootstrap_key or keys.generate_secret()
            await create_workspace(ledger, caller, name="default", secret=secret, scopes=["admin", "operator"])
            return None if bootstrap_key else secret
        if bootstrap_key and await views.find_key_holder(ledger.engine, keys.hash_secret(bootstrap_key)) is None:
            within = msgspec.structs.replace(caller, workspace_id=known[0].workspace_id)
            name = f"bootstrap {keys.build_hint(bootstrap_key)}"
            await add_key(ledger, within, name=name, secret=bootstrap_key, scopes=["admin", "operator"])
    return None


async def add_key(ledger: Ledger, caller: Caller, *, name: str, secret: str, scopes: Sequence[Scope]) -> UUID:
    """A further key of the caller's workspace, made by an operator at the command line."""
    key_id, now = new_id(), datetime.now(UTC)
    await ledger.change(
        API_KEY,
        key_id,
        lambda _: keys.create(
            name=name, scopes=scopes, held=scopes, expires_at=None, hint=keys.build_hint(secret), at=now
        ),
        caller=caller,
        beside=Attachments(secrets=[(key_id, keys.hash_secret(secret))]),
    )
    return key_id
