"""ASGI middleware of the sandbox: request id, API key, counts, and faults."""

import asyncio
import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from service.sandbox.completions.client_requests import ClientConnection
from service.sandbox.completions.traffic import Traffic
from service.sandbox.faults import REQUEST_FAULTS, Faults, build_refusal
from service.sandbox.wire import Refusal

CHAT_CALL = "POST /v1/chat/completions"
# As OpenAI's clients read them; nothing is counted, since the sandbox has no limits.
RATE_LIMITS = (
    (b"x-ratelimit-limit-requests", b"10000"),
    (b"x-ratelimit-limit-tokens", b"2000000"),
    (b"x-ratelimit-remaining-requests", b"9999"),
    (b"x-ratelimit-remaining-tokens", b"1999000"),
    (b"x-ratelimit-reset-requests", b"6ms"),
    (b"x-ratelimit-reset-tokens", b"30ms"),
)


class Gateway:
    def __init__(self, app: ASGIApp, faults: Faults, traffic: Traffic, templates: Iterable[str]) -> None:
        self._app = app
        self._faults = faults
        self._traffic = traffic
        self._templates = [(_compile_template(template), template) for template in sorted(templates)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        path, method = scope["path"], scope["method"]
        if path.startswith("/v1/"):
            call = f"{method} {self._find_template(path)}"
            more = RATE_LIMITS if call == CHAT_CALL else ()
            await self._handle_provider_call(scope, receive, _with_headers(send, more), call)
        else:
            await self._app(scope, receive, _with_headers(send))

    async def _handle_provider_call(self, scope: Scope, receive: Receive, send: Send, call: str) -> None:
        self._faults.calls[call] += 1
        if not _has_key(scope):
            message = "You didn't provide an API key. Send it as 'Authorization: Bearer KEY' or as 'api-key: KEY'."
            await send_refusal(send, Refusal(message, status=401))
            return
        if call == CHAT_CALL:
            await self._handle_chat(scope, receive, send)
        else:
            await self._handle_with_fault(scope, receive, send, call)

    async def _handle_chat(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read a chat request before handling it, because faults may depend on its text, and watch for a disconnect."""
        caller = ClientConnection(receive, send)
        with self._traffic.track():
            try:
                await caller.read_request()
                await self._handle_with_fault(
                    scope,
                    caller.receive,
                    caller.send,
                    CHAT_CALL,
                    get_text=caller.get_text,
                    disconnected=caller.disconnected,
                )
            finally:
                if await caller.finish():
                    self._traffic.count_disconnect()

    async def _handle_with_fault(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        call: str,
        *,
        get_text: Callable[[], str] = lambda: "",
        disconnected: asyncio.Event | None = None,
    ) -> None:
        method = call.partition(" ")[0]
        fault = self._faults.take(*REQUEST_FAULTS, method=method, path=scope["path"], get_text=get_text)
        if fault and (refused := build_refusal(fault)):
            await send_refusal(send, refused)
        elif fault and fault.kind == "hangs":
            with suppress(TimeoutError):
                await asyncio.wait_for((disconnected or asyncio.Event()).wait(), fault.seconds)
            await _break_reply(send)
        elif fault and fault.kind == "drop_reply":
            await self._app(scope, receive, self._count_success(_discard, call))
            await _break_reply(send)
        else:
            await asyncio.sleep(fault.seconds if fault else 0)
            await self._app(scope, receive, self._count_success(send, call))

    def _count_success(self, send: Send, call: str) -> Send:
        async def send_and_count(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:  # noqa: PLR2004 - it was done
                self._faults.completed[call] += 1
            await send(message)

        return send_and_count

    def _find_template(self, path: str) -> str:
        return next((template for pattern, template in self._templates if pattern.fullmatch(path)), "unknown")


def _compile_template(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{.*?\\\}", "[^/]+", re.escape(template)))


def _has_key(scope: Scope) -> bool:
    headers = dict(scope["headers"])
    scheme, _, key = headers.get(b"authorization", b"").partition(b" ")
    return bool(headers.get(b"api-key", b"").strip() or (scheme.lower() == b"bearer" and key.strip()))


def _with_headers(send: Send, more: Sequence[tuple[bytes, bytes]] = ()) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            extra_headers = [
                (b"x-request-id", f"req_{secrets.token_hex(16)}".encode()),
                (b"x-sandbox", b"true"),
                (b"openai-version", b"2020-10-01"),
                *more,
            ]
            message["headers"] = [*message["headers"], *extra_headers]
        await send(message)

    return send_with_headers


async def send_refusal(send: Send, refused: Refusal) -> None:
    body = msgspec.json.encode(refused.body)
    headers = {"content-type": "application/json", "content-length": str(len(body)), **refused.headers}
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": refused.status, "headers": raw})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _discard(message: Message) -> None:
    """Drop a message of a response that is not sent."""


async def _break_reply(send: Send) -> None:
    """Announce a thousand bytes but send one, so that the server breaks off the connection."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
    await send({"type": "http.response.body", "body": b"{", "more_body": True})
