"""Revisions of the database: is it migrated as far as this code needs?"""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

import migrations
from service.database.engine import autocommit
from service.errors import Unavailable

READ_REVISION = "select version_num from alembic_version"

# A migration's file is called after its revision, NNNN_noun.py; to ask Alembic would slow down every start.
REVISIONS = sorted(path.name[:4] for path in Path(migrations.__path__[0], "versions").glob("[0-9]*.py"))
HEAD = REVISIONS[-1]


class NotMigrated(Unavailable):
    """The database is not migrated"""

    code = "not_migrated"


async def read_revision(connection: AsyncConnection) -> str | None:
    """The revision that the database is at; None before the first."""
    if not await connection.scalar(sa.text("select to_regclass('alembic_version')")):
        return None
    revision: str | None = await connection.scalar(sa.text(READ_REVISION))
    return revision


async def require_migrated(engine: AsyncEngine) -> None:
    """Raises NotMigrated when the database is behind this code. One that is ahead is fine."""
    async with autocommit(engine).connect() as connection:
        revision = await read_revision(connection)
    if revision != HEAD and (revision is None or revision in REVISIONS):
        raise NotMigrated(f"The database is at revision {revision} but needs {HEAD}; run `tuneledger migrate`.")
