"""Limits of bodies on their way in: how slowly they may come, and how many bytes may be held at once."""

import asyncio
import time
from collections import Counter
from typing import Any
from uuid import UUID

import msgspec
from litestar.types import Receive

from service.errors import Problem, TooManyRequests


class BodyTooSlow(Problem):
    """The body did not arrive in time"""

    status = 408
    code = "body_timeout"


class BodyLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds without progress, bytes a second overall, and bytes of JSON bodies held by a process or a workspace."""

    timeout: float = 60.0
    bytes_per_second: int = 100_000
    process_bytes: int = 256_000_000
    workspace_bytes: int = 64_000_000


class BodiesInFlight:
    """Counts the bytes of bodies that this process holds, by workspace."""

    def __init__(self, limits: BodyLimits) -> None:
        self.limits = limits
        self._held: Counter[UUID] = Counter()
        self._total = 0

    def held_by(self, workspace_id: UUID) -> int:
        """The bytes held for a workspace now."""
        return self._held[workspace_id]

    def hold(self, workspace_id: UUID, size: int) -> None:
        """Count `size` more bytes. Raises TooManyRequests, which names the limit. A body that is alone always fits."""
        held = self._held[workspace_id]
        if held and held + size > self.limits.workspace_bytes:
            raise _refuse("this workspace", self.limits.workspace_bytes, "TUNELEDGER_BODY_BYTES_WORKSPACE")
        if self._total and self._total + size > self.limits.process_bytes:
            raise _refuse("the server", self.limits.process_bytes, "TUNELEDGER_BODY_BYTES_PROCESS")
        self._held[workspace_id] += size
        self._total += size

    def release(self, workspace_id: UUID, size: int) -> None:
        """Give back what was held."""
        self._total -= size
        self._held[workspace_id] -= size
        if not self._held[workspace_id]:
            del self._held[workspace_id]


class LimitedBody:
    """A `receive` that ends a body that comes too slowly, and counts the bytes of one that is held as a whole."""

    def __init__(self, receive: Receive, bodies: BodiesInFlight, workspace_id: UUID, *, declared: int | None) -> None:
        """`declared` is the length that the client announced; None for a streamed body, which is not held."""
        self._receive = receive
        self._bodies = bodies
        self._workspace_id = workspace_id
        self._declared = declared
        self._held = 0
        self._received = 0
        self._waited = 0.0
        self._is_complete = False

    async def __call__(self) -> Any:
        """Receive the next message. Raises BodyTooSlow or TooManyRequests."""
        if self._is_complete:  # what follows is the client's leaving, which may take its time
            return await self._receive()
        if self._declared is not None:
            self._hold(self._declared)
        message = await self._receive_in_time()
        if message["type"] == "http.request":
            self._received += len(message.get("body", b""))
            self._is_complete = not message.get("more_body", False)
            if self._declared is not None:
                self._hold(self._received)
        return message

    def release(self) -> None:
        """Give back the bytes that were held."""
        self._bodies.release(self._workspace_id, self._held)
        self._held = 0

    def _hold(self, size: int) -> None:
        if size > self._held:
            self._bodies.hold(self._workspace_id, size - self._held)
            self._held = size

    async def _receive_in_time(self) -> Any:
        limits, started = self._bodies.limits, time.monotonic()
        # Only the time spent waiting for the client counts: a full database must not end an upload.
        left = limits.timeout + self._received / limits.bytes_per_second - self._waited
        try:
            async with asyncio.timeout(min(limits.timeout, left)):
                message: Any = await self._receive()
        except TimeoutError:
            detail = (
                f"The body came too slowly: send something every {limits.timeout:g} seconds, and"
                f" {limits.bytes_per_second} bytes a second overall."
            )
            raise BodyTooSlow(detail) from None
        self._waited += time.monotonic() - started
        return message


def _refuse(whose: str, limit: int, setting: str) -> TooManyRequests:
    detail = f"Bodies of {limit} bytes for {whose} are being received; send fewer at once ({setting})."
    return TooManyRequests(detail, retry_after=1)
