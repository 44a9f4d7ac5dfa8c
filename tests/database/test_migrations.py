"""The migrations make what the tables in the code say, and take it away again."""

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.ext.asyncio import AsyncEngine

import service.composition  # noqa: F401 - so that every context's tables are known
from service.database.engine import create_engine, metadata
from service.database.migrate import migrate, unmigrate


def differences(connection: sa.Connection) -> list[object]:
    ours = {"ledger", None, "public"}
    context = MigrationContext.configure(
        connection,
        opts={
            "include_schemas": True,
            "compare_type": True,
            "include_name": lambda name, kind, _: kind != "schema" or name in ours,
            "include_object": lambda _, name, kind, *__: (kind, name) != ("table", "alembic_version"),
        },
    )
    return list(compare_metadata(context, metadata))


async def test_a_migrated_database_has_the_tables_of_the_code(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_the_comparison_would_see_a_table_that_is_missing(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(sa.text("drop table example_revisions"))
        assert await connection.run_sync(differences) != []
        await connection.rollback()


async def test_migrating_down_leaves_nothing_of_ours(empty_url: str) -> None:
    await migrate(empty_url)
    await unmigrate(empty_url)
    engine = create_engine(empty_url)
    left = sa.text(
        "select count(*) from pg_tables where schemaname in ('ledger', 'public') and tablename <> 'alembic_version'"
    )
    async with engine.connect() as connection:
        assert await connection.scalar(left) == 0
    await engine.dispose()
