"""Limits of bodies on their way in: how slowly they may come, and how many bytes may be held at once."""

import asyncio
import time
from collections import Counter
from typing import Any
from uuid import UUID

from litestar.types import Receive

from service.errors import Fault, LimitReached, Problem, TooManyRequests

BYTES_PER_SECOND = 100_000  # overall, of a body on its way


class BodyTooSlow(Problem):
    """The body did not arrive in time"""

    status = 408
    code = "body_timeout"


class BodiesInFlight:
    """Counts the bytes of bodies that this process holds, by workspace."""

    def __init__(self, *, timeout: float, process_bytes: int, workspace_bytes: int) -> None:
        """`timeout`: seconds without progress. The bytes are those of JSON bodies held at once."""
        self.timeout = timeout
        self._process_bytes = process_bytes
        self._workspace_bytes = workspace_bytes
        self._held: Counter[UUID] = Counter()
        self._total = 0

    def held_by(self, workspace_id: UUID) -> int:
        """The bytes held for a workspace now."""
        return self._held[workspace_id]

    def hold(self, workspace_id: UUID, size: int) -> None:
        """Count `size` more bytes. Raises TooManyRequests, which names the limit. A body that is alone always fits."""
        held = self._held[workspace_id]
        if held and held + size > self._workspace_bytes:
            detail = _describe("this workspace", self._workspace_bytes, "TUNELEDGER_BODY_BYTES_WORKSPACE")
            raise LimitReached(detail, errors=[Fault(detail=detail, code="body_bytes")], retry_after=1)
        if self._total and self._total + size > self._process_bytes:
            detail = _describe("the server", self._process_bytes, "TUNELEDGER_BODY_BYTES_PROCESS")
            raise TooManyRequests(detail, retry_after=1)
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
        timeout, started = self._bodies.timeout, time.monotonic()
        # Only the time spent waiting for the client counts: a full database must not end an upload.
        left = timeout + self._received / BYTES_PER_SECOND - self._waited
        try:
            async with asyncio.timeout(min(timeout, left)):
                message: Any = await self._receive()
        except TimeoutError:
            detail = (
                f"The body came too slowly: send something every {timeout:g} seconds, and"
                f" {BYTES_PER_SECOND} bytes a second overall."
            )
            raise BodyTooSlow(detail) from None
        self._waited += time.monotonic() - started
        return message


def _describe(whose: str, limit: int, setting: str) -> str:
    return f"Bodies of {limit} bytes for {whose} are being received; send fewer at once ({setting})."
