"""Workspaces, and API keys: shown once, stored as a hash, limited by scopes, ended by expiry or revocation."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal, assert_never, get_args
from uuid import UUID

import msgspec

from service.errors import Conflict, Fault, Forbidden, Invalid, NotFound
from service.ledger.decider import Decider, Event, require_state

Scope = Literal[
    "admin",
    "operator",
    "access:read",
    "access:write",
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
SCOPES: tuple[Scope, ...] = get_args(Scope)
# Covered by themselves and `admin` alone, not by the `:write` of their area.
SEPARATE_SCOPES: frozenset[Scope] = frozenset({"models:override", "labels:impersonate", "erase"})
Role = Literal["owner", "admin", "editor", "reviewer", "annotator", "viewer", "auditor"]
MemberKind = Literal["person", "machine"]


class ApiKeyCreated(Event):
    name: str
    scopes: tuple[Scope, ...]
    hint: str
    expires_at: datetime | None = None
    member_id: UUID | None = None


class ApiKeyAssigned(Event):
    """A key from before there were members got one. The migration alone records it."""

    member_id: UUID


class ApiKeyRotated(Event):
    successor_id: UUID
    ends_at: datetime
    reason: str | None = None


class ApiKeyRevoked(Event):
    reason: str | None = None


ApiKeyEvent = ApiKeyCreated | ApiKeyAssigned | ApiKeyRotated | ApiKeyRevoked


class ApiKeyState(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    scopes: tuple[Scope, ...]
    expires_at: datetime | None
    hint: str
    member_id: UUID | None = None
    successor_id: UUID | None = None
    revoked: bool = False


def evolve_key(key: ApiKeyState | None, event: ApiKeyEvent) -> ApiKeyState:
    match event:
        case ApiKeyCreated():
            return ApiKeyState(
                name=event.name,
                scopes=event.scopes,
                expires_at=event.expires_at,
                hint=event.hint,
                member_id=event.member_id,
            )
        case ApiKeyAssigned(member_id=member_id):
            return msgspec.structs.replace(require_state(key), member_id=member_id)
        case ApiKeyRotated(successor_id=successor_id, ends_at=ends_at):
            return msgspec.structs.replace(require_state(key), successor_id=successor_id, expires_at=ends_at)
        case ApiKeyRevoked():
            return msgspec.structs.replace(require_state(key), revoked=True)
        case _:
            assert_never(event)


API_KEY: Decider[ApiKeyState, ApiKeyEvent] = Decider(
    "api_key", events=(ApiKeyCreated, ApiKeyAssigned, ApiKeyRotated, ApiKeyRevoked), evolve=evolve_key
)


def create_key(
    *,
    name: str,
    scopes: Iterable[Scope],
    granted_by: Iterable[Scope],
    expires_at: datetime | None,
    hint: str,
    at: datetime,
    member_id: UUID | None = None,
    longest: timedelta | None = None,
) -> list[ApiKeyCreated]:
    """Create a key. Without `expires_at` it lives for the `longest` life, if there is one.

    Raises Forbidden when `granted_by` lacks one of its scopes, Invalid when it is expired already or lives too long.
    """
    requested = tuple(sorted(set(scopes)))
    missing = [scope for scope in requested if not is_allowed(granted_by, scope)]
    if missing:
        raise Forbidden(f"A key cannot grant scopes that it does not have: {', '.join(missing)}.")
    ends_at = limit_life(expires_at, longest=longest, at=at)
    return [ApiKeyCreated(name=name, scopes=requested, expires_at=ends_at, hint=hint, member_id=member_id)]


def limit_life(expires_at: datetime | None, *, longest: timedelta | None, at: datetime) -> datetime | None:
    """When a key made now ends. Raises Invalid for a time in the past, or after the longest life."""
    if expires_at is None:
        return at + longest if longest else None
    if expires_at <= at:
        raise _invalid_end("expires_at is in the past; it must be in the future.", code="past")
    # A minute's grace, since clients count from their own clock.
    if longest is not None and expires_at > at + longest + timedelta(minutes=1):
        raise _invalid_end(f"A key lives for {longest.days} days at most (TUNELEDGER_KEY_MAX_DAYS).", code="too_long")
    return expires_at


def _invalid_end(detail: str, *, code: str) -> Invalid:
    return Invalid(detail, errors=[Fault(pointer="/expires_at", detail=detail, code=code)])


def rotate_key(key: ApiKeyState | None, *, successor_id: UUID, ends_at: datetime, at: datetime) -> list[ApiKeyEvent]:
    """Replace the key by its successor; it works until `ends_at`. Raises Conflict when it has ended or was rotated."""
    if key is None:
        raise NotFound("No such API key.")
    if key.revoked or (key.expires_at is not None and key.expires_at <= at):
        raise Conflict("This API key has ended; make a new one with POST /v1/api-keys.")
    if key.successor_id is not None:
        raise Conflict(f"This API key was rotated already, into {key.successor_id}; rotate that one.")
    end = min(ends_at, key.expires_at) if key.expires_at else ends_at
    return [ApiKeyRotated(successor_id=successor_id, ends_at=end)]


def revoke_key(key: ApiKeyState | None, *, reason: str | None) -> list[ApiKeyEvent]:
    """Revoke the key. Revoking it again records nothing."""
    if key is None:
        raise NotFound("No such API key.")
    return [] if key.revoked else [ApiKeyRevoked(reason=reason)]


def is_allowed(held: Iterable[Scope], required: Scope) -> bool:
    """Whether scopes `held` cover the one `required`.

    `admin` covers all but `operator`; a `:write` scope covers `:read` and `:run` of the same area, but none of
    SEPARATE_SCOPES.
    """
    scopes = set(held)
    if required == "operator":
        return "operator" in scopes
    if required in SEPARATE_SCOPES:
        return bool({"admin", required} & scopes)
    return bool({"admin", required, f"{required.split(':')[0]}:write"} & scopes)


def generate_secret() -> str:
    """Generate the secret of a new key: 256 random bits."""
    return f"tl_{secrets.token_urlsafe(32)}"


def hash_secret(secret: str) -> bytes:
    """Hash a key for storage. It is so random that a plain hash cannot be reversed."""
    return hashlib.sha256(secret.encode()).digest()


def build_hint(secret: str) -> str:
    """The last four characters, by which its owner recognizes a key."""
    return f"tl_…{secret[-4:]}"


class KeyHolder(msgspec.Struct, frozen=True, kw_only=True):
    """The API key of a request and its member. `name` is the member's, the actor; `scopes` are within the role.

    Without a key, the member has signed in with a token.
    """

    workspace_id: UUID
    key_id: UUID | None
    key_name: str | None
    member_id: UUID
    name: str
    kind: MemberKind
    role: Role
    scopes: tuple[Scope, ...]
    expires_at: datetime | None
    revoked_at: datetime | None
    is_suspended: bool
    last_used_at: datetime | None

    @property
    def credential_id(self) -> UUID:
        """What rates and repeated requests are counted by: the key, or else the member."""
        return self.key_id or self.member_id


class WorkspaceCreated(Event):
    name: str


WorkspaceEvent = WorkspaceCreated


class WorkspaceState(msgspec.Struct, frozen=True, kw_only=True):
    name: str


def evolve_workspace(_: WorkspaceState | None, event: WorkspaceEvent) -> WorkspaceState:
    match event:
        case WorkspaceCreated(name=name):
            return WorkspaceState(name=name)
        case _:
            assert_never(event)


WORKSPACE = Decider("workspace", events=(WorkspaceCreated,), evolve=evolve_workspace)
