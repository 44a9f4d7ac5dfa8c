"""Databases that tests use in turn: to empty one costs a tenth of what it costs to clone it and to connect anew."""

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import create_engine
from service.database.fair_pool import FairPool

APPLICATION = "tests"
MAX_USES = 50  # deleted rows take room in each table until it is vacuumed
MAX_CONNECTIONS = 5
LARGE_TABLE = 2**18  # bytes with its long texts; to cut off more than that costs less than to read through it
OURS = "(select oid from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema')"
# Whoever changes what there is writes a row in one of them, or removes one.
CATALOGS = ("pg_class", "pg_attribute", "pg_proc", "pg_trigger", "pg_constraint")
COUNTS = ", ".join(f"(select array[count(*), max(xmin::text::bigint)] from {catalog})" for catalog in CATALOGS)
# A test may write another revision there, and nothing in the catalogs shows it.
REVISION = "(select array[count(*), max(xmin::text::bigint)] from alembic_version)"
SCHEMA = f"select array[{COUNTS}, {REVISION}]"
TABLES = f"""
select oid::regclass::text from pg_class
where relkind = 'r' and relnamespace in {OURS} and relname <> 'alembic_version'
"""
# Whoever still has a connection loses it, as it would if the database were dropped.
END_OTHERS = f"""
select pg_terminate_backend(pid, 2000) from pg_stat_activity
where datname = current_database() and backend_type = 'client backend' and application_name <> '{APPLICATION}'
"""
# No trigger runs meanwhile, and no foreign key asks.
PREPARE = f"set session_replication_role = replica; set lock_timeout = '2s'; set application_name = '{APPLICATION}'"


class Database:
    """A migrated database and the connections to it."""

    def __init__(self, url: str, admin: asyncpg.Connection) -> None:
        self.url = url
        self._admin = admin
        self._engines: dict[str | None, AsyncEngine] = {}
        self._schema: list[list[int]] = []
        self._uses = 0

    async def prepare(self) -> None:
        """Note what is in it, and make the function that empties it."""
        await self._admin.execute(PREPARE)
        tables = [row[0] for row in await self._admin.fetch(TABLES)]
        lines = [
            f"if pg_table_size('{table}') > {LARGE_TABLE} then truncate {table} cascade;"
            f"elsif pg_relation_size('{table}') > 0 then delete from {table}; end if;"
            for table in tables
        ]
        body = "\n".join(lines)
        await self._admin.execute(
            f"create function pg_temp.empty() returns void language plpgsql as $$begin {body} end$$"
        )
        self._schema = await self._admin.fetchval(SCHEMA)

    def open_engine(self, role: str | None) -> AsyncEngine:
        """An engine of the test's own, over the connections that other tests had before."""
        if role not in self._engines:
            self._engines[role] = create_engine(self.url, role=role, pool_size=20, application_name=APPLICATION)
        return self._engines[role].execution_options()

    async def empty(self) -> bool:
        """Whether the next test finds it as new."""
        self._uses += 1
        if self._uses >= MAX_USES or not await self._shrink_pools():
            return False
        try:
            await self._admin.execute(END_OTHERS)
            if await self._admin.fetchval(SCHEMA) != self._schema:
                return False
            await self._admin.execute("select pg_temp.empty()")
            self._schema = await self._admin.fetchval(SCHEMA)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            return False
        return True

    async def _shrink_pools(self) -> bool:
        """Whether nobody uses a connection any more."""
        for engine in self._engines.values():
            pool = engine.pool
            assert isinstance(pool, FairPool)
            if pool.checkedout():
                return False
            if pool.checkedin() > MAX_CONNECTIONS:
                await engine.dispose()
        return True

    async def close(self) -> None:
        for engine in self._engines.values():
            await engine.dispose()
        await self._admin.close()
