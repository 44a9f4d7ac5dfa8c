"""Bring a database up to date, or take it back down."""

from collections.abc import Awaitable, Callable
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

import migrations
from service.database.engine import connect_arguments, require_supported
from service.database.grants import grant_rights
from service.database.revisions import HEAD, read_revision

MIGRATION_LOCK = 0x74756E65  # "tune": any number will do, as long as all our processes take the same one


async def migrate(url: str, revision: str = "head") -> None:
    """Bring the database up to `revision`, and give the roles of API and worker what they need on it.

    Of processes that start at once, one migrates and the others wait.
    """
    await _migrating(url, "upgrade", HEAD if revision == "head" else revision, then=grant_rights)


async def unmigrate(url: str, revision: str = "base") -> None:
    """Take the database back down to `revision`: `base` leaves nothing of ours."""
    await _migrating(url, "downgrade", revision)


async def _migrating(
    url: str,
    direction: Literal["upgrade", "downgrade"],
    revision: str,
    *,
    then: Callable[[AsyncConnection], Awaitable[None]] | None = None,
) -> None:
    address, arguments = connect_arguments(url)
    engine = create_async_engine(address, poolclass=NullPool, connect_args=arguments, hide_parameters=True)
    try:
        async with engine.connect() as connection:
            await require_supported(connection)
            # The session's lock, without a time limit: the first start of a large database may take its time.
            await connection.execute(sa.text("SELECT pg_advisory_lock(:lock)"), {"lock": MIGRATION_LOCK})
            await connection.execute(sa.text("SET lock_timeout = '30s'"))
            await connection.commit()
            current = await read_revision(connection)
            await connection.commit()
            if current != revision:
                await connection.run_sync(_run_alembic, direction, revision)
            if then is not None:
                await then(connection)
    finally:
        await engine.dispose()  # closes the session, which drops its lock


def _run_alembic(connection: sa.Connection, direction: Literal["upgrade", "downgrade"], revision: str) -> None:
    from alembic import command  # noqa: PLC0415 - slow to import, and few processes need it
    from alembic.config import Config  # noqa: PLC0415 - the same

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", migrations.__path__[0].replace("%", "%%"))
    if direction == "upgrade":
        command.upgrade(config, revision)
    else:
        command.downgrade(config, revision)
