"""A database from before there were members."""

import hashlib
import json
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access.auth import ApiKeyCache
from service.access.domain import generate_secret
from service.access.members.queries import find_member
from service.app import create_app
from service.composition import REGISTRY
from service.database import engine as database
from service.database.migrate import migrate, unmigrate
from service.ledger.rebuild import rebuild
from tests.conftest import as_owner, opened
from tests.http_client import SETTINGS, client

WORKSPACE = UUID(int=7)
OLD_KEYS = {
    "first key": ["admin", "operator"],
    "BOB": ["labels:write"],
    "bob": ["datasets:read", "tasks:read"],
    "tuneledger": ["tasks:read"],
    "deputy": ["admin"],
}
APPEND = sa.text(
    "select seq, leaf from ledger.append(:ws, :actor, 'r', array[:stream], array[cast(:id as uuid)],"
    " array[cast(:version as int)], array[:type], array[:data])"
)
INSERT = sa.text(
    "insert into api_keys (workspace_id, id, name, scopes, hint, revoked_at, created_at, created_by, version)"
    " select workspace_id, stream_id, :name, :scopes, 'tl_…abcd', null, recorded_at, actor, version"
    " from ledger.events where stream_id = :id and version = 1"
)


async def append(engine: AsyncEngine, stream: str, id_: UUID, version: int, type_: str, data: Any) -> None:
    values = {"ws": WORKSPACE, "actor": "first start", "stream": stream, "id": id_, "version": version, "type": type_}
    async with engine.begin() as connection:
        await connection.execute(APPEND, {**values, "data": json.dumps(data)})


async def old_key(engine: AsyncEngine, name: str, scopes: list[str]) -> str:
    key_id, secret = database.new_id(), generate_secret()
    await append(engine, "api_key", key_id, 1, "ApiKeyCreated", {"name": name, "scopes": scopes, "hint": "tl_…abcd"})
    digest = hashlib.sha256(secret.encode()).digest()
    async with engine.begin() as connection:
        await connection.execute(INSERT, {"id": key_id, "name": name, "scopes": scopes})
        await connection.exec_driver_sql("insert into ledger.secrets values ($1, $2, $3)", (WORKSPACE, key_id, digest))
    return secret


@pytest.fixture
async def old(empty_url: str) -> Any:
    """A migrated database that was in use before, and the secrets of its keys by name."""
    await migrate(empty_url)
    await unmigrate(empty_url, "0008")
    engine = database.create_engine(empty_url, pool_size=5)
    await append(engine, "workspace", WORKSPACE, 1, "WorkspaceCreated", {"name": "default"})
    async with engine.begin() as connection:
        await connection.exec_driver_sql("insert into workspaces values ($1, 'default', now(), 'x')", (WORKSPACE,))
        await connection.exec_driver_sql(
            "update workspaces w set created_at = e.recorded_at, created_by = e.actor"
            " from ledger.events e where e.stream = 'workspace'"
        )
    secrets = {name: await old_key(engine, name, scopes) for name, scopes in OLD_KEYS.items()}
    before = await leaves(engine)
    await engine.dispose()  # its statements were prepared for other tables
    await migrate(empty_url)
    engine = database.create_engine(empty_url, pool_size=5)
    yield engine, secrets, before
    await engine.dispose()


async def leaves(engine: AsyncEngine) -> list[Any]:
    async with engine.connect() as connection:
        rows = await connection.exec_driver_sql("select seq, data::text, leaf from ledger.events order by seq")
        return [tuple(row) for row in rows]


async def test_each_key_becomes_a_member_of_its_name_and_goes_on(old: Any) -> None:
    engine, secrets, before = old
    assert (await leaves(engine))[: len(before)] == before
    holders = {name: await ApiKeyCache(engine).identify(f"Bearer {secret}") for name, secret in secrets.items()}
    assert {name: holder.name for name, holder in holders.items()} == {name: name for name in OLD_KEYS}
    assert {name: holder.role for name, holder in holders.items()} == {
        "first key": "owner",
        "BOB": "annotator",
        "bob": "viewer",
        "tuneledger": "viewer",
        "deputy": "admin",
    }
    assert {name: sorted(holder.scopes) for name, holder in holders.items()} == OLD_KEYS
    assert (await find_member(engine, WORKSPACE, "BOB")).name == "BOB"


async def test_the_log_says_the_same_as_what_the_migration_wrote(old: Any) -> None:
    engine, secrets, _ = old
    async with as_owner(engine) as owner:
        report = await rebuild(owner, REGISTRY, database.metadata, verify=True)
    assert report.clean, report
    async with client(create_app(SETTINGS, engine), secrets["first key"]) as api:
        keys = (await api.get("/v1/api-keys")).json()["data"]
        rotated = await api.post(f"/v1/api-keys/{keys[1]['id']}/rotate", json={})
        assert (rotated.status_code, rotated.json()["member"]) == (201, "BOB")
        history = (await api.get("/v1/history", params={"resource": f"api_key:{keys[1]['id']}"})).json()["data"]
    assert [line["type"] for line in history] == ["ApiKeyCreated", "ApiKeyAssigned", "ApiKeyRotated"]
    async with as_owner(engine) as owner:
        assert (await rebuild(owner, REGISTRY, database.metadata, verify=True)).clean


async def test_a_database_can_go_back_and_forth(empty_url: str) -> None:
    columns = sa.text("select column_name from information_schema.columns where table_name = 'api_keys'")
    for _ in range(2):
        await migrate(empty_url)
        async with opened(empty_url, role=None) as engine, engine.connect() as connection:
            assert "member_id" in list(await connection.scalars(columns))
        await unmigrate(empty_url, "0008")
        async with opened(empty_url, role=None) as engine, engine.connect() as connection:
            assert "member_id" not in list(await connection.scalars(columns))
