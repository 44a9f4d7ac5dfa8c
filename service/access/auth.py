"""Authentication: find a request's API key or token, and check the scope that a route requires."""

import asyncio
import re
import time
from contextvars import Context
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access import queries
from service.access.domain import KeyHolder, Scope, hash_secret, is_allowed
from service.access.roles import Authority
from service.access.sign_in.token_holders import TokenHolders
from service.database.engine import DATABASE_ERRORS
from service.database.fair_pool import current_workspace
from service.errors import Forbidden, Unauthenticated
from service.ledger.store import Caller
from service.server.metrics import REFUSED_KEYS

CACHE_SECONDS = 1.0  # how long another process may still accept a key after it, or its member, was ended
MAX_CACHED_KEYS = 10_000  # so that a flood of keys cannot fill the memory
USE_INTERVAL = timedelta(minutes=1)  # of what `last_used_at` says
_BEARER = re.compile(r"^Bearer +(tl_[A-Za-z0-9_-]{20,200})$", re.IGNORECASE)
_TOKEN = re.compile(r"^Bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*)$", re.IGNORECASE)

# All who are not known yet share the connections of one workspace.
_NOBODY = Context()
_NOBODY.run(current_workspace.set, UUID(int=0))

log = structlog.get_logger(__name__)


class ApiKeyCache:
    """Finds API keys and caches each for a second, since a busy client sends the same key with every request.

    Unknown keys are cached, too, so that a flood of them does not reach the database.
    """

    def __init__(self, engine: AsyncEngine, tokens: TokenHolders | None = None) -> None:
        self.engine = engine
        self._tokens = tokens
        self._cache: dict[bytes, tuple[float, KeyHolder | None]] = {}
        self._loading: dict[bytes, tuple[float, asyncio.Task[KeyHolder | None]]] = {}

    async def identify(self, authorization: str | None, *, request_id: str = "") -> KeyHolder:
        """Find the key, or the token's member, of an Authorization header.

        Raises Unauthenticated when it is missing, unknown or has ended.
        """
        if self._tokens and (token := _TOKEN.match(authorization or "")):
            return await self._tokens.identify(token[1], request_id=request_id)
        match = _BEARER.match(authorization or "")
        if match is None:
            others = f", or a token of {' or '.join(self._tokens.issuers)}" if self._tokens else ""
            raise refuse("missing", f"Send an API key: `Authorization: Bearer tl_…`{others}.")
        holder = await self._find(hash_secret(match[1]))
        if holder is None:
            raise refuse("unknown", "Unknown API key.")
        if holder.revoked_at is not None:
            raise refuse("revoked", "This API key was revoked.")
        if holder.expires_at is not None and holder.expires_at <= datetime.now(UTC):
            raise refuse("expired", "This API key has expired.")
        if holder.is_suspended:
            raise refuse("suspended", "The member whose API key this is was suspended.")
        return holder

    def forget(self) -> None:
        """Empty the cache, after a change of keys or members in this process."""
        self._cache.clear()
        self._loading.clear()
        if self._tokens:
            self._tokens.forget()

    async def _find(self, digest: bytes) -> KeyHolder | None:
        now = time.monotonic()
        cached_at, holder = self._cache.get(digest, (-CACHE_SECONDS, None))
        if now - cached_at < CACHE_SECONDS:
            return holder
        # Requests that come together share one query: each of its own would take all connections from everybody.
        started_at, loading = self._loading.get(digest, (-CACHE_SECONDS, None))
        if loading is None or now - started_at >= CACHE_SECONDS:
            loading = asyncio.create_task(self._load(digest, now), context=_NOBODY)
            self._loading[digest] = (now, loading)
        return await asyncio.shield(loading)

    async def _load(self, digest: bytes, now: float) -> KeyHolder | None:
        this = asyncio.current_task()
        try:
            holder = await queries.find_key_holder(self.engine, digest)
            if self._loading.get(digest, (now, None))[1] is this:  # else the keys have changed meanwhile
                if len(self._cache) >= MAX_CACHED_KEYS:
                    self._cache.clear()
                self._cache[digest] = (now, holder)
        finally:
            if self._loading.get(digest, (now, None))[1] is this:
                del self._loading[digest]
        if holder is not None:
            await self._record_use(holder)
        return holder

    async def _record_use(self, holder: KeyHolder) -> None:
        last = holder.last_used_at
        if last is not None and datetime.now(UTC) - last < USE_INTERVAL:
            return
        try:
            await queries.record_use(self.engine, holder)
        except DATABASE_ERRORS as error:  # it matters less than the request
            log.warning("key_use_not_recorded", error=str(error)[:300])


def refuse(reason: str, detail: str) -> Unauthenticated:
    """Count the refusal, and build its error."""
    REFUSED_KEYS.labels(reason).inc()
    return Unauthenticated(detail)


class ScopeGuard:
    """A guard that lets in keys with one scope. The OpenAPI document names the scope too."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    # Async, though it awaits nothing: Litestar runs a sync guard in a thread.
    async def __call__(self, connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        holder: KeyHolder = connection.scope["state"]["holder"]
        if not is_allowed(holder.scopes, self.scope):
            credential = "API key" if holder.key_id else "token"
            raise Forbidden(f"This {credential} lacks the scope {self.scope}.")


def require_scope(scope: Scope) -> ScopeGuard:
    """Build the guard of a route that needs this scope."""
    return ScopeGuard(scope)


def check_scope(authority: Authority, scope: Scope, *, what: str) -> None:
    """Raises Forbidden unless the caller has a scope that a part of the answer needs."""
    if not is_allowed(authority.scopes, scope):
        raise Forbidden(f"{what} needs the scope {scope}.")


def provide_caller(request: Request[Any, Any, Any]) -> Caller:
    caller: Caller = request.scope["state"]["caller"]
    return caller


def provide_holder(request: Request[Any, Any, Any]) -> KeyHolder:
    holder: KeyHolder = request.scope["state"]["holder"]
    return holder


def provide_authority(request: Request[Any, Any, Any]) -> Authority:
    holder = provide_holder(request)
    return Authority(scopes=holder.scopes, role=holder.role, member_id=holder.member_id)
