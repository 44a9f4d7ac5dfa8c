"""API keys: shown once, kept as a hash, narrowed by scopes, ended by expiry or revocation."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Literal, assert_never, get_args

import msgspec

from service.errors import Fault, Forbidden, Invalid, NotFound
from service.ledger.decider import Decider, Event

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
            assert key is not None  # noqa: S101 - a stream begins with its creation
            return msgspec.structs.replace(key, revoked=True)
        case _:
            assert_never(event)


API_KEY: Decider[ApiKeyState, ApiKeyEvent] = Decider(
    "api_key", events=(ApiKeyCreated, ApiKeyRevoked), evolve=evolve_key
)


def create(
    *,
    name: str,
    scopes: Iterable[Scope],
    held: Iterable[Scope],
    expires_at: datetime | None,
    hint: str,
    at: datetime,
) -> list[ApiKeyEvent]:
    """A key may give the scopes it `held` itself, no more. Raises Forbidden otherwise, Invalid when already expired."""
    wanted = tuple(sorted(set(scopes)))
    beyond = [scope for scope in wanted if not is_allowed(held, scope)]
    if beyond:
        raise Forbidden(f"A key cannot give scopes it does not have: {', '.join(beyond)}.")
    if expires_at is not None and expires_at <= at:
        raise Invalid("expires_at is in the past.", errors=[Fault(pointer="/expires_at", detail="This time is past.")])
    return [ApiKeyCreated(name=name, scopes=wanted, expires_at=expires_at, hint=hint)]


def revoke(key: ApiKeyState | None, *, reason: str | None) -> list[ApiKeyEvent]:
    """End the key. Revoking it again records nothing."""
    if key is None:
        raise NotFound("No such API key.")
    return [] if key.revoked else [ApiKeyRevoked(reason=reason)]


def is_allowed(held: Iterable[Scope], wanted: Scope) -> bool:
    """`admin` covers its workspace; only `operator` makes workspaces; writing includes reading and running.

    To promote a version against its gate is no part of writing: it takes `models:override` itself, or `admin`.
    """
    scopes = set(held)
    if wanted == "operator":
        return "operator" in scopes
    if wanted == "models:override":
        return bool({"admin", wanted} & scopes)
    return bool({"admin", wanted, f"{wanted.split(':')[0]}:write"} & scopes)


def generate_secret() -> str:
    """A new key: 256 random bits."""
    return f"tl_{secrets.token_urlsafe(32)}"


def hash_secret(key: str) -> bytes:
    """What is stored of a key. It is random enough that a plain hash cannot be turned back."""
    return hashlib.sha256(key.encode()).digest()


def build_hint(key: str) -> str:
    """The end of a key, by which its owner knows it again."""
    return f"tl_…{key[-4:]}"


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
