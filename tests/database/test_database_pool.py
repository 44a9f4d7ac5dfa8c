"""Databases that tests use in turn."""

import asyncpg
import pytest

from tests.conftest import connect, drop_database, make_database


@pytest.mark.parametrize(
    ("statement", "reused"),
    [
        ("insert into ledger.heads values (gen_random_uuid(), 1, now())", True),
        ("update alembic_version set version_num = '0001'", False),
        ("create table left_behind ()", False),
    ],
)
async def test_a_database_that_is_not_as_new_is_used_no_more(
    postgres_url: str, clones: asyncpg.Connection, statement: str, reused: bool
) -> None:
    database = await make_database(clones, postgres_url)
    try:
        async with connect(database.url) as connection:
            await connection.execute(statement)
        assert await database.empty() is reused
    finally:
        await drop_database(clones, database)
