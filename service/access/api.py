"""Workspaces, API keys and GET /me."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, Router, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from service.access import commands as founding
from service.access import domain as keys
from service.access import projection as views
from service.access.auth import ApiKeyCache, needs
from service.access.domain import API_KEY, Scope
from service.access.projection import KeyHolder
from service.database.engine import new_id
from service.http.bodies import JSON, Body, Name
from service.http.pagination import Cursor, Limit, Page, decode_cursor, page
from service.http.responses import answer, reply, respond
from service.ledger.decider import StreamState
from service.ledger.store import Answer, Attachments, Caller, Ledger


class NewWorkspace(Body):
    name: Name
    """Shown in lists. Two workspaces may share a name."""


class Workspace(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant: no other workspace can see its data."""

    id: UUID
    """The workspace's id."""
    name: str
    """Shown in lists."""
    created_at: datetime
    """When the workspace was created."""
    created_by: str
    """Name of the API key, or other actor, that created it."""


class WorkspaceWithKey(Workspace, frozen=True, kw_only=True):
    """A new workspace and its first API key."""

    api_key: str | None
    """Secret of the first key, which has the scope `admin`. Shown once; null in a repeated response, since the server
    does not store it."""


class NewApiKey(Body):
    name: Annotated[Name, msgspec.Meta(description="Unique in the workspace; the actor in the history.")]
    scopes: Annotated[list[Scope], msgspec.Meta(min_length=1, max_length=len(keys.SCOPES))]
    """What the key may do. A key can only grant scopes that it has itself."""
    expires_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    """When the key stops working, with a time zone. Null: never."""


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """An API key without its secret."""

    id: UUID
    """The key's id."""
    name: str
    """Unique in the workspace; the actor in the history."""
    scopes: list[Scope]
    """What the key may do."""
    hint: str
    """The last four characters of the secret."""
    expires_at: datetime | None
    """When the key stops working. Null: never."""
    revoked_at: datetime | None
    """When the key was revoked. Null while it is valid."""
    created_at: datetime
    """When the key was created."""
    created_by: str
    """Name of the API key, or other actor, that created it."""


class WorkspacePage(Page[Workspace], frozen=True, kw_only=True):
    """One page of workspaces."""


class ApiKeyPage(Page[ApiKey], frozen=True, kw_only=True):
    """One page of API keys."""


class ApiKeyWithSecret(ApiKey, frozen=True, kw_only=True):
    """A new API key and its secret."""

    secret: str | None
    """The key to send in the Authorization header. Shown once; null in a repeated response, since the server does not
    store it."""


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """The API key of this request, and what it may do."""

    workspace_id: UUID
    """The key's workspace."""
    key_id: UUID
    """The key's id."""
    name: str
    """The key's name; the actor in the history."""
    scopes: list[Scope]
    """What the key may do."""
    expires_at: datetime | None
    """When the key stops working. Null: never."""


@get("/me", operation_id="get_me", summary="Who am I?", tags=["access"])
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
    guards=[needs("operator")],
    tags=["access"],
)
async def create_workspace(
    data: JSON[NewWorkspace], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[WorkspaceWithKey]:
    secret = keys.generate_secret()
    made = await founding.create_workspace(ledger, caller, name=data.name, secret=secret, scopes=["admin"])
    body = WorkspaceWithKey(
        id=made.workspace_id, name=data.name, created_at=made.at, created_by=caller.actor, api_key=secret
    )
    return reply(body, status=201, location=f"/v1/workspaces?id={made.workspace_id}")


@get(
    "/workspaces",
    operation_id="list_workspaces",
    summary="List the workspaces this key can see",
    guards=[needs("access:read")],
    tags=["access"],
)
async def list_workspaces(
    ledger: NamedDependency[Ledger],
    holder: NamedDependency[KeyHolder],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> WorkspacePage:
    after = decode_cursor(cursor, tuple[UUID])
    everyone = keys.is_allowed(holder.scopes, "operator")
    rows = await views.list_workspaces(
        ledger.engine, holder.workspace_id, everyone=everyone, after=after[0] if after else None, limit=limit + 1
    )
    shown = [Workspace(id=r.workspace_id, name=r.name, created_at=r.created_at, created_by=r.created_by) for r in rows]
    return page(WorkspacePage, shown, limit, key=lambda row: row.id)


@post(
    "/api-keys",
    operation_id="create_api_key",
    summary="Create an API key",
    guards=[needs("access:write")],
    tags=["access"],
)
async def create_api_key(
    data: JSON[NewApiKey],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    holder: NamedDependency[KeyHolder],
) -> Response[ApiKeyWithSecret]:
    secret, key_id = keys.generate_secret(), new_id()

    def shown(stored: StreamState[keys.ApiKeyState], secret: str | None = None) -> Answer:
        body = ApiKeyWithSecret(**_fields(stored), revoked_at=None, secret=secret)
        return answer(body, status=201, version=stored.version, location=f"/v1/api-keys/{key_id}")

    created = await ledger.change(
        API_KEY,
        key_id,
        lambda _: keys.create(
            name=data.name,
            scopes=data.scopes,
            held=holder.scopes,
            expires_at=data.expires_at,
            hint=keys.build_hint(secret),
            at=datetime.now(UTC),
        ),
        caller=caller,
        beside=Attachments(secrets=[(key_id, keys.hash_secret(secret))]),
        answer=shown,
    )
    return respond(shown(created, secret), ApiKeyWithSecret)


@get(
    "/api-keys",
    operation_id="list_api_keys",
    summary="List API keys",
    guards=[needs("access:read")],
    tags=["access"],
)
async def list_api_keys(
    caller: NamedDependency[Caller], ledger: NamedDependency[Ledger], limit: Limit = 50, cursor: Cursor = None
) -> ApiKeyPage:
    after = decode_cursor(cursor, tuple[UUID])
    rows = await views.list_keys(ledger.engine, caller.workspace_id, after=after[0] if after else None, limit=limit + 1)
    names = ApiKey.__struct_fields__
    shown = [ApiKey(**{name: getattr(row, name) for name in names}) for row in rows]
    return page(ApiKeyPage, shown, limit, key=lambda row: row.id)


@delete(
    "/api-keys/{key_id:uuid}",
    operation_id="revoke_api_key",
    summary="Revoke an API key",
    guards=[needs("access:write")],
    status_code=200,
    tags=["access"],
)
async def revoke_api_key(
    key_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    ring: NamedDependency[ApiKeyCache],
) -> Response[ApiKey]:
    revoked = await ledger.change(API_KEY, key_id, lambda key: keys.revoke(key, reason=None), caller=caller)
    ring.forget()
    return reply(ApiKey(**_fields(revoked), revoked_at=revoked.updated_at), version=revoked.version)


def _fields(stored: StreamState[keys.ApiKeyState]) -> dict[str, Any]:
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
