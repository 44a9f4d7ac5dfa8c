"""The way in to /v1: an API key, the rate limit, and an idempotency key that is new or already answered."""

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
from service.http.request_ids import request_id
from service.ledger.store import Answer, Caller, Claim


class ApiMiddleware(ASGIMiddleware):
    """Leaves `caller` and `holder` in the request's state, or refuses."""

    def __init__(self, keys: Callable[[], ApiKeyCache], *, requests_per_minute: int) -> None:
        self._keys = keys
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._limit = RateLimitItemPerMinute(requests_per_minute) if requests_per_minute else None

    def __deepcopy__(self, _: object) -> "ApiMiddleware":
        return self  # Litestar copies the routers it is given; an open engine is shared, not copied

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        request: Request[Any, Any, Any] = scope["litestar_app"].request_class(scope, receive=receive)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id(scope))
        holder = await self._keys().identify(request.headers.get("authorization"))
        state = scope["state"]
        state["holder"] = holder
        caller = Caller(workspace_id=holder.workspace_id, actor=holder.name, request_id=request_id(scope))
        structlog.contextvars.bind_contextvars(actor=holder.name, workspace=str(holder.workspace_id))
        self._admit(str(holder.key_id), state)
        key = idempotency.key_of(request.headers.get("idempotency-key")) if request.method == "POST" else None
        if key is None:
            state["caller"] = caller
            await next_app(scope, receive, send)
            return
        held = await self._claim(request, caller, key)
        if isinstance(held, Answer):
            await _replay(held, send)
            return
        state["caller"] = Caller(
            workspace_id=caller.workspace_id, actor=caller.actor, request_id=caller.request_id, claim=held
        )
        await self._run_once(scope, receive, send, next_app, held)

    def _admit(self, key_id: str, state: dict[str, Any]) -> None:
        if self._limit is None:
            return
        admitted = self._limiter.hit(self._limit, key_id)
        window = self._limiter.get_window_stats(self._limit, key_id)
        seconds = max(1, round(window.reset_time - time.time()))
        state["rate_limit"] = (self._limit.amount, window.remaining, seconds)
        if not admitted:
            raise TooManyRequests(f"More than {self._limit.amount} requests in a minute.", retry_after=seconds)

    async def _claim(self, request: Request[Any, Any, Any], caller: Caller, key: str) -> Claim | Answer:
        scope: Any = request.scope
        streamed = scope["route_handler"].opt.get("streamed_body", False)
        # A streamed body is not read twice: its length stands for it, and importing a file twice adds nothing anyway.
        body = request.headers.get("content-length", "").encode() if streamed else await request.body()
        parts = (scope["path"].encode(), scope["query_string"], body)
        route = f"{request.method} {scope['path_template']}"
        return await idempotency.claim(
            self._keys().engine, caller.workspace_id, route, key, idempotency.fingerprint(*parts)
        )

    async def _run_once(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp, held: Claim) -> None:
        """The answer leaves when it is stored, so that whoever has it can also get it again."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        try:
            await next_app(scope, receive, keep)
        finally:
            await idempotency.settle(self._keys().engine, scope["state"]["holder"].workspace_id, held, messages)
        for message in messages:
            await send(message)


async def _replay(known: Answer, send: Send) -> None:
    headers = {"content-type": "application/json", **{k.lower(): v for k, v in known.headers.items()}}
    headers["idempotency-replayed"] = "true"
    headers["content-length"] = str(len(known.body))
    raw = [(name.encode("latin-1"), text.encode("latin-1")) for name, text in headers.items()]
    await send({"type": "http.response.start", "status": known.status, "headers": raw})
    await send({"type": "http.response.body", "body": known.body, "more_body": False})
