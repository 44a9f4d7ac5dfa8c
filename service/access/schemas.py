"""Requests and responses of workspaces and API keys."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from service.access.domain import SCOPES, Scope
from service.http.bodies import Body, Name
from service.http.pagination import Page


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
    scopes: Annotated[list[Scope], msgspec.Meta(min_length=1, max_length=len(SCOPES))]
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
