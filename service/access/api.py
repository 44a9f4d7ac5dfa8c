"""Workspaces, API keys, roles and GET /me."""

from datetime import timedelta
from functools import partial
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from service.access import commands, queries
from service.access.auth import ApiKeyCache, require_scope
from service.access.commands import Grant, KeyRequest
from service.access.domain import KeyHolder, generate_secret, is_allowed
from service.access.limits.room_guard import require_room
from service.access.roles import ROLE_SCOPES, ROLE_SUMMARIES, Authority
from service.access.schemas import (
    ApiKey,
    ApiKeyPage,
    ApiKeyWithSecret,
    Me,
    NewApiKey,
    NewWorkspace,
    RoleList,
    RoleOut,
    Rotation,
    Workspace,
    WorkspacePage,
    WorkspaceWithKey,
    build_key,
    respond_with_key,
)
from service.access.sign_in.issuers import parse_issuers
from service.http.bodies import JSON
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.http.responses import StoredResponse, build_response, encode_response, to_response
from service.ledger.store import Caller, Ledger
from service.settings import Settings

OfMember = Annotated[UUID | None, QueryParameter(description="Only the keys of this member.")]


@get("/me", operation_id="get_me", summary="Get the member and API key of this request", tags=["access"])
async def get_me(holder: NamedDependency[KeyHolder]) -> Me:
    return Me(
        workspace_id=holder.workspace_id,
        member_id=holder.member_id,
        name=holder.name,
        kind=holder.kind,
        role=holder.role,
        key_id=holder.key_id,
        key_name=holder.key_name,
        scopes=list(holder.scopes),
        expires_at=holder.expires_at,
    )


@post(
    "/workspaces",
    operation_id="create_workspace",
    summary="Create a workspace and its first key",
    guards=[require_scope("operator")],
    tags=["access"],
)
async def create_workspace(
    data: JSON[NewWorkspace], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[WorkspaceWithKey]:
    secret = generate_secret()

    def respond(created: commands.CreatedWorkspace, secret: str | None = None) -> StoredResponse:
        id_ = created.workspace_id
        body = WorkspaceWithKey(id=id_, name=data.name, created_at=created.at, created_by=caller.actor, api_key=secret)
        return encode_response(body, status=201, location=f"/v1/workspaces?id={id_}")

    created = await commands.create_workspace(
        ledger, caller, name=data.name, secret=secret, scopes=["admin"], respond=respond
    )
    return to_response(respond(created, secret), WorkspaceWithKey)


@get(
    "/workspaces",
    operation_id="list_workspaces",
    summary="List the workspaces this key can see",
    guards=[require_scope("access:read")],
    tags=["access"],
)
async def list_workspaces(
    ledger: NamedDependency[Ledger],
    holder: NamedDependency[KeyHolder],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> WorkspacePage:
    after = decode_cursor(cursor, tuple[UUID])
    every = is_allowed(holder.scopes, "operator")
    rows = await queries.list_workspaces(
        ledger.engine, holder.workspace_id, every=every, after=after[0] if after else None, limit=limit + 1
    )
    workspaces = [
        Workspace(id=r.workspace_id, name=r.name, created_at=r.created_at, created_by=r.created_by) for r in rows
    ]
    return page(WorkspacePage, workspaces, limit, key=lambda row: row.id)


@get(
    "/roles",
    operation_id="list_roles",
    summary="List the roles",
    guards=[require_scope("access:read")],
    tags=["access"],
)
async def list_roles() -> RoleList:
    """A key may have less than its member's role, never more."""
    roles = reversed(list(ROLE_SCOPES.items()))
    return RoleList(
        data=[RoleOut(role=role, summary=ROLE_SUMMARIES[role], scopes=list(scopes)) for role, scopes in roles]
    )


@post(
    "/api-keys",
    operation_id="create_api_key",
    summary="Create an API key",
    guards=[require_scope("access:write"), require_room("api_keys")],
    tags=["access"],
)
async def create_api_key(
    data: JSON[NewApiKey],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    authority: NamedDependency[Authority],
    settings: NamedDependency[Settings],
) -> Response[ApiKeyWithSecret]:
    grant = Grant(secret=generate_secret(), by=authority, longest=settings.longest_key_life)
    request = KeyRequest(**msgspec.structs.asdict(data))
    respond = partial(respond_with_key, by=caller.actor)
    created = await commands.create_key(ledger, caller, request, grant, respond=respond)
    return to_response(respond(created, grant.secret), ApiKeyWithSecret)


@post(
    "/api-keys/{key_id:uuid}/rotate",
    operation_id="rotate_api_key",
    summary="Replace an API key by a new one",
    guards=[require_scope("access:write")],
    tags=["access"],
)
async def rotate_api_key(
    key_id: FromPath[UUID],
    data: JSON[Rotation],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    authority: NamedDependency[Authority],
    settings: NamedDependency[Settings],
    key_cache: NamedDependency[ApiKeyCache],
) -> Response[ApiKeyWithSecret]:
    """The new key has the same member, name and scopes. Ratings, labels and queues stay the member's."""
    grant = Grant(secret=generate_secret(), by=authority, longest=settings.longest_key_life)
    grace = timedelta(seconds=data.grace_seconds)
    respond = partial(respond_with_key, by=caller.actor)
    created = await commands.rotate_key(
        ledger, caller, key_id, grant, grace=grace, expires_at=data.expires_at, respond=respond
    )
    key_cache.forget()
    return to_response(respond(created, grant.secret), ApiKeyWithSecret)


@get(
    "/api-keys",
    operation_id="list_api_keys",
    summary="List API keys",
    guards=[require_scope("access:read")],
    tags=["access"],
)
async def list_api_keys(
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    member_id: OfMember = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ApiKeyPage:
    after = decode_cursor(cursor, tuple[UUID])
    rows = await queries.list_keys(
        ledger.engine,
        caller.workspace_id,
        member_id=member_id,
        after=after[0] if after else None,
        limit=limit + 1,
    )
    return page(ApiKeyPage, [build_key(row) for row in rows], limit, key=lambda key: key.id)


@get(
    "/api-keys/{key_id:uuid}",
    operation_id="get_api_key",
    summary="Read an API key, without its secret",
    guards=[require_scope("access:read")],
    tags=["access"],
)
async def get_api_key(
    key_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[ApiKey]:
    row = await queries.get_key(ledger.engine, caller.workspace_id, key_id)
    return build_response(build_key(row), version=row.version)


@delete(
    "/api-keys/{key_id:uuid}",
    operation_id="revoke_api_key",
    summary="Revoke an API key",
    guards=[require_scope("access:write")],
    status_code=200,
    tags=["access"],
)
async def revoke_api_key(
    key_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    authority: NamedDependency[Authority],
    key_cache: NamedDependency[ApiKeyCache],
    settings: NamedDependency[Settings],
) -> Response[ApiKey]:
    """Refused for a key that can do more than yours, and when nobody could come in as an owner any more."""
    issuers = parse_issuers(settings)
    await commands.revoke_key(ledger, caller, key_id, issuers=issuers, by=authority, reason=None)
    key_cache.forget()
    row = await queries.get_key(ledger.engine, caller.workspace_id, key_id)
    return build_response(build_key(row), version=row.version)


router = Router(
    path="/",
    route_handlers=[
        get_me,
        list_roles,
        create_workspace,
        list_workspaces,
        create_api_key,
        list_api_keys,
        get_api_key,
        rotate_api_key,
        revoke_api_key,
    ],
)
