"""Whether the process is up, and whether it can serve."""

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

PATIENCE = 3.0  # seconds: shorter than what asks usually waits
REVISION = "select version_num from alembic_version"

_scripts = ScriptDirectory(migrations.__path__[0])
_head = _scripts.get_current_head()
_known = frozenset(script.revision for script in _scripts.walk_revisions())


class NotMigrated(Unavailable):
    """The database is not migrated"""

    code = "not_migrated"


async def require_migrated(engine: AsyncEngine) -> None:
    """Raises NotMigrated where the database is behind this code; one that is ahead of it still serves."""
    async with autocommit(engine).connect() as connection:
        made: Any = await connection.scalar(sa.text("select to_regclass('alembic_version')"))
        revision = await connection.scalar(sa.text(REVISION)) if made else None
    if revision != _head and (revision is None or revision in _known):
        raise NotMigrated(f"The database is at revision {revision}, this needs {_head}: run `tuneledger migrate`.")


@get("/livez", tags=["health"], operation_id="get_liveness", summary="Is the process up?", media_type=MediaType.TEXT)
async def livez() -> str:
    return "ok"


@get("/readyz", tags=["health"], operation_id="get_readiness", summary="Can it serve?", media_type=MediaType.TEXT)
async def readyz(ledger: NamedDependency[Ledger]) -> str:
    """503 while Postgres does not answer or is not migrated."""
    try:
        async with asyncio.timeout(PATIENCE):
            await require_migrated(ledger.engine)
    except TimeoutError:
        raise Unavailable("The database does not answer at the moment.", retry_after=PATIENCE) from None
    return "ok"
