"""Middleware of /v1: authenticate, limit the rate, and handle Idempotency-Key."""

import time
from collections.abc import Callable
from typing import Any

import structlog
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from litestar import Request
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from service.access.auth import ApiKeyCache
from service.errors import TooManyRequests
from service.http import idempotency
from service.http.request_ids import get_request_id
from service.http.responses import StoredResponse
from service.ledger.store import Caller, Claim


class ApiMiddleware(ASGIMiddleware):
    """Sets `caller` and `holder` in the request's state, or raises a Problem."""

    def __init__(self, keys: Callable[[], ApiKeyCache], *, requests_per_minute: int) -> None:
        self._keys = keys
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._limit = RateLimitItemPerMinute(requests_per_minute) if requests_per_minute else None

    def __deepcopy__(self, _: object) -> "ApiMiddleware":
        return self  # Litestar copies its routers; an open engine is shared, not copied

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        request: Request[Any, Any, Any] = scope["litestar_app"].request_class(scope, receive=receive)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=get_request_id(scope))
        holder = await self._keys().identify(request.headers.get("authorization"))
        state = scope["state"]
        state["holder"] = holder
        caller = Caller(workspace_id=holder.workspace_id, actor=holder.name, request_id=get_request_id(scope))
        structlog.contextvars.bind_contextvars(actor=holder.name, workspace=str(holder.workspace_id))
        self._check_rate_limit(str(holder.key_id), state)
        key = idempotency.parse_key(request.headers.get("idempotency-key")) if request.method == "POST" else None
        if key is None:
            state["caller"] = caller
            await next_app(scope, receive, send)
            return
        claim = await self._claim(request, caller, key)
        if isinstance(claim, StoredResponse):
            await _replay(claim, send)
            return
        state["caller"] = Caller(
            workspace_id=caller.workspace_id, actor=caller.actor, request_id=caller.request_id, claim=claim
        )
        await self._run_once(scope, receive, send, next_app, claim)

    def _check_rate_limit(self, key_id: str, state: dict[str, Any]) -> None:
        if self._limit is None:
            return
        is_admitted = self._limiter.hit(self._limit, key_id)
        window = self._limiter.get_window_stats(self._limit, key_id)
        seconds = max(1, round(window.reset_time - time.time()))
        state["rate_limit"] = (self._limit.amount, window.remaining, seconds)
        if not is_admitted:
            raise TooManyRequests(f"More than {self._limit.amount} requests in a minute.", retry_after=seconds)

    async def _claim(self, request: Request[Any, Any, Any], caller: Caller, key: str) -> Claim | StoredResponse:
        scope: Any = request.scope
        streamed = scope["route_handler"].opt.get("streamed_body", False)
        # A streamed body is not read twice, so its length stands for it; importing a file twice adds nothing anyway.
        body = request.headers.get("content-length", "").encode() if streamed else await request.body()
        parts = (scope["path"].encode(), scope["query_string"], body)
        route = f"{request.method} {scope['path_template']}"
        return await idempotency.claim(
            self._keys().engine, caller.workspace_id, route, key, idempotency.hash_request(*parts)
        )

    async def _run_once(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp, claim: Claim) -> None:
        """Send the response only once it is stored, so that a client that has it can also get it again."""
        messages: list[Message] = []

        async def collect(message: Message) -> None:
            messages.append(message)

        try:
            await next_app(scope, receive, collect)
        finally:
            await idempotency.settle(self._keys().engine, scope["state"]["holder"].workspace_id, claim, messages)
        for message in messages:
            await send(message)


async def _replay(stored: StoredResponse, send: Send) -> None:
    headers = {"content-type": "application/json", **{k.lower(): v for k, v in stored.headers.items()}}
    headers["idempotency-replayed"] = "true"
    headers["content-length"] = str(len(stored.body))
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": stored.status, "headers": raw})
    await send({"type": "http.response.body", "body": stored.body, "more_body": False})
