"""Migrations of a database that was in use."""

import sqlalchemy as sa

from service.database.engine import create_engine
from service.database.migrate import migrate, unmigrate

STORED = """
insert into ledger.answers (workspace_id, route, key, fingerprint, token, status, headers, body)
values (gen_random_uuid(), :route, 'k', '\\x00', gen_random_uuid(), :status, '{}', '{"api_key":"tl_secret"}')
"""


async def test_0007_removes_stored_keys_and_keeps_what_may_be_repeated(empty_url: str) -> None:
    await migrate(empty_url)
    await unmigrate(empty_url, "0006")
    engine = create_engine(empty_url, pool_size=1)
    stored = [
        ("POST /v1/workspaces", 201),
        ("POST /v1/tunes", 201),
        ("POST /v1/tunes/x", None),
        ("POST /v1/tasks", 400),
    ]
    async with engine.begin() as connection:
        await connection.execute(sa.text(STORED), [{"route": route, "status": status} for route, status in stored])
    await migrate(empty_url)
    async with engine.connect() as connection:
        assert list(await connection.scalars(sa.text("select route from ledger.answers"))) == ["POST /v1/tunes"]
    await engine.dispose()
