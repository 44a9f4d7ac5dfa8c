# Generated from openapi/openapi.json by `make clients`.
"""Structs of access."""

from __future__ import annotations

import datetime as dt

from tuneledger._shapes import OneOf, Shape


class ApiKey(Shape, frozen=True, kw_only=True):
    """An API key without its secret."""

    id: str
    """The key's id."""
    name: str
    """Unique in the workspace; the actor in the history."""
    scopes: list[
        OneOf[
            "access:read",
            "access:write",
            "admin",
            "audit:read",
            "connections:read",
            "connections:write",
            "datasets:read",
            "datasets:write",
            "evaluations:read",
            "evaluations:write",
            "generations:read",
            "generations:write",
            "labels:read",
            "labels:write",
            "models:override",
            "models:read",
            "models:run",
            "models:write",
            "operations:read",
            "operations:write",
            "operator",
            "prompts:read",
            "prompts:run",
            "prompts:write",
            "requests:read",
            "requests:write",
            "tasks:read",
            "tasks:write",
            "tunes:read",
            "tunes:write",
            "webhooks:read",
            "webhooks:write",
        ]
    ]
    """What the key may do."""
    hint: str
    """The last four characters of the secret."""
    expires_at: dt.datetime | None
    """When the key stops working. Null: never."""
    revoked_at: dt.datetime | None
    """When the key was revoked. Null while it is valid."""
    created_at: dt.datetime
    """When the key was created."""
    created_by: str
    """Name of the API key, or other actor, that created it."""


class ApiKeyPage(Shape, frozen=True, kw_only=True):
    """One page of API keys."""

    data: list[ApiKey]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class ApiKeyWithSecret(Shape, frozen=True, kw_only=True):
    """A new API key and its secret."""

    id: str
    """The key's id."""
    name: str
    """Unique in the workspace; the actor in the history."""
    scopes: list[
        OneOf[
            "access:read",
            "access:write",
            "admin",
            "audit:read",
            "connections:read",
            "connections:write",
            "datasets:read",
            "datasets:write",
            "evaluations:read",
            "evaluations:write",
            "generations:read",
            "generations:write",
            "labels:read",
            "labels:write",
            "models:override",
            "models:read",
            "models:run",
            "models:write",
            "operations:read",
            "operations:write",
            "operator",
            "prompts:read",
            "prompts:run",
            "prompts:write",
            "requests:read",
            "requests:write",
            "tasks:read",
            "tasks:write",
            "tunes:read",
            "tunes:write",
            "webhooks:read",
            "webhooks:write",
        ]
    ]
    """What the key may do."""
    hint: str
    """The last four characters of the secret."""
    expires_at: dt.datetime | None
    """When the key stops working. Null: never."""
    revoked_at: dt.datetime | None
    """When the key was revoked. Null while it is valid."""
    created_at: dt.datetime
    """When the key was created."""
    created_by: str
    """Name of the API key, or other actor, that created it."""
    secret: str | None
    """The key to send in the Authorization header. Shown once; null in a repeated response, since the server does not
    store it.
    """


class Me(Shape, frozen=True, kw_only=True):
    """The API key of this request, and what it may do."""

    workspace_id: str
    """The key's workspace."""
    key_id: str
    """The key's id."""
    name: str
    """The key's name; the actor in the history."""
    scopes: list[
        OneOf[
            "access:read",
            "access:write",
            "admin",
            "audit:read",
            "connections:read",
            "connections:write",
            "datasets:read",
            "datasets:write",
            "evaluations:read",
            "evaluations:write",
            "generations:read",
            "generations:write",
            "labels:read",
            "labels:write",
            "models:override",
            "models:read",
            "models:run",
            "models:write",
            "operations:read",
            "operations:write",
            "operator",
            "prompts:read",
            "prompts:run",
            "prompts:write",
            "requests:read",
            "requests:write",
            "tasks:read",
            "tasks:write",
            "tunes:read",
            "tunes:write",
            "webhooks:read",
            "webhooks:write",
        ]
    ]
    """What the key may do."""
    expires_at: dt.datetime | None
    """When the key stops working. Null: never."""


class Workspace(Shape, frozen=True, kw_only=True):
    """A tenant: no other workspace can see its data."""

    id: str
    """The workspace's id."""
    name: str
    """Shown in lists."""
    created_at: dt.datetime
    """When the workspace was created."""
    created_by: str
    """Name of the API key, or other actor, that created it."""


class WorkspacePage(Shape, frozen=True, kw_only=True):
    """One page of workspaces."""

    data: list[Workspace]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class WorkspaceWithKey(Shape, frozen=True, kw_only=True):
    """A new workspace and its first API key."""

    id: str
    """The workspace's id."""
    name: str
    """Shown in lists."""
    created_at: dt.datetime
    """When the workspace was created."""
    created_by: str
    """Name of the API key, or other actor, that created it."""
    api_key: str | None
    """Secret of the first key, which has the scope `admin`. Shown once; null in a repeated response, since the server
    does not store it.
    """
