import json
import logging
import uuid
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.app import create_app
from service.composition import REGISTRY
from service.database.engine import metadata
from service.ledger import rebuild
from service.ledger.tables import answers, events, secrets
from service.settings import Settings
from tests.conftest import as_owner
from tests.http_client import OPERATOR_KEY, SECRET_KEY, client
from tests.tunes.sandbox import MODEL, Sandbox

STRICT = Settings(secret_key=SECRET_KEY)
SECRET = "sk-do-not-tell-anyone-0123456789"


async def connect(api: httpx.AsyncClient, **fields: Any) -> Any:
    body = {"name": "main", "kind": "openai", "secret": SECRET} | fields
    response = await api.post("/v1/connections", json=body)
    assert response.status_code == 201, response.text
    return response.json()


async def test_a_connection_is_made_with_defaults_and_without_its_secret(api: httpx.AsyncClient) -> None:
    response = await api.post("/v1/connections", json={"name": "main", "kind": "openai", "secret": SECRET})
    body = response.json()
    assert (response.status_code, response.headers["etag"]) == (201, '"1"')
    assert response.headers["location"] == f"/v1/connections/{body['id']}"
    assert (body["base_url"], body["header_name"]) == ("https://api.openai.com/v1", "Authorization")
    assert body["capabilities"]["metadata_filter"] is True
    assert SECRET not in response.text
    assert (await api.get(response.headers["location"])).json() == body
    assert (await api.get("/v1/connections")).json() == {"data": [body], "next_cursor": None}


async def test_connections_come_in_pages(api: httpx.AsyncClient) -> None:
    ids = [(await connect(api, name=f"number {number}"))["id"] for number in range(3)]
    first = (await api.get("/v1/connections?limit=2")).json()
    second = (await api.get(f"/v1/connections?limit=2&cursor={first['next_cursor']}")).json()
    assert [each["id"] for each in first["data"] + second["data"]] == ids
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("base_url", "ftp://example.test/v1", 422),
        ("base_url", "https://", 422),
        ("base_url", "https://user:word@example.test", 422),
        ("base_url", "https://example.test/v1?key=1", 422),
        ("base_url", "http://[::1", 422),
        ("header_name", "Host", 422),
        ("header_name", "no spaces", 400),
        ("secret", "two\nlines", 400),
        ("secret", "", 400),
        ("kind", "telepathy", 400),
        ("timeout_seconds", 0, 400),
        ("extra_body", {"metadata": {}}, 422),
        ("extra_body", {"wandb": {"api_key": "x"}}, 422),
        ("extra_body", {"note": "\0"}, 422),
        ("extra_body", {"note": "x" * 30_000}, 422),
    ],
)
async def test_what_cannot_be_an_account_is_refused(
    api: httpx.AsyncClient, field: str, value: Any, status: int
) -> None:
    body = {"name": "main", "kind": "openai", "secret": SECRET, field: value}
    response = await api.post("/v1/connections", json=body)
    assert response.status_code == status, response.text
    assert response.json()["errors"][0]["pointer"].startswith(f"/{field}")


async def test_a_deeply_nested_extra_is_refused_and_breaks_nothing(api: httpx.AsyncClient) -> None:
    nested = '{"a":' * 300 + "1" + "}" * 300
    body = f'{{"name":"main","kind":"openai","secret":"{SECRET}","extra_body":{nested}}}'
    response = await api.post("/v1/connections", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 422, response.text


async def test_a_name_is_taken_once_and_free_again_after_its_connection_is_deleted(api: httpx.AsyncClient) -> None:
    first = await connect(api)
    again = await api.post("/v1/connections", json={"name": "main", "kind": "openai", "secret": SECRET})
    assert (again.status_code, again.json()["errors"][0]["pointer"]) == (409, "/name")
    other = await connect(api, name="other")
    renamed = await api.patch(f"/v1/connections/{other['id']}", json={"name": "main"})
    assert renamed.status_code == 409
    assert (await api.delete(f"/v1/connections/{first['id']}")).status_code == 200
    assert (await connect(api))["id"] != first["id"]


async def test_a_name_that_went_from_one_connection_to_another_can_be_rebuilt(
    api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    first = await connect(api)
    second = await connect(api, name="other")
    await api.patch(f"/v1/connections/{first['id']}", json={"name": "third"})
    await api.patch(f"/v1/connections/{second['id']}", json={"name": "main"})
    await api.delete(f"/v1/connections/{second['id']}")
    await connect(api)
    async with as_owner(engine) as owner:
        report = await rebuild.rebuild(owner, REGISTRY, metadata, verify=True)
    assert [table for table in report.tables if table.missing or table.unexpected] == []
    assert {table.table: table.live for table in report.tables}["connections"] == 2


async def test_a_change_keeps_what_it_does_not_name(api: httpx.AsyncClient) -> None:
    connection = await connect(api, extra_body={"trainingType": "standard"})
    path = f"/v1/connections/{connection['id']}"
    changed = await api.patch(path, json={"name": "renamed", "timeout_seconds": 20}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    body = changed.json()
    assert (body["name"], body["timeout_seconds"], body["extra_body"]) == ("renamed", 20, {"trainingType": "standard"})
    assert (await api.patch(path, json={"name": "stale"}, headers={"If-Match": '"1"'})).status_code == 412
    assert (await api.patch(path, json={"name": "renamed"})).headers["etag"] == '"2"'
    [listed] = (await api.get("/v1/connections")).json()["data"]
    assert listed["name"] == "renamed"


async def test_a_new_address_needs_the_secret_again(api: httpx.AsyncClient) -> None:
    path = f"/v1/connections/{(await connect(api))['id']}"
    new_address = {"base_url": "https://elsewhere.test/v1"}
    response = await api.patch(path, json=new_address)
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "/secret")
    assert (await api.patch(path, json=new_address | {"secret": SECRET})).json()["base_url"] == new_address["base_url"]


async def test_a_deleted_connection_is_gone_with_its_secret_and_its_history_stays(
    api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    created = await connect(api)
    path = f"/v1/connections/{created['id']}"
    await api.patch(path, json={"secret": "another", "reason": "rotated"})
    assert (await api.delete(path)).status_code == 200
    assert (await api.get(path)).status_code == 404
    assert (await api.delete(path)).status_code == 404
    assert (await api.post(f"{path}/check")).status_code == 404
    async with engine.connect() as connection:
        secret = await connection.scalar(sa.select(secrets.c.value).where(secrets.c.id == uuid.UUID(created["id"])))
    assert secret == b""
    entries = (await api.get(f"{path}/history")).json()["data"]
    assert [entry["type"] for entry in entries] == ["ConnectionCreated", "ConnectionChanged", "ConnectionDeleted"]
    assert (entries[1]["reason"], entries[1]["changes"]) == ("rotated", {"secret_number": {"before": 1, "after": 2}})


async def test_a_check_asks_the_provider_and_says_what_it_shows(api: httpx.AsyncClient, sandbox: Sandbox) -> None:
    connection = await connect(api, kind="sandbox", base_url=sandbox.base_url, secret="any")
    response = await api.post(f"/v1/connections/{connection['id']}/check")
    assert response.status_code == 200
    assert response.json()["ok"] is True
    assert MODEL in response.json()["models"]


async def test_a_refused_key_is_told_in_the_providers_words(api: httpx.AsyncClient, sandbox: Sandbox) -> None:
    connection = await connect(api, kind="sandbox", base_url=sandbox.base_url, secret="any")
    await sandbox.meets("invalid_api_key")
    response = await api.post(f"/v1/connections/{connection['id']}/check")
    assert (response.status_code, response.json()["code"]) == (502, "provider_refused")
    assert response.json()["detail"] == "Incorrect API key provided."
    assert response.json()["errors"][0]["code"] == "invalid_api_key"


async def test_a_provider_that_asks_to_wait_is_a_503_with_its_retry_after(
    api: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    connection = await connect(api, kind="sandbox", base_url=sandbox.base_url, secret="any")
    await sandbox.meets("rate_limited", retry_after=17)
    response = await api.post(f"/v1/connections/{connection['id']}/check")
    assert (response.status_code, response.headers["retry-after"]) == (503, "17")


async def test_another_workspace_sees_nothing(api: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    path = f"/v1/connections/{(await connect(api))['id']}"
    statuses = [
        (await stranger.get(path)).status_code,
        (await stranger.patch(path, json={"name": "mine"})).status_code,
        (await stranger.delete(path)).status_code,
        (await stranger.post(f"{path}/check")).status_code,
        (await stranger.get(f"{path}/history")).status_code,
    ]
    assert statuses == [404] * 5
    assert (await stranger.get("/v1/connections")).json()["data"] == []


async def test_the_secret_is_in_no_event_no_answer_no_stored_answer_and_no_log(
    api: httpx.AsyncClient, engine: AsyncEngine, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    body = {"name": "main", "kind": "sandbox", "base_url": sandbox.base_url, "secret": SECRET}
    texts = []
    for _ in range(2):
        response = await api.post("/v1/connections", json=body, headers={"Idempotency-Key": "once"})
        texts.append(response.text)
    path = response.headers["location"]
    texts.append((await api.patch(path, json={"secret": SECRET, "name": "again"})).text)
    texts += [
        (await api.get(path)).text,
        (await api.post(f"{path}/check")).text,
        (await api.get(f"{path}/history")).text,
    ]
    await sandbox.meets("invalid_api_key")
    texts.append((await api.post(f"{path}/check")).text)
    async with engine.connect() as connection:
        log = [json.dumps(data) for data in await connection.scalars(sa.select(events.c.data))]
        responses = [bytes(answer) for answer in await connection.scalars(sa.select(answers.c.body)) if answer]
        sealed = [bytes(value) for value in await connection.scalars(sa.select(secrets.c.value))]
    assert len(log) > 2
    assert responses
    assert SECRET not in "".join([*texts, *log, caplog.text])
    assert SECRET.encode() not in b"".join([*responses, *sealed])


async def test_base_models_have_prices_with_their_day(api: httpx.AsyncClient) -> None:
    listed = (await api.get("/v1/base-models?kind=sandbox&limit=1")).json()
    [model] = listed["data"]
    assert model["kind"] == "sandbox"
    assert model["prices"]["training"] == {"amount": "0", "currency": "USD"}
    assert model["prices"]["as_of"] == "2026-11-20"
    rest = (await api.get(f"/v1/base-models?kind=sandbox&limit=1000&cursor={listed['next_cursor']}")).json()["data"]
    assert model["id"] not in {each["id"] for each in rest}
    everything = (await api.get("/v1/base-models?limit=1000")).json()["data"]
    assert {each["kind"] for each in everything} > {"openai", "sandbox", "together", "vertex", "bedrock"}


@pytest.mark.parametrize(
    "base_url", ["http://169.254.169.254/v1", "http://localhost:5432/v1", "https://localhost/v1", "https://10.0.0.1/v1"]
)
async def test_a_connection_into_our_own_network_is_refused_with_the_setting_that_allows_it(
    api: httpx.AsyncClient, engine: AsyncEngine, base_url: str
) -> None:
    body = {"name": "inner", "kind": "openai", "secret": SECRET, "base_url": base_url}
    async with client(create_app(STRICT, engine), OPERATOR_KEY) as strict:
        response = await strict.post("/v1/connections", json=body)
        [fault] = response.json()["errors"]
        assert (response.status_code, fault["pointer"], fault["code"]) == (422, "/base_url", "address_not_allowed")
        assert "TUNELEDGER_CONNECTIONS_ALLOW" in fault["detail"]
        path = f"/v1/connections/{(await connect(strict))['id']}"
        changed = await strict.patch(path, json={"base_url": base_url, "secret": SECRET})
        assert (changed.status_code, changed.json()["errors"][0]["pointer"]) == (422, "/base_url")


async def test_an_older_connection_into_our_own_network_says_which_setting_allows_it(
    api: httpx.AsyncClient, engine: AsyncEngine, sandbox: Sandbox
) -> None:
    connection = await connect(api, kind="sandbox", base_url=sandbox.base_url, secret="any")
    async with client(create_app(STRICT, engine), OPERATOR_KEY) as strict:
        response = await strict.post(f"/v1/connections/{connection['id']}/check")
    assert (response.status_code, response.json()["code"]) == (502, "provider_refused")
    assert "TUNELEDGER_CONNECTIONS_ALLOW" in response.json()["detail"]
    assert response.json()["errors"][0]["code"] == "address_not_allowed"
