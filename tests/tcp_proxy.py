"""A database whose connections break."""

import asyncpg
import sqlalchemy as sa

OURS = "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and application_name = $2"


async def break_connections(clones: asyncpg.Connection, database_url: str, application: str) -> int:
    """Those of one application; how many it were."""
    return len(await clones.fetch(OURS, sa.make_url(database_url).database, application))
