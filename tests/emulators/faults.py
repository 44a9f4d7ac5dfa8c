"""Faults on request, a clock that tests can turn, and counts of calls: what all emulators of providers share."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

EPOCH = 1_790_000_000.0  # where a turned clock begins
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Clock:
    """Seconds since the emulator began. It stands still until it is turned, unless it is `running`."""

    def __init__(self, *, running: bool = False) -> None:
        self._began = time.monotonic() if running else None
        self._turned = 0.0

    def now(self) -> float:
        return self._turned + (time.monotonic() - self._began if self._began is not None else 0.0)

    def advance(self, seconds: float) -> None:
        self._turned += seconds

    def timestamp(self, at: float | None = None) -> str:
        moment = datetime.fromtimestamp(EPOCH + (self.now() if at is None else at), UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass
class Fault:
    """What happens to the next `times` calls that match `call`, a regular expression for `METHOD /path`.

    `drop` cuts the connection, `before` or `after` the call was carried out. `delay` comes after it was carried out.
    """

    call: str
    times: int = 1
    status: int | None = None
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    drop: str | None = None
    delay: float = 0.0
    content: bytes | None = None


class Faults:
    """Middleware: counts the calls, and the carried out ones in `done`."""

    def __init__(self) -> None:
        self.queue: list[Fault] = []
        self.calls: Counter[str] = Counter()
        self.done: Counter[str] = Counter()

    def add(self, call: str, **fault: Any) -> None:
        self.queue.append(Fault(call, **fault))

    def take(self, call: str) -> Fault | None:
        for fault in self.queue:
            if fault.times > 0 and re.fullmatch(fault.call, call):
                fault.times -= 1
                return fault
        return None

    @web.middleware
    async def handle(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        call = f"{request.method} {request.path}"
        self.calls[call] += 1
        fault = self.take(call)
        if fault is None:
            answer = await handler(request)
            self.done[call] += 1
            return answer
        return await self._answer(request, handler, fault, call)

    async def _answer(self, request: web.Request, handler: Handler, fault: Fault, call: str) -> web.StreamResponse:
        if fault.drop == "before":
            return cut(request)
        if fault.status is not None:
            await request.read()
            body = fault.body if fault.body is not None else {"error": {"message": "On request.", "type": "fault"}}
            return web.json_response(body, status=fault.status, headers=fault.headers)
        answer = await handler(request)
        self.done[call] += 1
        await asyncio.sleep(fault.delay)
        if fault.drop == "after":
            return cut(request)
        return (
            web.Response(body=fault.content, content_type="application/json") if fault.content is not None else answer
        )


def cut(request: web.Request) -> web.StreamResponse:
    """Close the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


@asynccontextmanager
async def serve(app: web.Application, *, port: int = 0) -> AsyncIterator[str]:
    """The address of an emulator on the loopback interface, in this event loop."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
