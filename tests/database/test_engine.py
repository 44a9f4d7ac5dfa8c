import asyncio
import sys
import uuid

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

import migrations
from service.database.engine import (
    UnusableDatabase,
    autocommit,
    check_version,
    connect_arguments,
    create_engine,
    new_id,
    require_supported,
)
from service.database.migrate import migrate, unmigrate

OBJECTS = sa.text("""
    select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and c.relname !~ '^alembic_version'
    union all
    select n.nspname, c.relname || '.' || a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and c.relname !~ '^alembic_version'
    and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
    union all
    select n.nspname, p.proname || md5(p.prosrc) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    union all
    select nspname, '' from pg_namespace where nspname !~ '^pg_' and nspname not in ('information_schema', 'public')
    order by 1, 2""")


async def objects(url: str) -> list[tuple[str, str]]:
    engine = create_engine(url, pool_size=1)
    async with engine.connect() as connection:
        rows = [tuple(row) for row in await connection.execute(OBJECTS)]
    await engine.dispose()
    return rows


async def test_migrations_go_up_from_empty_and_back_to_nothing_and_up_again(empty_url: str) -> None:
    await migrate(empty_url)
    migrated = await objects(empty_url)
    await unmigrate(empty_url)
    assert await objects(empty_url) == []
    await migrate(empty_url)
    assert await objects(empty_url) == migrated
    assert ("ledger", "events") in migrated


async def test_each_migration_goes_down_by_itself(empty_url: str) -> None:
    await migrate(empty_url)
    migrated = await objects(empty_url)
    for _ in range(2):  # one that changes rows alone leaves the tables as they are
        await unmigrate(empty_url, "-1")
    assert await objects(empty_url) != migrated
    for _ in range(2):
        await migrate(empty_url, "+1")
    assert await objects(empty_url) == migrated


async def test_migrating_again_changes_nothing(database_url: str) -> None:
    before = await objects(database_url)
    await migrate(database_url)
    assert await objects(database_url) == before


async def test_eight_processes_that_start_at_once_migrate_once(empty_url: str) -> None:
    program = f"import asyncio; from service.database.migrate import migrate; asyncio.run(migrate({empty_url!r}))"
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, cwd=migrations.__path__[0] + "/..", stderr=asyncio.subprocess.PIPE
        )
        for _ in range(8)
    ]
    outputs = [(await process.communicate())[1] for process in started]
    assert [process.returncode for process in started] == [0] * 8, outputs
    assert ("ledger", "events") in await objects(empty_url)


async def test_a_migration_that_fails_half_way_leaves_nothing(empty_url: str) -> None:
    engine = create_engine(empty_url, pool_size=1)
    async with engine.begin() as connection:
        await connection.execute(sa.text("create schema ledger"))
        await connection.execute(
            sa.text("create function ledger.refuse_change() returns trigger language plpgsql as 'begin end'")
        )
    before = await objects(empty_url)
    with pytest.raises(Exception, match="already exists"):
        await migrate(empty_url)
    assert await objects(empty_url) == before
    await engine.dispose()


async def test_the_engine_has_its_limits_set(database_url: str) -> None:
    engine = create_engine(
        database_url, pool_size=1, lock_timeout=1.5, statement_timeout=2, idle_timeout=0, application_name="x"
    )
    names = ["lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "application_name", "jit"]
    async with engine.connect() as connection:
        values = [(await connection.execute(sa.text(f"show {name}"))).scalar_one() for name in names]
    await engine.dispose()
    assert values == ["1500ms", "2s", "0", "x", "off"]


@pytest.fixture
async def engine(owner: AsyncEngine) -> AsyncEngine:
    """Its tests are about tables."""
    return owner


async def test_autocommit_needs_no_commit(engine: AsyncEngine) -> None:
    async with autocommit(engine).connect() as connection:
        await connection.execute(sa.text("create table seen (n int)"))
        async with autocommit(engine).connect() as other:
            assert (await other.execute(sa.text("select count(*) from seen"))).scalar_one() == 0


async def test_the_pool_does_not_grow_past_its_size(database_url: str) -> None:
    engine = create_engine(database_url, pool_size=3, application_name="narrow")
    count = sa.text(
        "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'narrow'"
    )

    async def ask() -> int:
        async with engine.connect() as connection:
            await connection.execute(sa.text("select pg_sleep(0.01)"))
            return int((await connection.execute(count)).scalar_one())

    assert max(await asyncio.gather(*(ask() for _ in range(30)))) == 3
    await engine.dispose()


def test_an_old_postgres_is_refused_with_both_versions_named() -> None:
    check_version(150_000)
    with pytest.raises(UnusableDatabase, match=r"Postgres 15 or newer; this one is 14\.9"):
        check_version(140_009)


async def test_the_servers_own_version_is_read(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await require_supported(connection)
        assert connection.dialect.server_version_info >= (15,)  # type: ignore[operator]


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_every_way_to_write_the_scheme_is_understood(scheme: str) -> None:
    address, arguments = connect_arguments(f"{scheme}://me:p%40ss@db.example:5433/ledger")
    assert str(address.render_as_string(hide_password=False)) == "postgresql+asyncpg://me:p%40ss@db.example:5433/ledger"
    assert arguments == {}


def test_what_hosting_providers_append_is_translated() -> None:
    url = "postgres://me@db/ledger?sslmode=require&channel_binding=require&connect_timeout=7&application_name=theirs"
    address, arguments = connect_arguments(url)
    assert address.query == {}
    assert arguments == {"ssl": "require", "timeout": 7.0}


def test_a_socket_directory_stays_in_the_address() -> None:
    address, _ = connect_arguments("postgresql://postgres@/ledger?host=/run/postgresql")
    assert address.query == {"host": "/run/postgresql"}


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("mysql://me@db/ledger", "must begin with postgresql://, not mysql://"),
        ("no url", "not a URL"),
        ("postgresql://db:port/ledger", "not a URL"),
        ("postgresql://db/ledger?colour=red", "unsupported parameters: colour"),
    ],
)
def test_an_address_that_cannot_work_is_refused_by_name(url: str, reason: str) -> None:
    with pytest.raises(UnusableDatabase, match=reason) as refused:
        connect_arguments(url)
    assert str(refused.value).startswith("DATABASE_URL")


def test_later_ids_sort_after_earlier_ones() -> None:
    ids = [new_id() for _ in range(1000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 1000
    assert {(migrated.version, migrated.variant) for migrated in ids} == {(7, uuid.RFC_4122)}
