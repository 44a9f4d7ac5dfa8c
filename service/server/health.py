"""Health routes: is the process up, and can it serve?"""

import asyncio
from typing import Any

import sqlalchemy as sa
from alembic.script import ScriptDirectory
from litestar import get
from litestar.di import NamedDependency
from litestar.enums import MediaType
from sqlalchemy.ext.asyncio import AsyncEngine

import migrations
from service.database.engine import autocommit
from service.errors import Unavailable
from service.ledger.store import Ledger
from service.server.short_cache import ShortCache

TIMEOUT_SECONDS = 3.0  # shorter than the usual timeout of a health check
REVISION = "select version_num from alembic_version"

_scripts = ScriptDirectory(migrations.__path__[0])
_head = _scripts.get_current_head()
_known = frozenset(script.revision for script in _scripts.walk_revisions())


class NotMigrated(Unavailable):
    """The database is not migrated"""

    code = "not_migrated"


async def require_migrated(engine: AsyncEngine) -> None:
    """Raises NotMigrated when the database is behind this code. One that is ahead is fine."""
    async with autocommit(engine).connect() as connection:
        has_table: Any = await connection.scalar(sa.text("select to_regclass('alembic_version')"))
        revision = await connection.scalar(sa.text(REVISION)) if has_table else None
    if revision != _head and (revision is None or revision in _known):
        raise NotMigrated(f"The database is at revision {revision} but needs {_head}; run `tuneledger migrate`.")


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
