"""Create workspaces, and create, rotate and revoke keys. A workspace begins with its owner and their first key."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import sqlalchemy as sa

from service.access import domain, queries
from service.access.actors import FIRST_START
from service.access.domain import (
    API_KEY,
    WORKSPACE,
    ApiKeyCreated,
    ApiKeyState,
    Scope,
    WorkspaceCreated,
    build_hint,
    generate_secret,
    hash_secret,
)
from service.access.members import commands as member_commands
from service.access.members import queries as member_queries
from service.access.members.commands import FirstKey
from service.access.members.domain import MEMBER, MemberInvited, MemberState, evolve_member, name_member
from service.access.roles import OPERATOR_AUTHORITY, Authority, find_smallest_role, restrict_scopes
from service.access.sign_in.issuers import Issuer
from service.database.engine import new_id
from service.errors import Conflict, Fault, HoldsMore, Invalid, Unprocessable
from service.ledger.decider import PENDING, StreamState
from service.ledger.retry import retry_on_conflict
from service.ledger.store import Attachments, Batch, Caller, Entry, Ledger, ResponseRecord

FIRST_START_LOCK = 0x666F756E  # any number, as long as all our processes use the same one


class CreatedWorkspace(msgspec.Struct, frozen=True, kw_only=True):
    workspace_id: UUID
    key_id: UUID
    at: datetime


class KeyRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A key that somebody asks for. Without scopes it gets what the role and the one who asks have."""

    name: str | None = None
    scopes: Sequence[Scope] | None = None
    expires_at: datetime | None = None
    member_id: UUID | None = None


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What a new key is made with: its secret, who grants it, and how long it may live."""

    secret: str
    by: Authority
    longest: timedelta | None = None


class CreatedKey(msgspec.Struct, frozen=True, kw_only=True):
    """A new key and its member's name."""

    key_id: UUID
    event: ApiKeyCreated
    member: str
    at: datetime


RespondKey = Callable[[CreatedKey], ResponseRecord]


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
    """Create a workspace whose owner's key has this secret; a repeat of the request gets what `respond` builds."""
    workspace_id, member_id, key_id = new_id(), new_id(), new_id()
    owner = name_member(key_name, kind="person", role="owner")
    key = _build_key(
        Grant(secret=secret, by=OPERATOR_AUTHORITY), KeyRequest(name=owner.name, scopes=scopes, member_id=member_id)
    )
    entries = [
        Entry(stream=WORKSPACE.stream, stream_id=workspace_id, after=0, event=WorkspaceCreated(name=name)),
        Entry(stream=MEMBER.stream, stream_id=member_id, after=0, event=owner),
        Entry(stream=API_KEY.stream, stream_id=key_id, after=0, event=key),
    ]
    workspace_caller = msgspec.structs.replace(caller, workspace_id=workspace_id, key_id=None)
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
        caller = Caller(workspace_id=UUID(int=0), actor=FIRST_START, request_id="first-start")
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
    """Add a key as the operator, who may do everything: of the member of this name, else of a new machine."""
    request = KeyRequest(name=name, scopes=scopes)
    grant = Grant(secret=secret, by=OPERATOR_AUTHORITY)
    return (await create_key(ledger, caller, request, grant)).key_id


async def create_key(
    ledger: Ledger, caller: Caller, request: KeyRequest, grant: Grant, *, respond: RespondKey | None = None
) -> CreatedKey:
    """Create a key of the member with `member_id`, or of whoever asks, when the name is left out, too.

    A `name` without a `member_id` stands for the machine of that name, which is created when it is new.
    """
    if request.member_id is None and request.name is not None:
        row = await member_queries.find_member(ledger.engine, caller.workspace_id, request.name)
        if row is None:
            return await _create_machine(ledger, caller, request, grant, respond=respond)
        if row.kind == "person" and grant.by != OPERATOR_AUTHORITY:
            raise _name_taken(row.id)
        request = msgspec.structs.replace(request, member_id=row.id)
    member = await _find_member(ledger, caller, request.member_id or grant.by.member_id)
    if member.id != grant.by.member_id and not grant.by.holds_role(member.state.role):
        raise HoldsMore(f"{member.state.name} has the role {member.state.role}, which has more than this API key.")
    event = build_key_of(request, grant, member_id=member.id, member=member.state)
    created = CreatedKey(key_id=new_id(), event=event, member=member.state.name, at=PENDING)
    return await _write_key(ledger, caller, created, grant, respond=respond)


async def _create_machine(
    ledger: Ledger, caller: Caller, request: KeyRequest, grant: Grant, *, respond: RespondKey | None
) -> CreatedKey:
    """Create a machine with the least role that covers the key's scopes, and the key."""
    if not request.scopes:
        detail = "Say which scopes the key has: this name is no member's yet. For a key of your own, leave out `name`."
        raise Invalid(detail, errors=[Fault(pointer="/scopes", detail=detail, code="missing")])
    member_id, key_id = new_id(), new_id()
    machine = name_member(request.name or "", kind="machine", role=find_smallest_role(request.scopes))
    request = msgspec.structs.replace(request, name=machine.name, member_id=member_id)
    event = _build_key(grant, request)
    created = CreatedKey(key_id=key_id, event=event, member=machine.name, at=PENDING)
    at = await member_commands.add_member(
        ledger,
        caller,
        member_id,
        machine,
        key=FirstKey(key_id=key_id, event=event, digest=hash_secret(grant.secret)),
        respond=(lambda _: respond(created)) if respond else None,
    )
    return msgspec.structs.replace(created, at=at)


async def _find_member(ledger: Ledger, caller: Caller, member_id: UUID | None) -> StreamState[MemberState]:
    """The member that a body names. Raises Unprocessable."""
    member = await ledger.find(MEMBER, caller.workspace_id, member_id) if member_id else None
    if member is None:
        detail = f"No such member: {member_id}."
        raise Unprocessable(detail, errors=[Fault(pointer="/member_id", detail=detail, code="no_such_member")])
    return member


async def _write_key(
    ledger: Ledger,
    caller: Caller,
    created: CreatedKey,
    grant: Grant,
    *,
    ended: Sequence[Entry] = (),
    respond: RespondKey | None,
) -> CreatedKey:
    """Write the new key, and in the same statement the end of the one before."""
    entry = Entry(stream=API_KEY.stream, stream_id=created.key_id, after=0, event=created.event)
    batch = Batch(
        entries=[*ended, entry],
        attachments=Attachments(secrets=[(created.key_id, hash_secret(grant.secret))]),
        response=respond(created) if respond and caller.claim else None,
    )
    written = await ledger.write(caller, batch)
    return msgspec.structs.replace(created, at=written.recorded_at)


def build_key_of(request: KeyRequest, grant: Grant, *, member_id: UUID, member: MemberState) -> ApiKeyCreated:
    """Build the event of a member's key, by default with all that the role and the granter have, but `operator`.

    Raises Unprocessable for scopes beyond the member's role, and what domain.create_key raises.
    """
    granted = [scope for scope in grant.by.scopes if scope != "operator"]
    scopes = restrict_scopes(granted, member.role) if request.scopes is None else request.scopes
    beyond = sorted(set(scopes) - set(restrict_scopes(scopes, member.role)))
    if beyond:
        detail = (
            f"{member.name} has the role {member.role}, which does not cover {', '.join(beyond)}:"
            " ask for fewer scopes, or give the member another role first."
        )
        raise Unprocessable(detail, errors=[Fault(pointer="/scopes", detail=detail, code="beyond_role")])
    name = request.name or build_hint(grant.secret)
    return _build_key(grant, msgspec.structs.replace(request, name=name, scopes=scopes, member_id=member_id))


def build_first_key(member_id: UUID, invited: MemberInvited, request: KeyRequest, grant: Grant) -> FirstKey:
    """Build the key that is created with its member. Raises what build_key_of raises."""
    request = msgspec.structs.replace(request, name=request.name or invited.name)
    event = build_key_of(request, grant, member_id=member_id, member=evolve_member(None, invited))
    return FirstKey(key_id=new_id(), event=event, digest=hash_secret(grant.secret))


def _build_key(grant: Grant, request: KeyRequest) -> ApiKeyCreated:
    [event] = domain.create_key(
        name=(request.name or "").strip() or build_hint(grant.secret),
        scopes=request.scopes or (),
        granted_by=grant.by.scopes,
        expires_at=request.expires_at,
        hint=build_hint(grant.secret),
        at=datetime.now(UTC),
        member_id=request.member_id,
        longest=grant.longest,
    )
    return event


def _name_taken(member_id: UUID) -> Conflict:
    detail = f"This name is taken by a person; for a key of theirs send their member_id, {member_id}."
    return Conflict(detail, errors=[Fault(pointer="/name", detail=detail, code="taken")])


async def rotate_key(
    ledger: Ledger,
    caller: Caller,
    key_id: UUID,
    grant: Grant,
    *,
    grace: timedelta,
    expires_at: datetime | None,
    respond: RespondKey | None = None,
) -> CreatedKey:
    """Create the key's successor, with the same name and scopes; the old one ends after the grace period."""
    successor_id = new_id()

    async def attempt() -> CreatedKey:
        now = datetime.now(UTC)
        stored = await ledger.get(API_KEY, caller.workspace_id, key_id)
        old = stored.state
        member = await check_may_end(ledger, caller.workspace_id, old, by=grant.by)
        [rotated] = domain.rotate_key(old, successor_id=successor_id, ends_at=now + grace, at=now)
        scopes = restrict_scopes(old.scopes, member.state.role)
        request = KeyRequest(name=old.name, scopes=scopes, expires_at=expires_at)
        event = build_key_of(request, grant, member_id=member.id, member=member.state)
        created = CreatedKey(key_id=successor_id, event=event, member=member.state.name, at=PENDING)
        ended = Entry(stream=API_KEY.stream, stream_id=key_id, after=stored.version, event=rotated)
        return await _write_key(ledger, caller, created, grant, ended=[ended], respond=respond)

    return await retry_on_conflict(attempt, subject="the API key")


async def revoke_key(
    ledger: Ledger, caller: Caller, key_id: UUID, *, issuers: Sequence[Issuer], by: Authority, reason: str | None
) -> StreamState[ApiKeyState]:
    """End a key at once. Raises HoldsMore for one with more than whoever asks, Conflict for the last way in.

    Owners and admins may also come in by tokens of the accepted `issuers`.
    """

    async def attempt() -> StreamState[ApiKeyState]:
        stored = await ledger.get(API_KEY, caller.workspace_id, key_id)
        await check_may_end(ledger, caller.workspace_id, stored.state, by=by)
        if "admin" not in stored.state.scopes or stored.state.revoked:
            return await _revoke(ledger, caller, key_id, reason)
        async with member_commands.keep_way_in(
            ledger, caller.workspace_id, issuers=issuers, closes=lambda way: way.key_id == key_id
        ):
            return await _revoke(ledger, caller, key_id, reason)

    return await retry_on_conflict(attempt, subject="who has access")


async def _revoke(ledger: Ledger, caller: Caller, key_id: UUID, reason: str | None) -> StreamState[ApiKeyState]:
    return await ledger.change(API_KEY, key_id, lambda key: domain.revoke_key(key, reason=reason), caller=caller)


async def check_may_end(
    ledger: Ledger, workspace_id: UUID, key: ApiKeyState, *, by: Authority
) -> StreamState[MemberState]:
    """Return the key's member. Raises HoldsMore when the key can do more than whoever asks."""
    if key.member_id is None:
        raise Conflict("This API key has no member yet; migrate the database.")
    member = await ledger.get(MEMBER, workspace_id, key.member_id)
    if not by.holds(restrict_scopes(key.scopes, member.state.role), member.state.role):
        raise HoldsMore("This API key can do more than yours; ask somebody who holds as much.")
    return member
