"""Health routes: is the process up, and can it serve?"""

import asyncio

from litestar import get
from litestar.di import NamedDependency
from litestar.enums import MediaType

from service.database.revisions import require_migrated
from service.errors import Unavailable
from service.ledger.store import Ledger
from service.server.short_cache import ShortCache

TIMEOUT_SECONDS = 3.0  # shorter than the usual timeout of a health check

READINESS = ShortCache(require_migrated)


@get(
    "/livez",
    tags=["health"],
    operation_id="get_liveness",
    summary="Check that the process is up",
    media_type=MediaType.TEXT,
)
async def livez() -> str:
    return "ok"


@get(
    "/readyz",
    tags=["health"],
    operation_id="get_readiness",
    summary="Check that the server is ready",
    media_type=MediaType.TEXT,
)
async def readyz(ledger: NamedDependency[Ledger]) -> str:
    """503 while Postgres does not respond or is not migrated. That it is ready is remembered for 5 seconds."""
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            await READINESS.get(ledger.engine)
    except TimeoutError:
        raise Unavailable("The database is not available; try again.", retry_after=TIMEOUT_SECONDS) from None
    return "ok"
