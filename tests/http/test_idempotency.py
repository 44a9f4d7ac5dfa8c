"""A lost answer never makes two of anything."""

import asyncio
import json
import re
from hashlib import sha256
from typing import Any
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import new_id
from service.errors import InFlight, Invalid, KeyReused
from service.http.idempotency import DELETE_OLD, Repeat, claim, hash_request, parse_key, renewed
from service.ledger.store import Claim
from tests.http_client import client

PRINT = hash_request(b"/v1/datasets", b"", sha256(b"{}").digest())
KEY_ID = UUID(int=7)


async def names(api: httpx.AsyncClient) -> list[str]:
    return [dataset["name"] for dataset in (await api.get("/v1/datasets")).json()["data"]]


async def aged(engine: AsyncEngine, seconds: int) -> None:
    async with engine.begin() as connection:
        await connection.exec_driver_sql(
            f"update ledger.answers set claimed_at = claimed_at - interval '{seconds} seconds'"
        )


async def test_a_repeat_gets_the_first_answer_and_makes_nothing(api: httpx.AsyncClient) -> None:
    first = await api.post("/v1/datasets", json={"name": "once"}, headers={"Idempotency-Key": "k"})
    again = await api.post("/v1/datasets", json={"name": "once"}, headers={"Idempotency-Key": '"k"'})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["location"] == first.headers["location"]
    assert (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"]) == (None, "true")
    assert await names(api) == ["once"]


async def test_another_body_under_the_same_key_is_refused(api: httpx.AsyncClient) -> None:
    await api.post("/v1/datasets", json={"name": "a"}, headers={"Idempotency-Key": "k"})
    other = await api.post("/v1/datasets", json={"name": "b"}, headers={"Idempotency-Key": "k"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert await names(api) == ["a"]


async def test_a_key_belongs_to_its_route_and_its_workspace(
    api: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    mine = await api.post("/v1/datasets", json={"name": "a"}, headers={"Idempotency-Key": "k"})
    theirs = await stranger.post("/v1/datasets", json={"name": "a"}, headers={"Idempotency-Key": "k"})
    elsewhere = await api.post("/v1/tasks", json={"name": "a", "instruction": "do"}, headers={"Idempotency-Key": "k"})
    assert [r.status_code for r in (mine, theirs, elsewhere)] == [201, 201, 201]
    assert mine.json()["id"] != theirs.json()["id"]


async def test_of_many_at_once_one_is_carried_out(api: httpx.AsyncClient) -> None:
    async def post() -> httpx.Response:
        return await api.post("/v1/datasets", json={"name": "race"}, headers={"Idempotency-Key": "k"})

    answers = await asyncio.gather(*(post() for _ in range(12)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert {a.json()["code"] for a in answers if a.status_code == 409} <= {"idempotency_in_flight"}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert await names(api) == ["race"]


@pytest.mark.parametrize("body", [{"nam": "a"}, {"name": "a", "task_id": "01900000-0000-7000-8000-000000000000"}])
async def test_a_refusal_is_not_stored_so_the_corrected_request_may_keep_its_key(
    api: httpx.AsyncClient, body: dict[str, str]
) -> None:
    refused = await api.post("/v1/datasets", json=body, headers={"Idempotency-Key": "k"})
    corrected = await api.post("/v1/datasets", json={"name": "a"}, headers={"Idempotency-Key": "k"})
    assert (refused.is_client_error, corrected.status_code) == (True, 201)


async def test_a_stored_response_is_for_the_key_that_asked(app: Litestar, api: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "k"}
    body = {"name": "reader", "scopes": ["operations:read"]}
    other = (await api.post("/v1/api-keys", json=body)).json()["secret"]
    response = await api.post("/v1/tasks", json={"name": "a", "instruction": "do"}, headers=headers)
    async with client(app, other) as reader:
        replayed = await reader.post("/v1/tasks", json={"name": "a", "instruction": "do"}, headers=headers)
    assert response.status_code == 201
    assert (replayed.status_code, replayed.json()["code"]) == (403, "missing_scope")


SECRETS: dict[str, tuple[str, dict[str, Any]]] = {
    "/v1/workspaces": ("api_key", {"name": "Acme"}),
    "/v1/api-keys": ("secret", {"name": "ann", "scopes": ["tasks:read"]}),
    "/v1/members": ("secret", {"name": "bea", "role": "viewer", "key": {}}),
    "/v1/api-keys/{key_id}/rotate": ("secret", {}),
    "/v1/webhooks": ("secret", {"url": "https://example.com/hook"}),
    "/v1/webhooks/{webhook_id}/rotate-secret": ("secret", {}),
}


async def test_no_secret_stands_in_a_stored_response(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    webhook_id = (await api.post("/v1/webhooks", json={"url": "https://example.com/first"})).json()["id"]
    key_id = (await api.post("/v1/api-keys", json={"name": "old", "scopes": ["tasks:read"]})).json()["id"]
    for path, (field, body) in SECRETS.items():
        url, headers = path.format(webhook_id=webhook_id, key_id=key_id), {"Idempotency-Key": path}
        first = await api.post(url, json=body, headers=headers)
        again = await api.post(url, json=body, headers=headers)
        assert first.json()[field], path
        assert again.headers["idempotency-replayed"] == "true", path
        assert again.json() == {**first.json(), field: None}, path
    async with engine.connect() as connection:
        bodies = list(await connection.scalars(sa.text("select convert_from(body, 'UTF8') from ledger.answers")))
    assert len(bodies) == len(SECRETS)
    assert not [body for body in bodies if re.search("tl_[A-Za-z0-9]|whsec_", body)]


async def test_these_are_all_routes_that_answer_with_a_secret(api: httpx.AsyncClient) -> None:
    document = (await api.get("/openapi.json")).json()
    secret = {
        name
        for name, schema in document["components"]["schemas"].items()
        if re.search(r"(WithSecret|WithKey)$", name) or {"secret", "api_key"} & schema.get("properties", {}).keys()
    } - {"NewConnection", "ConnectionPatch"}  # bodies of requests
    answering = {
        path
        for path, operations in document["paths"].items()
        for operation in operations.values()
        if any(f'schemas/{name}"' in json.dumps(operation["responses"]) for name in secret)
    }
    assert answering == SECRETS.keys()


async def test_a_streamed_body_is_known_by_its_bytes_not_by_its_length(api: httpx.AsyncClient) -> None:
    dataset = (await api.post("/v1/datasets", json={"name": "a"})).json()["id"]
    lines = [
        b'{"messages":[{"role":"user","content":"%s"},{"role":"assistant","content":"x"}]}' % c for c in (b"a", b"b")
    ]
    headers = {"Idempotency-Key": "k", "Content-Type": "application/x-ndjson"}
    first, again, other = [
        await api.post(f"/v1/datasets/{dataset}/imports", content=line, headers=headers)
        for line in (lines[0], lines[0], lines[1])
    ]
    assert (first.status_code, again.content) == (202, first.content)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_request_that_still_runs_keeps_its_key(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.http.idempotency.RENEW_SECONDS", 0.01)
    workspace_id = new_id()
    running = await claim(engine, workspace_id, KEY_ID, "POST /x", "k", PRINT)
    assert isinstance(running, Claim)
    async with renewed(engine, running):
        await aged(engine, 31)
        await asyncio.sleep(0.2)
        with pytest.raises(InFlight):
            await claim(engine, workspace_id, KEY_ID, "POST /x", "k", PRINT)


async def test_a_conflict_is_not_stored_since_it_may_pass(api: httpx.AsyncClient) -> None:
    await api.post("/v1/datasets", json={"name": "a"})
    first = await api.post("/v1/datasets", json={"name": "a"}, headers={"Idempotency-Key": "k"})
    again = await api.post("/v1/datasets", json={"name": "a"}, headers={"Idempotency-Key": "k"})
    assert (first.status_code, again.status_code) == (409, 409)
    assert "idempotency-replayed" not in again.headers


async def test_a_key_whose_holder_died_is_free_after_its_time(engine: AsyncEngine) -> None:
    workspace_id = new_id()
    assert isinstance(await claim(engine, workspace_id, KEY_ID, "POST /x", "k", PRINT), Claim)
    with pytest.raises(InFlight):
        await claim(engine, workspace_id, KEY_ID, "POST /x", "k", PRINT)
    await aged(engine, 31)
    assert isinstance(await claim(engine, workspace_id, KEY_ID, "POST /x", "k", PRINT), Claim)


async def test_a_key_is_held_by_one_body_while_it_runs(engine: AsyncEngine) -> None:
    workspace_id = new_id()
    await claim(engine, workspace_id, KEY_ID, "POST /x", "k", PRINT)
    with pytest.raises(KeyReused):
        await claim(engine, workspace_id, KEY_ID, "POST /x", "k", hash_request(b"/v1/datasets", b"", b"other"))


async def test_answers_are_kept_seven_days(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    body = {"name": "a"}
    response = await api.post("/v1/datasets", json=body, headers={"Idempotency-Key": "k"})
    me = (await api.get("/v1/me")).json()
    workspace_id, key_id = UUID(me["workspace_id"]), UUID(me["key_id"])
    print_ = hash_request(b"/v1/datasets", b"", sha256(response.request.content).digest())
    await aged(engine, 6 * 86_400)
    assert isinstance(await claim(engine, workspace_id, key_id, "POST /v1/datasets", "k", print_), Repeat)
    await aged(engine, 2 * 86_400)
    async with engine.begin() as connection:
        assert (await connection.exec_driver_sql(DELETE_OLD)).rowcount == 1
    assert isinstance(await claim(engine, workspace_id, key_id, "POST /v1/datasets", "k", print_), Claim)


@pytest.mark.parametrize("header", ["", '""', "a" * 256, "ü", "a\tb"])
def test_a_key_that_is_none_is_refused_by_name(header: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_key(header)
    assert caught.value.errors[0].pointer == "Idempotency-Key"


@pytest.mark.parametrize(
    ("header", "key"), [("a", "a"), ('"a"', "a"), ("a" * 255, "a" * 255), ("a b", "a b"), (None, None)]
)
def test_a_key_is_bare_or_quoted(header: str | None, key: str | None) -> None:
    assert parse_key(header) == key
