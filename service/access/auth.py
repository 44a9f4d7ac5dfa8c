"""Who a request is from: its key becomes a Caller, and each route says which scope it needs."""

import re
import time
from datetime import UTC, datetime
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access import domain as keys
from service.access import projection as views
from service.access.domain import Scope
from service.access.projection import KeyHolder
from service.errors import Forbidden, Unauthenticated
from service.ledger.store import Caller

FRESH_SECONDS = 1.0  # how long another process may go on accepting a key after it was revoked
_BEARER = re.compile(r"^Bearer +(tl_[A-Za-z0-9_-]{20,200})$", re.IGNORECASE)


class ApiKeyCache:
    """Looks keys up, and remembers each answer for a second: a busy client sends the same key with every request."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._known: dict[bytes, tuple[float, KeyHolder]] = {}

    async def identify(self, authorization: str | None) -> KeyHolder:
        """Raises Unauthenticated when the key is missing, unknown, revoked or expired."""
        match = _BEARER.match(authorization or "")
        if match is None:
            raise Unauthenticated("Send an API key: `Authorization: Bearer tl_…`.")
        found = await self._find(keys.hash_secret(match[1]))
        if found is None:
            raise Unauthenticated("This API key is not known.")
        if found.revoked_at is not None:
            raise Unauthenticated("This API key was revoked.")
        if found.expires_at is not None and found.expires_at <= datetime.now(UTC):
            raise Unauthenticated("This API key has expired.")
        return found

    def forget(self) -> None:
        """After a revocation in this process, nothing remembered counts."""
        self._known.clear()

    async def _find(self, digest: bytes) -> KeyHolder | None:
        now = time.monotonic()
        at, found = self._known.get(digest, (0.0, None))
        if found is not None and now - at < FRESH_SECONDS:
            return found
        found = await views.find_key_holder(self.engine, digest)
        if found is not None:
            if len(self._known) > 10_000:  # noqa: PLR2004 - a bound, so that a flood of keys cannot fill the memory
                self._known.clear()
            self._known[digest] = (now, found)
        return found


class Needs:
    """A guard: the route is for keys with this scope. The OpenAPI document tells it too."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    # Async, though it awaits nothing: Litestar runs any other guard in a thread.
    async def __call__(self, connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        holder: KeyHolder = connection.scope["state"]["holder"]
        if not keys.is_allowed(holder.scopes, self.scope):
            raise Forbidden(f"This API key lacks the scope {self.scope}.")


def needs(scope: Scope) -> Needs:
    return Needs(scope)


def provide_caller(request: Request[Any, Any, Any]) -> Caller:
    caller: Caller = request.scope["state"]["caller"]
    return caller


def provide_holder(request: Request[Any, Any, Any]) -> KeyHolder:
    holder: KeyHolder = request.scope["state"]["holder"]
    return holder
