"""A lease that a heartbeat extends while its holder works."""

import asyncio
from contextlib import suppress
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import DATABASE_ERRORS
from service.ledger import leases
from service.ledger.leases import Lease


class LeaseLost(Exception):  # noqa: N818 - it names a state
    """Another worker now holds this lease"""


class HeldLease:
    """A lease of `seconds`, until it is released or lost."""

    def __init__(self, engine: AsyncEngine, lease: Lease, *, seconds: float) -> None:
        self.lease = lease
        self._engine = engine
        self._seconds = seconds
        self._lock = asyncio.Lock()

    @property
    def workspace_id(self) -> UUID:
        return self.lease.workspace_id

    @property
    def id(self) -> UUID:
        return self.lease.id

    async def confirm(self) -> None:
        """Extend the lease to its full length from now. Raises LeaseLost."""
        async with self._lock:  # each extension changes `leased_until`, by which the next one finds the lease
            lease = await leases.extend(self._engine, self.lease, seconds=self._seconds)
            if lease is None:
                raise LeaseLost
            self.lease = lease

    async def release(self, *, due_in: float | None, error: str | None = None) -> None:
        """Release the lease; the work is due again in `due_in` seconds, None for never."""
        async with self._lock:
            await leases.release(self._engine, self.lease, due_in=due_in, error=error)

    async def heartbeat(self) -> None:
        """Extend the lease until cancelled. Raises LeaseLost."""
        while True:
            await asyncio.sleep(self._seconds / 3)
            with suppress(*DATABASE_ERRORS):  # the rest of the lease is long enough for more tries
                await self.confirm()
