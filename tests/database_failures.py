"""Break the database connections of an application."""

import asyncpg
import sqlalchemy as sa

TERMINATE_SQL = "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and application_name = $2"


async def break_connections(clones: asyncpg.Connection, database_url: str, application: str) -> int:
    """Break one application's connections; returns how many."""
    return len(await clones.fetch(TERMINATE_SQL, sa.make_url(database_url).database, application))
