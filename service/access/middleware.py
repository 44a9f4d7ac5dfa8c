"""Middleware of /v1: authenticate, limit the rate, and handle Idempotency-Key."""

import asyncio
import hashlib
import re
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, cast

import msgspec
import structlog
from limits import RateLimitItemPerMinute
from limits.strategies import FixedWindowRateLimiter
from litestar import Request
from litestar.datastructures import Headers
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from service.access.auth import ApiKeyCache
from service.access.domain import KeyHolder
from service.access.limits.body_limits import LimitedBody
from service.access.limits.rate_counters import RateCounters
from service.access.limits.workspace_limits import WorkspaceLimits
from service.database.fair_pool import current_workspace
from service.errors import KeyReused, TooManyRequests
from service.http import idempotency
from service.http.headers.request_ids import find_client_request_id, get_request_id
from service.http.idempotency import Repeat
from service.http.responses import StoredResponse
from service.ledger.store import Caller, Claim

_LENGTH = re.compile(r"[0-9]{1,15}")


class ApiMiddleware(ASGIMiddleware):
    """Sets `caller` and `holder` in the request's state, or raises a Problem."""

    def __init__(
        self,
        keys: Callable[[], ApiKeyCache],
        *,
        requests_per_minute: int,
        limits: WorkspaceLimits,
    ) -> None:
        self._keys = keys
        self._limits = limits
        self._limiter = FixedWindowRateLimiter(RateCounters())
        self._limit = RateLimitItemPerMinute(requests_per_minute) if requests_per_minute else None

    def __deepcopy__(self, _: object) -> "ApiMiddleware":
        return self  # Litestar copies its routers; an open engine is shared, not copied

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        headers = Headers.from_scope(scope)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=get_request_id(scope))
        if sent := find_client_request_id(scope):
            structlog.contextvars.bind_contextvars(client_request_id=sent)
        authorization = headers.get("authorization")
        holder = await self._keys().identify(authorization, request_id=get_request_id(scope))
        state = scope["state"]
        state["holder"] = holder
        current_workspace.set(holder.workspace_id)
        state["caller"] = Caller(
            workspace_id=holder.workspace_id,
            actor=holder.name,
            request_id=get_request_id(scope),
            key_id=holder.key_id,
        )
        structlog.contextvars.bind_contextvars(actor=holder.name, workspace=str(holder.workspace_id))
        self._check_rate_limit(str(holder.credential_id), state)
        self._limits.count_request(holder.workspace_id)
        state["limits"], state["engine"] = self._limits, self._keys().engine
        key = idempotency.parse_key(headers.get("idempotency-key")) if cast("Any", scope)["method"] == "POST" else None
        body = LimitedBody(receive, self._limits.bodies, holder.workspace_id, declared=_declared_length(scope, headers))
        try:
            if key is None:
                with self._limits.hold_stream(holder.workspace_id) if _is_stream(scope) else nullcontext():
                    await next_app(scope, body, send)
            else:
                await self._handle_once(scope, body, send, next_app, key)
        finally:
            body.release()

    async def _handle_once(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp, key: str) -> None:
        request: Request[Any, Any, Any] = scope["litestar_app"].request_class(scope, receive=receive)
        # Before anything is replayed or read; Litestar runs the guards again before the handler.
        await cast("Any", scope)["route_handler"].authorize_connection(request)
        state = scope["state"]
        claim = await self._claim(request, state["holder"], key)
        if isinstance(claim, Repeat):
            await _replay(claim.response, send)
            return
        state["caller"] = msgspec.structs.replace(state["caller"], claim=claim)
        body = _hash_while_reading(receive, claim, request) if _is_streamed_body(request.scope) else receive
        await self._run_once(scope, body, send, next_app, claim)

    def _check_rate_limit(self, credential_id: str, state: dict[str, Any]) -> None:
        if self._limit is None:
            return
        is_admitted = self._limiter.hit(self._limit, credential_id)
        window = self._limiter.get_window_stats(self._limit, credential_id)
        seconds = max(1, round(window.reset_time - time.time()))
        state["rate_limit"] = (self._limit.amount, window.remaining, seconds)
        if not is_admitted:
            raise TooManyRequests(f"More than {self._limit.amount} requests in a minute.", retry_after=seconds)

    async def _claim(self, request: Request[Any, Any, Any], holder: KeyHolder, key: str) -> Claim | Repeat:
        """Claim the key. Raises KeyReused when it was used for another request, InFlight while that one runs."""
        is_streamed = _is_streamed_body(request.scope)
        digest = hashlib.sha256(b"" if is_streamed else await request.body()).digest()
        route = f"{request.method} {request.scope['path_template']}"
        claim = await idempotency.claim(
            self._keys().engine, holder.workspace_id, holder.credential_id, route, key, _hash_request(request, digest)
        )
        if isinstance(claim, Repeat):
            if is_streamed:
                digest = await _hash_stream(request)
            if claim.fingerprint != _hash_request(request, digest):
                raise KeyReused("This Idempotency-Key was used for another request; use a new one.")
        return claim

    async def _run_once(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp, claim: Claim) -> None:
        """Send the response only once it is stored, so that a client that has it can also get it again."""
        messages: list[Message] = []
        answered = asyncio.Event()

        async def collect(message: Message) -> None:
            messages.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                answered.set()

        engine = self._keys().engine
        try:
            async with idempotency.renewed(engine, claim):
                await next_app(scope, _receive_until(answered, scope, receive), collect)
        finally:
            await idempotency.settle(engine, claim, messages)
        for message in messages:
            await send(message)


def _is_stream(scope: Scope) -> bool:
    """Whether the response is a live stream."""
    return bool(cast("Any", scope)["route_handler"].media_type == "text/event-stream")


def _declared_length(scope: Scope, headers: Headers) -> int | None:
    """The length that a client announced for a body that is held as a whole; None for a streamed one."""
    if _is_streamed_body(scope):
        return None
    length = headers.get("content-length", "")
    return int(length) if _LENGTH.fullmatch(length) else 0


def _is_streamed_body(scope: Scope) -> bool:
    """Whether the handler reads the body piece by piece."""
    return bool(cast("Any", scope)["route_handler"].opt.get("streamed_body", False))


def _hash_request(request: Request[Any, Any, Any], body_digest: bytes) -> bytes:
    return idempotency.hash_request(request.scope["path"].encode(), request.scope["query_string"], body_digest)


async def _hash_stream(request: Request[Any, Any, Any]) -> bytes:
    digest = hashlib.sha256()
    async for part in request.stream():
        digest.update(part)
    return digest.digest()


def _hash_while_reading(receive: Receive, claim: Claim, request: Request[Any, Any, Any]) -> Receive:
    """Complete the claim's fingerprint when the handler has read the whole body, which is too long to be read twice."""
    digest = hashlib.sha256()

    async def receive_and_hash() -> Any:
        message = await receive()
        if message["type"] == "http.request":
            digest.update(message.get("body", b""))
            if not message.get("more_body", False):
                claim.fingerprint = _hash_request(request, digest.digest())
        return message

    return receive_and_hash


def _receive_until(answered: asyncio.Event, scope: Scope, receive: Receive) -> Receive:
    """Say that the client has left once the response is complete: a streamed one waits for that.

    Until then nobody is told that it left, or its repeat would get half a response. A body is received to its end.
    """
    has_body = _is_streamed_body(scope)

    async def receive_rest() -> Any:
        nonlocal has_body
        if has_body:
            message = await receive()
            has_body = message["type"] == "http.request" and message.get("more_body", False)
            return message
        await answered.wait()
        return {"type": "http.disconnect"}

    return receive_rest


async def _replay(stored: StoredResponse, send: Send) -> None:
    headers = {"content-type": "application/json", **{k.lower(): v for k, v in stored.headers.items()}}
    headers["idempotency-replayed"] = "true"
    headers["content-length"] = str(len(stored.body))
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": stored.status, "headers": raw})
    await send({"type": "http.response.body", "body": stored.body, "more_body": False})
