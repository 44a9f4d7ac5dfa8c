"""Insert the rows of single calls together: those that come while others are being written are one statement."""

import asyncio
from collections import defaultdict
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy.ext.asyncio import AsyncEngine

from service.monitoring.requests.call_validation import RequestRow
from service.monitoring.requests.inserts import insert_requests

MAX_ROWS = 100  # of a statement
Written = asyncio.Future[None]

_queues: WeakKeyDictionary[AsyncEngine, "InsertQueue"] = WeakKeyDictionary()


class InsertQueue:
    """One statement at a time for each workspace and caller, so that many calls cost few statements."""

    def __init__(self) -> None:
        self._waiting: defaultdict[tuple[UUID, str], list[tuple[RequestRow, Written]]] = defaultdict(list)
        self._writers: dict[tuple[UUID, str], asyncio.Task[None]] = {}

    async def insert(self, engine: AsyncEngine, workspace_id: UUID, row: RequestRow, *, by: str) -> None:
        """Insert the row; returns once it is written. Raises what inserting it alone raises."""
        key, written = (workspace_id, by), asyncio.get_running_loop().create_future()
        self._waiting[key].append((row, written))
        if key not in self._writers:
            self._writers[key] = asyncio.create_task(self._write(engine, key))
        await written

    async def _write(self, engine: AsyncEngine, key: tuple[UUID, str]) -> None:
        try:
            while waiting := self._waiting.get(key):
                batch = waiting[:MAX_ROWS]
                del waiting[:MAX_ROWS]
                await _insert(engine, key, batch)
        finally:
            self._waiting.pop(key, None)
            del self._writers[key]


async def _insert(engine: AsyncEngine, key: tuple[UUID, str], batch: list[tuple[RequestRow, Written]]) -> None:
    workspace_id, by = key
    try:
        await insert_requests(engine, workspace_id, [row for row, _ in batch], by=by)
    except Exception as error:  # noqa: BLE001 - it is the caller's
        if len(batch) == 1:
            batch[0][1].set_exception(error)
            return
        for each in batch:  # one row that cannot be stored does not take the others with it
            await _insert(engine, key, [each])
    else:
        for _, written in batch:
            if not written.done():
                written.set_result(None)


def get_insert_queue(engine: AsyncEngine) -> InsertQueue:
    """The queue of this process for the database."""
    return _queues.setdefault(engine, InsertQueue())
