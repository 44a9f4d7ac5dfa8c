"""Bring a database up to date, or take it back down."""

from collections.abc import Callable

import alembic.command
import sqlalchemy as sa
from alembic.config import Config
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

import migrations
from service.database.engine import connect_arguments, require_supported

MIGRATION_LOCK = 0x74756E65  # "tune": any number will do, as long as all our processes take the same one


async def migrate(url: str, revision: str = "head") -> None:
    """Bring the database up to `revision`. Of processes that start at once, one migrates and the others wait."""
    await _migrating(url, lambda config: alembic.command.upgrade(config, revision))


async def unmigrate(url: str, revision: str = "base") -> None:
    """Take the database back down to `revision`: `base` leaves nothing of ours."""
    await _migrating(url, lambda config: alembic.command.downgrade(config, revision))


async def _migrating(url: str, command: Callable[[Config], None]) -> None:
    address, arguments = connect_arguments(url)
    engine = create_async_engine(address, poolclass=NullPool, connect_args=arguments)
    try:
        async with engine.connect() as connection:
            await require_supported(connection)
            # The session's lock, without a time limit: the first start of a large database may take its time.
            await connection.execute(sa.text("SELECT pg_advisory_lock(:lock)"), {"lock": MIGRATION_LOCK})
            await connection.execute(sa.text("SET lock_timeout = '30s'"))
            await connection.commit()
            await connection.run_sync(lambda sync: command(_alembic(sync)))
    finally:
        await engine.dispose()  # closes the session, which drops its lock


def _alembic(connection: sa.Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", migrations.__path__[0].replace("%", "%%"))
    return config
