"""The lease of an import: extended while its file is received, or while a worker adds its examples."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import DATABASE_ERRORS
from service.ledger import leases
from service.ledger.leases import Lease
from service.ledger.retry import sleep_or_stop

LEASE_KIND = "import"
LEASE_SECONDS = 20.0


class ImportLease:
    """A lease that a heartbeat extends. `is_lost`: it ran out, and another worker may have it now."""

    def __init__(self, engine: AsyncEngine, lease: Lease) -> None:
        self.lease = lease
        self.is_lost = False
        self._engine = engine

    async def heartbeat(self, stop: asyncio.Event) -> None:
        while not self.is_lost and not stop.is_set():
            await sleep_or_stop(stop, LEASE_SECONDS / 4)
            if not stop.is_set():
                await self._extend()

    async def _extend(self) -> None:
        with suppress(*DATABASE_ERRORS):  # the rest of the lease is long enough for more tries
            extended = await leases.extend(self._engine, self.lease, seconds=LEASE_SECONDS)
            self.lease, self.is_lost = extended or self.lease, extended is None


@asynccontextmanager
async def extend_lease(engine: AsyncEngine, lease: Lease) -> AsyncIterator[ImportLease]:
    """Extend the lease until the block ends. The caller releases it."""
    import_lease = ImportLease(engine, lease)
    stop = asyncio.Event()
    heartbeat = asyncio.create_task(import_lease.heartbeat(stop))
    try:
        yield import_lease
    finally:
        stop.set()
        await heartbeat
