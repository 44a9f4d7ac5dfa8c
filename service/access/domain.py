"""Workspaces, and API keys: shown once, stored as a hash, limited by scopes, ended by expiry or revocation."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Literal, assert_never, get_args
from uuid import UUID

import msgspec

from service.errors import Fault, Forbidden, Invalid, NotFound
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


class ApiKeyCreated(Event):
    name: str
    scopes: tuple[Scope, ...]
    hint: str
    expires_at: datetime | None = None


class ApiKeyRevoked(Event):
    reason: str | None = None


ApiKeyEvent = ApiKeyCreated | ApiKeyRevoked


class ApiKeyState(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    scopes: tuple[Scope, ...]
    expires_at: datetime | None
    hint: str
    revoked: bool = False


def evolve_key(key: ApiKeyState | None, event: ApiKeyEvent) -> ApiKeyState:
    match event:
        case ApiKeyCreated():
            return ApiKeyState(name=event.name, scopes=event.scopes, expires_at=event.expires_at, hint=event.hint)
        case ApiKeyRevoked():
            return msgspec.structs.replace(require_state(key), revoked=True)
        case _:
            assert_never(event)


API_KEY: Decider[ApiKeyState, ApiKeyEvent] = Decider(
    "api_key", events=(ApiKeyCreated, ApiKeyRevoked), evolve=evolve_key
)


def create_key(
    *,
    name: str,
    scopes: Iterable[Scope],
    granted_by: Iterable[Scope],
    expires_at: datetime | None,
    hint: str,
    at: datetime,
) -> list[ApiKeyEvent]:
    """Create a key. Raises Forbidden when `granted_by` lacks one of its scopes, Invalid when it is already expired."""
    requested = tuple(sorted(set(scopes)))
    missing = [scope for scope in requested if not is_allowed(granted_by, scope)]
    if missing:
        raise Forbidden(f"A key cannot grant scopes that it does not have: {', '.join(missing)}.")
    if expires_at is not None and expires_at <= at:
        raise Invalid(
            "expires_at is in the past.", errors=[Fault(pointer="/expires_at", detail="Must be in the future.")]
        )
    return [ApiKeyCreated(name=name, scopes=requested, expires_at=expires_at, hint=hint)]


def revoke_key(key: ApiKeyState | None, *, reason: str | None) -> list[ApiKeyEvent]:
    """Revoke the key. Revoking it again records nothing."""
    if key is None:
        raise NotFound("No such API key.")
    return [] if key.revoked else [ApiKeyRevoked(reason=reason)]


def is_allowed(held: Iterable[Scope], required: Scope) -> bool:
    """Whether scopes `held` cover the one `required`.

    `admin` covers all but `operator`; a `:write` scope covers `:read` and `:run` of the same area. Promoting a version
    against its gate takes `models:override` itself, or `admin`; labeling in another's name `labels:impersonate`.
    """
    scopes = set(held)
    if required == "operator":
        return "operator" in scopes
    if required in ("models:override", "labels:impersonate"):
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


class KeyHolder(msgspec.Struct, frozen=True):
    """The API key of a request: its workspace, name and scopes."""

    workspace_id: UUID
    key_id: UUID
    name: str
    scopes: tuple[Scope, ...]
    expires_at: datetime | None
    revoked_at: datetime | None


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
