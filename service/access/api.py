"""Workspaces, API keys and GET /me."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from litestar import Response, Router, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access import commands, queries
from service.access.auth import ApiKeyCache, require_scope
from service.access.domain import (
    API_KEY,
    ApiKeyState,
    KeyHolder,
    build_hint,
    create_key,
    generate_secret,
    hash_secret,
    is_allowed,
    revoke_key,
)
from service.access.schemas import (
    ApiKey,
    ApiKeyPage,
    ApiKeyWithSecret,
    Me,
    NewApiKey,
    NewWorkspace,
    Workspace,
    WorkspacePage,
    WorkspaceWithKey,
)
from service.database.engine import new_id
from service.http.bodies import JSON
from service.http.pagination import Cursor, Limit, decode_cursor, page
from service.http.responses import StoredResponse, build_response, encode_response, to_response
from service.ledger.decider import StreamState
from service.ledger.store import Attachments, Caller, Ledger


@get("/me", operation_id="get_me", summary="Get the API key of this request", tags=["access"])
async def get_me(holder: NamedDependency[KeyHolder]) -> Me:
    return Me(
        workspace_id=holder.workspace_id,
        key_id=holder.key_id,
        name=holder.name,
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


@post(
    "/api-keys",
    operation_id="create_api_key",
    summary="Create an API key",
    guards=[require_scope("access:write")],
    tags=["access"],
)
async def create_api_key(
    data: JSON[NewApiKey],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    holder: NamedDependency[KeyHolder],
) -> Response[ApiKeyWithSecret]:
    secret, key_id = generate_secret(), new_id()

    def respond(stored: StreamState[ApiKeyState], secret: str | None = None) -> StoredResponse:
        body = ApiKeyWithSecret(**_fields(stored), revoked_at=None, secret=secret)
        return encode_response(body, status=201, version=stored.version, location=f"/v1/api-keys/{key_id}")

    created = await ledger.change(
        API_KEY,
        key_id,
        lambda _: create_key(
            name=data.name,
            scopes=data.scopes,
            granted_by=holder.scopes,
            expires_at=data.expires_at,
            hint=build_hint(secret),
            at=datetime.now(UTC),
        ),
        caller=caller,
        attachments=Attachments(secrets=[(key_id, hash_secret(secret))]),
        respond=respond,
    )
    return to_response(respond(created, secret), ApiKeyWithSecret)


@get(
    "/api-keys",
    operation_id="list_api_keys",
    summary="List API keys",
    guards=[require_scope("access:read")],
    tags=["access"],
)
async def list_api_keys(
    caller: NamedDependency[Caller], ledger: NamedDependency[Ledger], limit: Limit = 50, cursor: Cursor = None
) -> ApiKeyPage:
    after = decode_cursor(cursor, tuple[UUID])
    rows = await queries.list_keys(
        ledger.engine, caller.workspace_id, after=after[0] if after else None, limit=limit + 1
    )
    names = ApiKey.__struct_fields__
    keys = [ApiKey(**{name: getattr(row, name) for name in names}) for row in rows]
    return page(ApiKeyPage, keys, limit, key=lambda row: row.id)


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
    key_cache: NamedDependency[ApiKeyCache],
) -> Response[ApiKey]:
    revoked = await ledger.change(API_KEY, key_id, lambda key: revoke_key(key, reason=None), caller=caller)
    key_cache.forget()
    return build_response(ApiKey(**_fields(revoked), revoked_at=revoked.updated_at), version=revoked.version)


def _fields(stored: StreamState[ApiKeyState]) -> dict[str, Any]:
    key = stored.state
    return {
        "id": stored.id,
        "name": key.name,
        "scopes": list(key.scopes),
        "hint": key.hint,
        "expires_at": key.expires_at,
        "created_at": stored.created_at,
        "created_by": stored.created_by,
    }


router = Router(
    path="/", route_handlers=[get_me, create_workspace, list_workspaces, create_api_key, list_api_keys, revoke_api_key]
)
