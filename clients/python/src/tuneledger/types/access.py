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
    """Tells a member's keys apart."""
    member_id: str | None
    """The member whose key it is."""
    member: str | None
    """The member's name; the actor in the history."""
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
            "erase",
            "evaluations:read",
            "evaluations:write",
            "generations:read",
            "generations:write",
            "labels:impersonate",
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
    """What the key may do, as far as the member's role covers it."""
    hint: str
    """The last four characters of the secret."""
    expires_at: dt.datetime | None
    """When the key stops working. Null: never."""
    last_used_at: dt.datetime | None
    """When the key was last used, to the minute. Null: not yet."""
    successor_id: str | None
    """The key that this one was rotated into. Null when it was not."""
    revoked_at: dt.datetime | None
    """When the key was revoked. Null while it is valid."""
    created_at: dt.datetime
    """When the key was created."""
    created_by: str
    """Name of the member, or other actor, that created it."""


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
    """Tells a member's keys apart."""
    member_id: str | None
    """The member whose key it is."""
    member: str | None
    """The member's name; the actor in the history."""
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
            "erase",
            "evaluations:read",
            "evaluations:write",
            "generations:read",
            "generations:write",
            "labels:impersonate",
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
    """What the key may do, as far as the member's role covers it."""
    hint: str
    """The last four characters of the secret."""
    expires_at: dt.datetime | None
    """When the key stops working. Null: never."""
    last_used_at: dt.datetime | None
    """When the key was last used, to the minute. Null: not yet."""
    successor_id: str | None
    """The key that this one was rotated into. Null when it was not."""
    revoked_at: dt.datetime | None
    """When the key was revoked. Null while it is valid."""
    created_at: dt.datetime
    """When the key was created."""
    created_by: str
    """Name of the member, or other actor, that created it."""
    secret: str | None
    """The key to send in the Authorization header. Shown once; null in a repeated response, since the server does not
    store it.
    """


class EndedWorkspace(Shape, frozen=True, kw_only=True):
    """A workspace of which nothing is left but this."""

    id: str
    """The workspace's id."""
    name: str
    """Its name."""
    size: int
    """How many events its log had."""
    note: str
    """The last signed checkpoint of its log. Keep it: nothing else proves what the log said."""


class Identity(Shape, frozen=True, kw_only=True):
    """Who somebody is elsewhere: the subject that an issuer's tokens name."""

    issuer: str
    """The issuer, as its tokens name it in `iss`."""
    subject: str
    """The subject, as the tokens name it in `sub`."""


class Me(Shape, frozen=True, kw_only=True):
    """Who makes this request, with which API key or token, and what they may do."""

    workspace_id: str
    """The workspace that the request works in."""
    member_id: str
    """The member who makes it."""
    name: str
    """The member's name; the actor in the history."""
    kind: OneOf["machine", "person"]
    """Person or machine."""
    role: OneOf["admin", "annotator", "auditor", "editor", "owner", "reviewer", "viewer"]
    """The member's role."""
    key_id: str | None
    """The key's id. Null for who signed in by OpenID Connect."""
    key_name: str | None
    """The key's name. Null for who signed in by OpenID Connect."""
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
            "erase",
            "evaluations:read",
            "evaluations:write",
            "generations:read",
            "generations:write",
            "labels:impersonate",
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
    """What the key or token may do, within the role."""
    expires_at: dt.datetime | None
    """When the key or token stops working. Null: never."""


class Member(Shape, frozen=True, kw_only=True):
    """A person or machine of the workspace."""

    id: str
    """The member's id."""
    name: str
    """Who it is; the actor in the history."""
    kind: OneOf["machine", "person"]
    """Person or machine."""
    email: str | None
    """Where the person can be reached."""
    role: OneOf["admin", "annotator", "auditor", "editor", "owner", "reviewer", "viewer"]
    """What the member may do at most."""
    suspended: bool
    """Whether the member's keys and tokens are stopped."""
    identity: Identity | None
    """Whose tokens are the member's, when they sign in by OpenID Connect. Null: nobody's."""
    created_at: dt.datetime
    """When the member was invited."""
    created_by: str
    """Name of the member, or other actor, that invited them."""
    updated_at: dt.datetime
    """When the member was last changed."""
    version: int
    """Grows with each change; the ETag."""


class MemberPage(Shape, frozen=True, kw_only=True):
    """One page of members."""

    data: list[Member]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class MemberWithKey(Shape, frozen=True, kw_only=True):
    """A new member, with the first key when one was asked for."""

    id: str
    """The member's id."""
    name: str
    """Who it is; the actor in the history."""
    kind: OneOf["machine", "person"]
    """Person or machine."""
    email: str | None
    """Where the person can be reached."""
    role: OneOf["admin", "annotator", "auditor", "editor", "owner", "reviewer", "viewer"]
    """What the member may do at most."""
    suspended: bool
    """Whether the member's keys and tokens are stopped."""
    identity: Identity | None
    """Whose tokens are the member's, when they sign in by OpenID Connect. Null: nobody's."""
    created_at: dt.datetime
    """When the member was invited."""
    created_by: str
    """Name of the member, or other actor, that invited them."""
    updated_at: dt.datetime
    """When the member was last changed."""
    version: int
    """Grows with each change; the ETag."""
    api_key: ApiKey | None
    """The first key. Null when none was asked for."""
    secret: str | None
    """The key to send in the Authorization header. Shown once; null without a key, and in a repeated response, since
    the server does not store it.
    """


class NewMembersKey(Shape, frozen=True, kw_only=True):
    """The first key of a new member."""

    expires_at: dt.datetime | None = None
    """When the key stops working, with a time zone. Null: after the longest life that is set, else never."""
    name: str | None = None
    """Tells the member's keys apart. Default: the member's name."""
    scopes: (
        list[
            OneOf[
                "access:read",
                "access:write",
                "admin",
                "audit:read",
                "connections:read",
                "connections:write",
                "datasets:read",
                "datasets:write",
                "erase",
                "evaluations:read",
                "evaluations:write",
                "generations:read",
                "generations:write",
                "labels:impersonate",
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
        | None
    ) = None
    """What the key may do, within the role and what you have yourself. Default: all of that but `operator`."""


class RoleList(Shape, frozen=True, kw_only=True):
    """All roles, from the most to the least."""

    data: list[RoleOut]
    """The roles."""


class RoleOut(Shape, frozen=True, kw_only=True):
    """A role, and the most that a member who has it can do."""

    role: OneOf["admin", "annotator", "auditor", "editor", "owner", "reviewer", "viewer"]
    """The role's name."""
    summary: str
    """What it is for."""
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
            "erase",
            "evaluations:read",
            "evaluations:write",
            "generations:read",
            "generations:write",
            "labels:impersonate",
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
    """The scopes that the role covers. A `:write` covers `:read` and `:run` of its area, `admin` all but `operator`."""


class Workspace(Shape, frozen=True, kw_only=True):
    """A tenant: no other workspace can see its data."""

    id: str
    """The workspace's id."""
    name: str
    """Shown in lists."""
    created_at: dt.datetime
    """When the workspace was created."""
    created_by: str
    """Name of the member, or other actor, that created it."""


class WorkspaceLimit(Shape, frozen=True, kw_only=True):
    """One limit of the workspace."""

    name: OneOf["api_keys", "body_bytes", "imports", "requests_per_minute", "stored_bytes", "streams", "webhooks"]
    """What is limited; the `code` of the fault when it is reached."""
    limit: int | None
    """The most that the workspace may have; null: no limit."""
    used: int | None
    """How much it has now; of requests, bodies and streams, in the process that answers. Null without a limit."""


class WorkspaceLimitList(Shape, frozen=True, kw_only=True):
    """All limits of the workspace."""

    data: list[WorkspaceLimit]
    """The limits, in a fixed order."""


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
    """Name of the member, or other actor, that created it."""
    api_key: str | None
    """Secret of the first key, which has the scope `admin`. Shown once; null in a repeated response, since the server
    does not store it.
    """
