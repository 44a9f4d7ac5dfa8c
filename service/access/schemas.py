"""Requests and responses of workspaces and API keys."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from service.access.commands import CreatedKey
from service.access.domain import SCOPES, MemberKind, Role, Scope
from service.http.bodies import Body, Name
from service.http.pagination import Page
from service.http.responses import StoredResponse, encode_response


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
    """Name of the member, or other actor, that created it."""


class WorkspaceWithKey(Workspace, frozen=True, kw_only=True):
    """A new workspace and its first API key."""

    api_key: str | None
    """Secret of the first key, which has the scope `admin`. Shown once; null in a repeated response, since the server
    does not store it."""


Scopes = Annotated[list[Scope], msgspec.Meta(min_length=1, max_length=len(SCOPES))]
ExpiresAt = Annotated[datetime, msgspec.Meta(tz=True)]


class NewApiKey(Body):
    """A new key. With neither `member_id` nor `name` it is one more key of whoever asks."""

    name: Name | None = None
    """Tells a member's keys apart; unique among those that are neither revoked nor rotated. Default: the key's hint.
    Without `member_id`, the key is for the machine of this name, which becomes a member when it is new."""
    scopes: Scopes | None = None
    """What the key may do: nothing that the member's role does not cover, and nothing that you lack. Default: all of
    that but `operator`. Required for a machine that is new."""
    expires_at: ExpiresAt | None = None
    """When the key stops working, with a time zone. Null: after the longest life that is set, else never."""
    member_id: UUID | None = None
    """Whose key it is. For another member than yourself, you need all that their role has."""


class Rotation(Body):
    """How a key is replaced by its successor."""

    grace_seconds: Annotated[int, msgspec.Meta(ge=0, le=90 * 86_400)] = 0
    """How long the old key still works. Default 0: it ends at once."""
    expires_at: ExpiresAt | None = None
    """When the new key stops working, with a time zone. Null: after the longest life that is set, else never."""


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """An API key without its secret."""

    id: UUID
    """The key's id."""
    name: str
    """Tells a member's keys apart."""
    member_id: UUID | None
    """The member whose key it is."""
    member: str | None
    """The member's name; the actor in the history."""
    scopes: list[Scope]
    """What the key may do, as far as the member's role covers it."""
    hint: str
    """The last four characters of the secret."""
    expires_at: datetime | None
    """When the key stops working. Null: never."""
    last_used_at: datetime | None
    """When the key was last used, to the minute. Null: not yet."""
    successor_id: UUID | None
    """The key that this one was rotated into. Null when it was not."""
    revoked_at: datetime | None
    """When the key was revoked. Null while it is valid."""
    created_at: datetime
    """When the key was created."""
    created_by: str
    """Name of the member, or other actor, that created it."""


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
    """Who makes this request, with which API key or token, and what they may do."""

    workspace_id: UUID
    """The workspace that the request works in."""
    member_id: UUID
    """The member who makes it."""
    name: str
    """The member's name; the actor in the history."""
    kind: MemberKind
    """Person or machine."""
    role: Role
    """The member's role."""
    key_id: UUID | None
    """The key's id. Null for who signed in by OpenID Connect."""
    key_name: str | None
    """The key's name. Null for who signed in by OpenID Connect."""
    scopes: list[Scope]
    """What the key or token may do, within the role."""
    expires_at: datetime | None
    """When the key or token stops working. Null: never."""


class RoleOut(msgspec.Struct, frozen=True, kw_only=True):
    """A role, and the most that a member who has it can do."""

    role: Role
    """The role's name."""
    summary: str
    """What it is for."""
    scopes: list[Scope]
    """The scopes that the role covers. A `:write` covers `:read` and `:run` of its area, `admin` all but `operator`."""


class RoleList(msgspec.Struct, frozen=True, kw_only=True):
    """All roles, from the most to the least."""

    data: list[RoleOut]
    """The roles."""


def build_key(row: Any) -> ApiKey:
    """Build the API's key from a row of queries.list_keys."""
    return ApiKey(**{name: getattr(row, name) for name in ApiKey.__struct_fields__})


def describe_key(created: CreatedKey, by: str) -> dict[str, Any]:
    """The fields of a key that was just created."""
    event = created.event
    return {
        "id": created.key_id,
        "name": event.name,
        "member_id": event.member_id,
        "member": created.member,
        "scopes": list(event.scopes),
        "hint": event.hint,
        "expires_at": event.expires_at,
        "last_used_at": None,
        "successor_id": None,
        "revoked_at": None,
        "created_at": created.at,
        "created_by": by,
    }


def respond_with_key(created: CreatedKey, secret: str | None = None, *, by: str) -> StoredResponse:
    """Encode a new key. The stored response has no secret."""
    body = ApiKeyWithSecret(**describe_key(created, by), secret=secret)
    return encode_response(body, status=201, version=1, location=f"/v1/api-keys/{created.key_id}")
