"""The queue of uploads in one process: few are read at a time, and no workspace keeps others from it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from uuid import UUID

from service.errors import TooManyRequests

READERS = 4
MAX_UPLOADS = 32
MAX_WAITING_BYTES = 256 * 2**20
RETRY_SECONDS = 5.0


class QueueFull(TooManyRequests):
    """Too many documents wait to be read"""

    code = "document_queue_full"


class UploadQueue:
    """Uploads that are received, wait or are read. One workspace gets at most half of places, bytes and readers."""

    def __init__(
        self, *, readers: int = READERS, uploads: int = MAX_UPLOADS, waiting_bytes: int = MAX_WAITING_BYTES
    ) -> None:
        self._readers = readers
        self._limits = {"uploads": uploads, "bytes": waiting_bytes}
        self._used: dict[str, Counter[UUID]] = {"uploads": Counter(), "bytes": Counter()}
        self._reading: Counter[UUID] = Counter()
        self._waiting: dict[asyncio.Future[None], UUID] = {}  # the first come first
        self._last_turn: dict[UUID, int] = {}  # of the workspaces that have uploads here
        self._turns = 0

    @contextmanager
    def place(self, workspace_id: UUID, *, size: int) -> Iterator[None]:
        """Hold a place for an upload of at most `size` bytes. Raises QueueFull."""
        need = {"uploads": 1, "bytes": size}
        for name, used in self._used.items():
            limit, total = self._limits[name], used.total()
            if used[workspace_id] + need[name] > (limit + 1) // 2 or total + need[name] > limit:
                raise QueueFull("Too many documents wait to be read; try again.", retry_after=RETRY_SECONDS)
        for name, used in self._used.items():
            used[workspace_id] += need[name]
        try:
            yield
        finally:
            for name, used in self._used.items():
                used[workspace_id] -= need[name]
            if not self._used["uploads"][workspace_id]:
                self._forget(workspace_id)

    @asynccontextmanager
    async def reader(self, workspace_id: UUID) -> AsyncIterator[None]:
        """Wait for a reader, and hold it."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[turn] = workspace_id
        self._hand_out()
        try:
            await turn
            yield
        finally:
            if self._waiting.pop(turn, None) is None:
                self._reading[workspace_id] -= 1
            self._hand_out()

    def _hand_out(self) -> None:
        """Give free readers to whoever holds fewer than are free, the workspace with the oldest turn first."""
        while True:
            free = self._readers - self._reading.total()
            entitled = [turn for turn, workspace in self._waiting.items() if self._reading[workspace] < free]
            if not entitled:
                return
            turn = min(entitled, key=lambda turn: self._last_turn.get(self._waiting[turn], 0))
            workspace_id = self._waiting.pop(turn)
            self._reading[workspace_id] += 1
            self._turns += 1
            self._last_turn[workspace_id] = self._turns
            if not turn.cancelled():  # else its `reader` gives it back at once
                turn.set_result(None)

    def _forget(self, workspace_id: UUID) -> None:
        self._last_turn.pop(workspace_id, None)
        for counter in (*self._used.values(), self._reading):
            del counter[workspace_id]
