"""Members over HTTP."""

from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from msgspec import UNSET

from service.access.auth import ApiKeyCache, require_scope
from service.access.commands import CreatedKey, Grant, KeyRequest, build_first_key
from service.access.domain import Role, generate_secret
from service.access.members import commands, domain, queries
from service.access.members.commands import FirstKey
from service.access.members.domain import MEMBER, MemberEvent, MemberInvited, MemberState
from service.access.members.schemas import (
    Because,
    Member,
    MemberChanges,
    MemberPage,
    MemberWithKey,
    NewMember,
    from_row,
    from_state,
)
from service.access.roles import Authority
from service.access.schemas import ApiKey, describe_key
from service.access.sign_in.issuers import parse_issuers
from service.database.engine import new_id
from service.http.as_of import AsOf, get_as_of
from service.http.bodies import JSON
from service.http.history_pages import HistoryPage, history
from service.http.pagination import Cursor, Limit, Named, decode_cursor, page
from service.http.responses import IfMatch, StoredResponse, build_response, encode_response, parse_if_match, to_response
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Ledger
from service.settings import Settings

WithRole = Annotated[Role | None, QueryParameter(description="Only members of this role.")]


@post(
    "/members",
    operation_id="invite_member",
    summary="Invite a member",
    guards=[require_scope("access:write")],
    tags=["access"],
)
async def invite_member(
    data: JSON[NewMember],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    authority: NamedDependency[Authority],
    settings: NamedDependency[Settings],
) -> Response[MemberWithKey]:
    """With `key`, the member's first key is created at once, and its secret shown this once."""
    member_id = new_id()
    invited = domain.invite(name=data.name, kind=data.kind, role=data.role, email=data.email, by=authority)
    grant = Grant(secret=generate_secret(), by=authority, longest=settings.longest_key_life)
    request = KeyRequest(**msgspec.structs.asdict(data.key)) if data.key else None
    key = build_first_key(member_id, invited, request, grant) if request else None
    respond = partial(_respond_with_member, member_id, invited, key, by=caller.actor)
    at = await commands.add_member(ledger, caller, member_id, invited, key=key, respond=respond)
    return to_response(respond(at, grant.secret if key else None), MemberWithKey)


def _respond_with_member(
    member_id: UUID, invited: MemberInvited, key: FirstKey | None, at: datetime, secret: str | None = None, *, by: str
) -> StoredResponse:
    """Encode a new member. The stored response has no secret."""
    created = CreatedKey(key_id=key.key_id, event=key.event, member=invited.name, at=at) if key else None
    body = MemberWithKey(
        id=member_id,
        name=invited.name,
        kind=invited.kind,
        email=invited.email,
        role=invited.role,
        suspended=False,
        identity=None,
        created_at=at,
        created_by=by,
        updated_at=at,
        version=1,
        api_key=ApiKey(**describe_key(created, by)) if created else None,
        secret=secret,
    )
    return encode_response(body, status=201, version=1, location=f"/v1/members/{member_id}")


@get(
    "/members",
    operation_id="list_members",
    summary="List members",
    guards=[require_scope("access:read")],
    tags=["access"],
)
async def list_members(
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    name: Named = None,
    role: WithRole = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> MemberPage:
    after = decode_cursor(cursor, tuple[UUID])
    rows = await queries.list_members(
        ledger.engine,
        caller.workspace_id,
        name=name,
        role=role,
        after=after[0] if after else None,
        limit=limit + 1,
    )
    return page(MemberPage, [from_row(row) for row in rows], limit, key=lambda member: member.id)


@get(
    "/members/{member_id:uuid}",
    operation_id="get_member",
    summary="Read a member, now or as of a time",
    guards=[require_scope("access:read")],
    tags=["access"],
)
async def get_member(
    member_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger], as_of: AsOf = None
) -> Response[Member]:
    stored = await get_as_of(ledger, MEMBER, caller.workspace_id, member_id, as_of=as_of)
    return build_response(from_state(stored), version=stored.version)


@patch(
    "/members/{member_id:uuid}",
    operation_id="update_member",
    summary="Change a member's role, kind or e-mail",
    guards=[require_scope("access:write")],
    tags=["access"],
)
async def update_member(
    member_id: FromPath[UUID],
    data: JSON[MemberChanges],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    authority: NamedDependency[Authority],
    key_cache: NamedDependency[ApiKeyCache],
    settings: NamedDependency[Settings],
    if_match: IfMatch = None,
) -> Response[Member]:
    """Refused for a role above yours, and when nobody could come in as an owner any more."""

    def decide(member: MemberState | None) -> list[MemberEvent]:
        changes = {name: value for name, value in msgspec.structs.asdict(data).items() if value is not UNSET}
        current = {name: getattr(member, name, None) for name in ("kind", "role", "email")}
        return domain.change(member, **{**current, **changes}, by=authority)

    issuers, expected = parse_issuers(settings), parse_if_match(if_match)
    stored = await commands.change_member(ledger, caller, member_id, decide, issuers=issuers, expected=expected)
    key_cache.forget()
    return build_response(from_state(stored), version=stored.version)


def _respond(stored: StreamState[MemberState]) -> StoredResponse:
    return encode_response(from_state(stored), version=stored.version)


@post(
    "/members/{member_id:uuid}/suspend",
    operation_id="suspend_member",
    summary="Stop all keys of a member",
    guards=[require_scope("access:write")],
    status_code=200,
    tags=["access"],
)
async def suspend_member(
    member_id: FromPath[UUID],
    data: JSON[Because],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    authority: NamedDependency[Authority],
    key_cache: NamedDependency[ApiKeyCache],
    settings: NamedDependency[Settings],
) -> Response[Member]:
    """All keys of the member stop working within a second. Refused when nobody could come in as an owner any more."""
    decide = partial(domain.suspend, reason=data.reason, by=authority)
    stored = await commands.change_member(
        ledger, caller, member_id, decide, issuers=parse_issuers(settings), respond=_respond
    )
    key_cache.forget()
    return to_response(_respond(stored), Member)


@post(
    "/members/{member_id:uuid}/reinstate",
    operation_id="reinstate_member",
    summary="Let the keys of a suspended member work again",
    guards=[require_scope("access:write")],
    status_code=200,
    tags=["access"],
)
async def reinstate_member(
    member_id: FromPath[UUID],
    data: JSON[Because],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    authority: NamedDependency[Authority],
    key_cache: NamedDependency[ApiKeyCache],
    settings: NamedDependency[Settings],
) -> Response[Member]:
    decide = partial(domain.reinstate, reason=data.reason, by=authority)
    stored = await commands.change_member(
        ledger, caller, member_id, decide, issuers=parse_issuers(settings), respond=_respond
    )
    key_cache.forget()
    return to_response(_respond(stored), Member)


@get(
    "/members/{member_id:uuid}/history",
    operation_id="list_member_history",
    summary="List a member's history",
    guards=[require_scope("access:read")],
    tags=["access"],
)
async def get_member_history(
    member_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> HistoryPage:
    return await history(ledger.engine, MEMBER, caller.workspace_id, member_id, limit=limit, cursor=cursor)


router = Router(
    path="/",
    route_handlers=[
        invite_member,
        list_members,
        get_member,
        update_member,
        suspend_member,
        reinstate_member,
        get_member_history,
    ],
)
