"""Keeping the lease of an import for as long as its file is received, or worked on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import DATABASE_ERRORS
from service.ledger import leases
from service.ledger.leases import Lease

KIND = "import"
LEASE_SECONDS = 20.0


class Keeper:
    """Extends a lease in good time until it is lost: then somebody else does the work."""

    def __init__(self, engine: AsyncEngine, lease: Lease) -> None:
        self.lease = lease
        self.lost = False
        self.done = asyncio.Event()
        self._engine = engine

    async def keep(self) -> None:
        while not self.lost and not await self._told(LEASE_SECONDS / 4):
            with suppress(*DATABASE_ERRORS):  # what is left of the lease lasts for some more tries
                extended = await leases.extend(self._engine, self.lease, seconds=LEASE_SECONDS)
                self.lease, self.lost = extended or self.lease, extended is None

    async def _told(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.done.wait(), seconds)
        return self.done.is_set()


@asynccontextmanager
async def kept(engine: AsyncEngine, lease: Lease) -> AsyncIterator[Keeper]:
    """The lease stays ours within; to give it back is left to whoever asked for it."""
    keeper = Keeper(engine, lease)
    keeping = asyncio.create_task(keeper.keep())
    try:
        yield keeper
    finally:
        keeper.done.set()
        await keeping
