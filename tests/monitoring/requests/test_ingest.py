"""Logging calls: what is kept, under which version, how often, and what is refused."""

import asyncio
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.datasets.example_bodies import make_task, ok, pages
from tests.datasets.import_files import count
from tests.monitoring.production import Production, ago, middle_of


async def test_a_call_is_read_back_as_it_was_logged(production: Production) -> None:
    sent = production.call(
        input=[{"role": "user", "content": "A \u0000 and a 🦊"}],
        tool_calls=[{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
        latency_ms=420,
        input_tokens=12,
        output_tokens=3,
        cost={"amount": "0.000123", "currency": "USD"},
        user_hash="ab12",
        metadata={"route": "/home"},
        client_id="call 1",
        at="2026-01-31T23:59:59.999Z" if datetime.now(UTC).year == 2026 else ago(days=30),
    )
    [request_id] = await production.log(sent)
    request = await production.read(request_id)
    assert {name: request[name] for name in sent if name not in ("at", "cost")} == {
        name: value for name, value in sent.items() if name not in ("at", "cost")
    }
    assert datetime.fromisoformat(request["at"]) == datetime.fromisoformat(sent["at"])
    assert request["cost"] == {"amount": "0.000123", "currency": "USD"}
    assert (request["logged_by"], request["feedback"], request["examples"], request["erased_at"]) == (
        "first key",
        None,
        [],
        None,
    )


async def test_an_alias_counts_for_where_it_stood_at_the_time(production: Production) -> None:
    between = datetime.now(UTC)
    await production.stand("v1.1")
    calls = [
        production.call(version=None, alias="production", at=(between + timedelta(days=days)).isoformat())
        for days in (-1, 0)
    ]
    answer = await ok(await production.post(*calls, production.call(version=None, alias="production")))
    assert [each["outcome"] for each in answer["data"]] == ["refused", "new", "new"]
    assert [(fault["pointer"], fault["code"]) for fault in answer["errors"]] == [("/requests/0/alias", "no_such_alias")]
    then, now = [await production.read(each["id"]) for each in answer["data"][1:]]
    assert [(each["version"], each["alias"]) for each in (then, now)] == [
        ("v1.0", "production"),
        ("v1.1", "production"),
    ]


async def test_a_client_id_is_logged_once_whatever_its_time_says(production: Production, engine: AsyncEngine) -> None:
    first = await ok(await production.post(*[production.call(client_id="a", at=ago(days=1))] * 2))
    assert [each["outcome"] for each in first["data"]] == ["new", "repeated"]
    again = await ok(
        await production.post(
            production.call("Another text", client_id="a", at=ago(days=70)), production.call(client_id="b")
        )
    )
    assert [each["outcome"] for each in again["data"]] == ["repeated", "new"]
    assert {each["id"] for each in (*first["data"], again["data"][0])} == {first["data"][0]["id"]}
    assert (await production.read(first["data"][0]["id"]))["input"] == "The council met."
    assert await count(engine, "telemetry.requests") == 2


async def test_many_that_log_the_same_calls_at_once_log_them_once(production: Production, engine: AsyncEngine) -> None:
    calls = [production.call(client_id=str(number), at=ago(days=number)) for number in range(60)]
    answers = await asyncio.gather(*[post(production, calls[turn:] + calls[:turn]) for turn in range(8)])
    assert sum(answer["new"] for answer in answers) == 60
    assert len({each["id"] for answer in answers for each in answer["data"]}) == 60
    assert await count(engine, "telemetry.requests") == await count(engine, "telemetry.texts") == 60


async def post(production: Production, calls: list[Any]) -> Any:
    return await ok(await production.post(*calls))


async def test_the_same_client_id_in_another_workspace_is_another_call(
    production: Production, stranger: httpx.AsyncClient
) -> None:
    await production.log(production.call(client_id="a"))
    refused = await ok(await stranger.post("/v1/requests", json={"requests": [production.call(client_id="a")]}))
    assert (refused["refused"], refused["errors"][0]["pointer"]) == (1, "/requests/0/model_id")
    model = (await ok(await stranger.post("/v1/models", json={"name": "own"})))["id"]
    unknown = production.call(client_id="a", model_id=model)
    assert (await ok(await stranger.post("/v1/requests", json={"requests": [unknown]})))["errors"][0]["code"] == (
        "no_such_version"
    )


@pytest.mark.parametrize(
    ("wrong", "pointer", "code"),
    [
        ({"version": None}, "/version", "required"),
        ({"alias": "production"}, "/version", "required"),
        ({"version": "v9.0"}, "/version", "no_such_version"),
        ({"version": "production"}, "/version", "invalid"),
        ({"model_id": str(uuid.uuid4())}, "/model_id", "no_such_model"),
        ({"at": ago(days=-1)}, "/at", "future"),
        ({"at": "1999-01-01T00:00:00Z"}, "/at", "too_old"),
        ({"at": "0001-01-01T00:00:00+23:00"}, "/at", "too_old"),
        ({"at": "2026-01-01T00:00:00"}, "/at", "invalid"),
        ({"output": None}, "/output", "required"),
        ({"input": ""}, "/input", "invalid"),
        ({"input": []}, "/input", "invalid"),
        ({"latency_ms": -1}, "/latency_ms", "invalid"),
        ({"latency_ms": 2**31}, "/latency_ms", "invalid"),
        ({"cost": {"amount": "-1", "currency": "USD"}}, "/cost/amount", "invalid"),
        ({"cost": {"amount": "NaN", "currency": "USD"}}, "/cost/amount", "invalid"),
        ({"cost": {"amount": "1e-400", "currency": "USD"}}, "/cost/amount", "invalid"),
        ({"client_id": "a\u0000b"}, "/client_id", "invalid"),
        ({"feedback": {"stars": 6}}, "/feedback/stars", "invalid"),
        ({"guess": 1}, "/guess", "unknown_field"),
    ],
)
async def test_a_call_that_is_wrong_is_refused_and_the_others_are_kept(
    production: Production, wrong: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await ok(await production.post(production.call(), production.call(**wrong), production.call()))
    assert [each["outcome"] for each in answer["data"]] == ["new", "refused", "new"]
    faults = [(fault["pointer"], fault.get("code", "invalid")) for fault in answer["errors"]]
    assert faults == [(f"/requests/1{pointer}", code)]


async def test_a_batch_that_is_no_list_of_calls_is_refused(production: Production) -> None:
    bodies: list[dict[str, Any]] = [{"requests": []}, {"requests": [production.call()] * 1_001}, {}, {"requests": 3}]
    for body in bodies:
        refused = await production.api.post("/v1/requests", json=body)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/requests")
    deep = b'{"requests":[{"input":' + b"[" * 100_000 + b"]" * 100_000 + b"}]}"
    headers = {"Content-Type": "application/json"}
    assert (await production.api.post("/v1/requests", content=deep, headers=headers)).status_code == 400


async def test_an_answer_is_held_to_the_schema_of_the_models_task(world: Any) -> None:
    schema = {"type": "object", "required": ["title"]}
    task = await make_task(world.api, output_schema=schema)
    production = await Production(world).begin(task_id=task["id"])
    outputs = ['{"title": "x"}', '{"name": "x"}', "not JSON"]
    failed = production.call(output=None, error={"code": "timed_out", "message": "30 s"})
    ids = await production.log(*[production.call(output=output) for output in outputs], failed)
    requests = [await production.read(each) for each in ids]
    assert [each["valid"] for each in requests] == [True, False, False, None]
    assert requests[3]["error"] == {"code": "timed_out", "message": "30 s", "provider_code": None}
    assert set(await production.listed(valid=False)) == set(ids[1:3])


async def test_a_repeated_batch_with_the_same_key_gets_the_first_answer(production: Production) -> None:
    headers = {"Idempotency-Key": "once"}
    body = {"requests": [production.call()]}
    first, again = [await production.api.post("/v1/requests", json=body, headers=headers) for _ in range(2)]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.content == first.content


async def test_lines_are_logged_as_they_come_and_bad_ones_named(production: Production) -> None:
    async def body() -> Any:
        for number in range(2_345):
            line = json.dumps(production.call(f"Text {number}", client_id=str(number))).encode() + b"\n"
            yield line[:20]
            yield line[20:]
        yield b"\n{not json\n\xef\xbb\xbf" + json.dumps(production.call(client_id="7")).encode()

    headers = {"Content-Type": "application/x-ndjson"}
    answer = await ok(await production.api.post("/v1/requests/import", content=body(), headers=headers))
    assert (answer["new"], answer["repeated"], answer["refused"]) == (2_345, 1, 1)
    assert [(fault["line"], fault["code"]) for fault in answer["errors"]] == [(2_347, "not_json")]
    form = await production.api.post("/v1/requests/import", files={"file": b"x"})
    assert form.status_code == 415


async def test_calls_of_a_month_are_kept_in_the_partition_of_that_month(
    production: Production, engine: AsyncEngine
) -> None:
    months = [middle_of(number) for number in (1, 2, 14)]
    ids = await production.log(*[production.call(at=month.isoformat()) for month in months])
    for month, request_id in zip(months, ids, strict=True):
        name = f"telemetry.requests_{month:%Y_%m}"
        async with engine.connect() as connection:
            held = await connection.scalars(sa.text(f"select id from {name}"))
            assert [str(each) for each in held] == [request_id]
    assert await production.listed() == ids


async def test_pages_go_from_the_latest_call_to_the_first_and_take_filters(production: Production) -> None:
    texts = [f"Text {number}" for number in range(7)]
    calls = [production.call(text, at=ago(days=20 * number)) for number, text in enumerate(texts)]
    calls[2] |= {"error": {"code": "refused"}, "version": "v1.1"}
    ids = await production.log(*calls)
    turned = await pages(production.api, "/v1/requests", limit=3)
    assert [[each["id"] for each in page] for page in turned] == [ids[:3], ids[3:6], ids[6:]]
    assert await production.listed(error=True) == [ids[2]]
    assert await production.listed(error=False) == [*ids[:2], *ids[3:]]
    assert await production.listed(version="v1.1") == [ids[2]]
    assert await production.listed(since=ago(days=50), until=ago(days=10)) == ids[1:3]
    assert await production.listed(model_id=str(uuid.uuid4())) == []
    for query in ({"cursor": "x"}, {"since": "yesterday"}, {"since": "0001-01-01T00:00:00+23:00"}, {"rating_gte": 9}):
        assert (await production.api.get("/v1/requests", params=query)).status_code == 400


async def test_strangers_see_none_of_it(production: Production, stranger: httpx.AsyncClient) -> None:
    [request_id] = await production.log(production.call())
    assert (await stranger.get(f"/v1/requests/{request_id}")).status_code == 404
    assert (await ok(await stranger.get("/v1/requests")))["data"] == []
    assert (await stranger.delete(f"/v1/requests/{request_id}")).status_code == 404
    for no_id in (uuid.uuid4(), uuid.UUID(int=2**128 - 1), uuid.UUID(int=0)):
        assert (await production.api.get(f"/v1/requests/{no_id}")).status_code == 404
