# Generated from openapi/openapi.json by `make clients`.
"""Structs of access."""

from __future__ import annotations

import datetime as dt

from tuneledger._shapes import OneOf, Shape


class ApiKey(Shape, frozen=True, kw_only=True):
    """A key without its secret; `hint` is the secret's end."""

    id: str
    name: str
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
    hint: str
    expires_at: dt.datetime | None
    revoked_at: dt.datetime | None
    created_at: dt.datetime
    created_by: str


class ApiKeyPage(Shape, frozen=True, kw_only=True):
    """One page of API keys."""

    data: list[ApiKey]
    next_cursor: str | None
    count: int | None = None


class ApiKeyWithSecret(Shape, frozen=True, kw_only=True):
    """A new key. Its `secret` is shown once; in a repeated answer it is null, because it is kept nowhere."""

    id: str
    name: str
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
    hint: str
    expires_at: dt.datetime | None
    revoked_at: dt.datetime | None
    created_at: dt.datetime
    created_by: str
    secret: str | None


class Me(Shape, frozen=True, kw_only=True):
    """Whose key this is and what it may do."""

    workspace_id: str
    key_id: str
    name: str
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
    expires_at: dt.datetime | None


class Workspace(Shape, frozen=True, kw_only=True):
    """A tenant: its data is invisible to every other."""

    id: str
    name: str
    created_at: dt.datetime
    created_by: str


class WorkspacePage(Shape, frozen=True, kw_only=True):
    """One page of workspaces."""

    data: list[Workspace]
    next_cursor: str | None
    count: int | None = None


class WorkspaceWithKey(Shape, frozen=True, kw_only=True):
    """A new workspace and its first key, which has the scope `admin`. Null in a repeated answer: it is kept nowhere."""

    id: str
    name: str
    created_at: dt.datetime
    created_by: str
    api_key: str | None
