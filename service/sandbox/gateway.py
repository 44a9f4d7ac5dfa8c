"""What every request passes on its way in and out: its id, its key, the count, and the faults that were asked for."""

import asyncio
import re
import secrets
from collections.abc import Callable, Iterable
from contextlib import suppress

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from service.sandbox.completions.client_requests import Caller
from service.sandbox.completions.traffic import Traffic
from service.sandbox.faults import AT_THE_DOOR, Faults, refusal
from service.sandbox.wire import Refusal

CHAT = "POST /v1/chat/completions"


class Gate:
    def __init__(self, app: ASGIApp, faults: Faults, traffic: Traffic, templates: Iterable[str]) -> None:
        self._app = app
        self._faults = faults
        self._traffic = traffic
        self._templates = [(_pattern(template), template) for template in sorted(templates)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        path, method = scope["path"], scope["method"]
        if path.startswith("/v1/"):
            await self._provide(scope, receive, _signed(send), f"{method} {self._template(path)}")
        else:
            await self._app(scope, receive, _signed(send))

    async def _provide(self, scope: Scope, receive: Receive, send: Send, call: str) -> None:
        self._faults.calls[call] += 1
        if not _has_key(scope):
            message = "You didn't provide an API key. Send it as 'Authorization: Bearer KEY' or as 'api-key: KEY'."
            await refuse(send, Refusal(message, status=401))
            return
        if call == CHAT:
            await self._converse(scope, receive, send)
        else:
            await self._carry_out(scope, receive, send, call)

    async def _converse(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A chat request is read first: a fault may wait for its words. Its client is watched to the end."""
        caller = Caller(receive, send)
        with self._traffic.passing():
            try:
                await caller.listen()
                await self._carry_out(scope, caller.receive, caller.send, CHAT, said=caller.said, gone=caller.gone)
            finally:
                if await caller.left_early():
                    self._traffic.hung_up()

    async def _carry_out(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        call: str,
        *,
        said: Callable[[], str] = lambda: "",
        gone: asyncio.Event | None = None,
    ) -> None:
        method = call.partition(" ")[0]
        fault = self._faults.take(*AT_THE_DOOR, method=method, path=scope["path"], said=said)
        if fault and (no := refusal(fault)):
            await refuse(send, no)
        elif fault and fault.kind == "hangs":
            with suppress(TimeoutError):
                await asyncio.wait_for((gone or asyncio.Event()).wait(), fault.seconds)
            await _cut(send)
        elif fault and fault.kind == "drop_reply":
            await self._app(scope, receive, self._counting(_swallow, call))
            await _cut(send)
        else:
            await asyncio.sleep(fault.seconds if fault else 0)
            await self._app(scope, receive, self._counting(send, call))

    def _counting(self, send: Send, call: str) -> Send:
        async def counting(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:  # noqa: PLR2004 - it was done
                self._faults.done[call] += 1
            await send(message)

        return counting

    def _template(self, path: str) -> str:
        return next((template for pattern, template in self._templates if pattern.fullmatch(path)), "unknown")


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{.*?\\\}", "[^/]+", re.escape(template)))


def _has_key(scope: Scope) -> bool:
    headers = dict(scope["headers"])
    scheme, _, key = headers.get(b"authorization", b"").partition(b" ")
    return bool(headers.get(b"api-key", b"").strip() or (scheme.lower() == b"bearer" and key.strip()))


def _signed(send: Send) -> Send:
    async def signed(message: Message) -> None:
        if message["type"] == "http.response.start":
            mine = [
                (b"x-request-id", f"req_{secrets.token_hex(16)}".encode()),
                (b"x-sandbox", b"true"),
                (b"openai-version", b"2020-10-01"),
            ]
            message["headers"] = [*message["headers"], *mine]
        await send(message)

    return signed


async def refuse(send: Send, no: Refusal) -> None:
    body = msgspec.json.encode(no.body)
    headers = {"content-type": "application/json", "content-length": str(len(body)), **no.headers}
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": no.status, "headers": raw})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _swallow(message: Message) -> None:
    """A reply nobody will read."""


async def _cut(send: Send) -> None:
    """Promise a thousand bytes, send one and hang up: the server closes the connection in the middle of the reply."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
    await send({"type": "http.response.body", "body": b"{", "more_body": True})
