"""What API and worker cannot do, whatever is sent in their name; and that tables of tomorrow need no grant."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import API_ROLE, WORKER_ROLE, create_engine
from tests.conftest import opened

REFUSED = [
    "alter table ledger.events disable trigger events_append_only",
    "alter table ledger.events disable trigger all",
    "set session_replication_role = replica",
    "update ledger.events set actor = 'nobody'",
    "delete from ledger.events",
    "truncate ledger.events",
    "drop trigger events_append_only on ledger.events",
    "create or replace function ledger.refuse_change() returns trigger language plpgsql as 'begin return null; end'",
    "update ledger.checkpoints set note = ''",
    "delete from ledger.checkpoints",
    "delete from ledger.tiles",
    "update ledger.subtrees set hash = ''",
    "update ledger.contents set body = ''",
    "delete from ledger.heads",
    "select ledger.delete_workspace_rows(gen_random_uuid(), 'ledger.events', 10)",
    "truncate examples",
    "create table mine (n int)",
    "create table ledger.mine (n int)",
    "create table telemetry.mine (n int)",
    "alter table examples add column mine int",
    "drop table examples",
    "update alembic_version set version_num = '0001'",
    "create role mallory superuser",
]
DENIALS = ("permission denied", "must be owner", "must be able to", "no privileges", "is not recorded")
API_REFUSED = [
    "insert into ledger.checkpoints (workspace_id, size, edge, note) values (gen_random_uuid(), 1, '', '')",
    "insert into ledger.signers values ('x', 0, '')",
    "select telemetry.drop_month(now())",
]
OWNER_REFUSED = ["update ledger.{} set workspace_id = workspace_id", "delete from ledger.{}", "truncate ledger.{}"]


@pytest.fixture(params=[API_ROLE, WORKER_ROLE])
async def serving(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[AsyncEngine]:
    async with opened(database_url, role=request.param) as engine:
        yield engine


async def refused(engine: AsyncEngine, statement: str) -> str:
    async with engine.connect() as connection:
        with pytest.raises(sa.exc.DBAPIError) as error:
            await connection.exec_driver_sql(statement)
    return str(error.value.orig)


@pytest.mark.parametrize("statement", REFUSED)
async def test_neither_role_changes_the_log_its_guards_or_any_table(serving: AsyncEngine, statement: str) -> None:
    words = await refused(serving, statement)
    assert any(word in words for word in DENIALS)


@pytest.mark.parametrize("statement", API_REFUSED)
async def test_the_api_neither_seals_nor_drops_what_a_worker_does(engine: AsyncEngine, statement: str) -> None:
    assert "permission denied" in await refused(engine, statement)


@pytest.mark.parametrize("table", ["events", "checkpoints", "tiles", "subtrees"])
@pytest.mark.parametrize("statement", OWNER_REFUSED)
async def test_even_the_owner_only_adds_to_the_log_and_its_seals(
    owner: AsyncEngine, table: str, statement: str
) -> None:
    assert "append-only" in await refused(owner, statement.format(table))


async def test_a_table_of_tomorrow_needs_no_grant(owner: AsyncEngine, serving: AsyncEngine) -> None:
    async with owner.begin() as connection:
        for schema in ("public", "ledger", "telemetry"):
            await connection.exec_driver_sql(f"create table {schema}.tomorrow (n int)")
    async with serving.begin() as connection:
        for schema in ("public", "ledger", "telemetry"):
            await connection.exec_driver_sql(f"insert into {schema}.tomorrow values (1)")
            await connection.exec_driver_sql(f"update {schema}.tomorrow set n = 2")
            deleted = await connection.exec_driver_sql(f"delete from {schema}.tomorrow where n = 2")
            assert deleted.rowcount == 1


async def test_a_login_of_no_role_serves_with_its_own_rights(database_url: str, clones: asyncpg.Connection) -> None:
    await clones.execute("drop role if exists tuneledger_test_login")
    await clones.execute("create role tuneledger_test_login login password 'x' noinherit")
    url = sa.make_url(database_url).set(username="tuneledger_test_login", password="x")
    for member, expected in ((False, "tuneledger_test_login"), (True, API_ROLE)):
        if member:
            await clones.execute(f"grant {API_ROLE} to tuneledger_test_login")
        engine = create_engine(url.render_as_string(hide_password=False), pool_size=1)
        async with engine.connect() as connection:
            assert await connection.scalar(sa.text("select current_user")) == expected
        await engine.dispose()
    await clones.execute("drop role tuneledger_test_login")
