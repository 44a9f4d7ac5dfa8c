"""Workspaces, keys, scopes and limits over HTTP."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access import domain
from service.access.commands import create_first_workspace
from service.app import create_app
from service.composition import open_ledger
from service.errors import Forbidden, Invalid
from service.settings import Settings
from tests.http_client import OPERATOR_KEY, client

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


async def make_key(api: httpx.AsyncClient, **fields: object) -> httpx.Response:
    return await api.post("/v1/api-keys", json={"name": "worker", "scopes": ["datasets:read"], **fields})


async def test_a_key_says_whose_it_is_and_what_it_may_do(api: httpx.AsyncClient, app: Litestar) -> None:
    api_key = (await make_key(api)).json()
    async with client(app, api_key["secret"]) as worker:
        me = (await worker.get("/v1/me")).json()
    assert (me["name"], me["scopes"], me["key_id"]) == ("worker", ["datasets:read"], api_key["id"])


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer tl_short", "Basic dDp0", "Bearer tl_" + "x" * 40])
async def test_without_a_known_key_nobody_comes_in(app: Litestar, header: str | None) -> None:
    async with client(app, None) as nobody:
        refused = await nobody.get("/v1/me", headers={"Authorization": header} if header is not None else {})
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
    assert refused.headers["www-authenticate"] == "Bearer"
    assert refused.headers["x-request-id"] == refused.json()["request_id"]


async def test_a_missing_scope_is_named(api: httpx.AsyncClient, app: Litestar) -> None:
    api_key = (await make_key(api)).json()
    async with client(app, api_key["secret"]) as worker:
        read = await worker.get("/v1/datasets")
        refused = await worker.post("/v1/datasets", json={"name": "x"})
    assert (read.status_code, refused.status_code) == (200, 403)
    assert "datasets:write" in refused.json()["detail"]


async def test_a_revoked_key_stays_out(api: httpx.AsyncClient, app: Litestar) -> None:
    api_key = (await make_key(api)).json()
    async with client(app, api_key["secret"]) as worker:
        assert (await worker.get("/v1/me")).status_code == 200
        revoked = await api.delete(f"/v1/api-keys/{api_key['id']}")
        assert (revoked.status_code, revoked.json()["revoked_at"] is not None) == (200, True)
        assert (await worker.get("/v1/me")).status_code == 401
    assert (await api.delete(f"/v1/api-keys/{api_key['id']}")).json()["revoked_at"] == revoked.json()["revoked_at"]


async def test_an_expired_key_stays_out(api: httpx.AsyncClient, app: Litestar, engine: AsyncEngine) -> None:
    soon = datetime.now(UTC) + timedelta(minutes=5)
    api_key = (await make_key(api, expires_at=soon.isoformat())).json()
    async with client(app, api_key["secret"]) as worker:
        assert (await worker.get("/v1/me")).status_code == 200
    async with engine.begin() as connection:
        await connection.exec_driver_sql(
            "update api_keys set expires_at = now() - interval '1 second' where name = 'worker'"
        )
    async with client(create_app(Settings(), engine), api_key["secret"]) as worker:
        assert (await worker.get("/v1/me")).json()["detail"] == "This API key has expired."


async def test_a_secret_is_shown_once_and_kept_nowhere(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    body = {"name": "once", "scopes": ["admin"]}
    response = await api.post("/v1/api-keys", json=body, headers={"Idempotency-Key": "k"})
    again = await api.post("/v1/api-keys", json=body, headers={"Idempotency-Key": "k"})
    secret = response.json()["secret"]
    assert (again.json()["id"], again.json()["secret"]) == (response.json()["id"], None)
    async with engine.connect() as connection:
        tables: Sequence[Any] = (
            await connection.exec_driver_sql(
                "select schemaname, tablename from pg_tables where schemaname in ('ledger', 'public')"
            )
        ).all()
        for schema, table in tables:
            rows = (await connection.exec_driver_sql(f'select t::text from "{schema}"."{table}" t')).scalars()
            assert not [row for row in rows if secret in row or secret.encode().hex() in row], table


async def test_two_keys_cannot_share_a_name_since_it_is_the_actor(api: httpx.AsyncClient) -> None:
    assert (await make_key(api)).status_code == 201
    taken = await make_key(api)
    assert (taken.status_code, taken.json()["errors"][0]["pointer"]) == (409, "/name")


async def test_keys_are_listed_page_by_page(api: httpx.AsyncClient) -> None:
    for number in range(4):
        await make_key(api, name=f"key {number}")
    seen, cursor = [], None
    while True:
        page = (await api.get("/v1/api-keys", params={"limit": 2, **({"cursor": cursor} if cursor else {})})).json()
        seen += [key["name"] for key in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ["first key", "key 0", "key 1", "key 2", "key 3"]


async def test_a_new_workspace_opens_with_its_own_key_and_sees_nothing_else(
    api: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    await api.post("/v1/datasets", json={"name": "mine"})
    assert (await stranger.get("/v1/datasets")).json()["data"] == []
    assert [w["name"] for w in (await stranger.get("/v1/workspaces")).json()["data"]] == ["elsewhere"]
    assert [w["name"] for w in (await api.get("/v1/workspaces")).json()["data"]] == ["default", "elsewhere"]
    assert (await stranger.post("/v1/workspaces", json={"name": "more"})).status_code == 403


async def test_a_first_start_happens_once(engine: AsyncEngine) -> None:
    ledger = open_ledger(engine)
    first = await create_first_workspace(ledger, None)
    assert first is not None
    assert await create_first_workspace(ledger, None) is None


async def test_a_bootstrap_key_opens_a_database_that_has_workspaces(engine: AsyncEngine) -> None:
    ledger = open_ledger(engine)
    await create_first_workspace(ledger, None)
    secret = domain.generate_secret()
    for _ in range(2):
        assert await create_first_workspace(ledger, secret) is None
    async with client(create_app(Settings(), engine), secret) as holder:
        assert (await holder.get("/v1/me")).json()["scopes"] == ["admin", "operator"]


async def test_the_limit_is_told_and_then_enforced(engine: AsyncEngine) -> None:
    await create_first_workspace(open_ledger(engine), OPERATOR_KEY)
    async with client(create_app(Settings(requests_per_minute=3), engine), OPERATOR_KEY) as busy:
        answers = [await busy.get("/v1/me") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"default";q=3;w=60'
    assert answers[0].headers["ratelimit"].startswith('"default";r=2;t=')
    assert 1 <= int(answers[3].headers["retry-after"]) <= 60


async def test_a_request_id_of_the_client_is_sent_back_but_events_carry_ours(api: httpx.AsyncClient) -> None:
    response = await api.post("/v1/datasets", json={"name": "x"}, headers={"X-Request-Id": "order-66"})
    assert response.headers["x-request-id"] == "order-66"
    event = (await api.get("/v1/events", params={"types": "DatasetCreated"})).json()["data"][0]
    assert event["request_id"] == response.headers["x-tuneledger-request-id"] != "order-66"
    replaced = await api.get("/v1/me", headers={"X-Request-Id": "not a sane id!"})
    assert replaced.headers["x-request-id"] == replaced.headers["x-tuneledger-request-id"] != "not a sane id!"


async def test_every_answer_has_security_headers_and_the_api_is_not_stored(api: httpx.AsyncClient) -> None:
    for path in ("/v1/me", "/v1/nowhere", "/livez", "/docs", "/openapi.json"):
        headers = (await api.get(path)).headers
        assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer"), path
        assert headers.get("cache-control") == ("no-store" if path.startswith("/v1") else None), path
    assert "frame-ancestors 'none'" in (await api.get("/docs")).headers["content-security-policy"]


def create(**changes: object) -> list[domain.ApiKeyCreated]:
    fields = {
        "name": "k",
        "scopes": ["datasets:read"],
        "granted_by": ["admin"],
        "expires_at": None,
        "hint": "tl_…abcd",
        "at": NOW,
    }
    return domain.create_key(**{**fields, **changes})  # type: ignore[arg-type]


def test_a_key_gives_no_scope_that_it_lacks() -> None:
    with pytest.raises(Forbidden):
        create(granted_by=["datasets:read"], scopes=["datasets:write"])
    with pytest.raises(Forbidden):
        create(granted_by=["admin"], scopes=["operator"])
    assert create(granted_by=["datasets:write"], scopes=["datasets:read"])


def test_a_key_that_has_expired_is_not_made() -> None:
    with pytest.raises(Invalid):
        create(expires_at=NOW)


def test_writing_includes_reading_and_admin_everything_but_operating() -> None:
    assert domain.is_allowed(["datasets:write"], "datasets:read")
    assert not domain.is_allowed(["datasets:read"], "datasets:write")
    assert domain.is_allowed(["admin"], "tunes:write")
    assert not domain.is_allowed(["admin"], "operator")


def test_revoking_twice_records_nothing() -> None:
    [created] = create()
    key = domain.evolve_key(None, created)
    [revoked] = domain.revoke_key(key, reason=None)
    assert domain.revoke_key(domain.evolve_key(key, revoked), reason=None) == []
