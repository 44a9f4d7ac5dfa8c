"""A pool of connections to Postgres of which one workspace has at most half: who asks for much waits for itself."""

import asyncio
from contextvars import ContextVar
from typing import Any
from uuid import UUID
from weakref import WeakValueDictionary

import asyncpg
import sqlalchemy as sa
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.util.concurrency import await_only

from service.errors import TooManyRequests

# Whose request this is. Work that is nobody's in particular is not limited.
current_workspace: ContextVar[UUID | None] = ContextVar("current_workspace", default=None)


class FairPool(AsyncAdaptedQueuePool):
    """Hands out connections; those beyond a workspace's share wait for its own to come back."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._shares: WeakValueDictionary[UUID, asyncio.Semaphore] = WeakValueDictionary()
        self._held: dict[sa.pool.ConnectionPoolEntry, asyncio.Semaphore] = {}

    def _do_get(self) -> sa.pool.ConnectionPoolEntry:
        workspace_id = current_workspace.get()
        if workspace_id is None:
            return self._get()
        share = self._find_share(workspace_id)
        await_only(self._acquire(share))
        try:
            record = self._get()
        except BaseException:
            share.release()
            raise
        self._held[record] = share
        return record

    def _get(self) -> sa.pool.ConnectionPoolEntry:
        """A connection that breaks while it is set up is refused like any other: SQLAlchemy lets that error through."""
        try:
            return super()._do_get()
        except asyncpg.InterfaceError as error:
            raise sa.exc.InterfaceError(None, None, error, connection_invalidated=True) from error

    def _do_return_conn(self, record: sa.pool.ConnectionPoolEntry) -> None:
        share = self._held.pop(record, None)
        super()._do_return_conn(record)
        if share is not None:
            share.release()

    def _find_share(self, workspace_id: UUID) -> asyncio.Semaphore:
        known = self._shares.get(workspace_id)
        return known or self._shares.setdefault(workspace_id, asyncio.Semaphore(max(1, self.size() // 2)))

    async def _acquire(self, share: asyncio.Semaphore) -> None:
        """Raises TooManyRequests when none of the workspace's connections came back in time."""
        try:
            async with asyncio.timeout(self.timeout()):
                await share.acquire()
        except TimeoutError:
            detail = "This workspace has too many costly requests at once; send fewer."
            raise TooManyRequests(detail, retry_after=1) from None
