"""OpenAI's own client through the pass-through: whole and streamed answers, refusals, and what is logged of each."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import openai
import pytest
from litestar import Litestar

from service.monitoring.proxy.response_accumulator import ResponseAccumulator
from tests.datasets.example_bodies import Json, ok
from tests.http_client import OPERATOR_KEY, client
from tests.monitoring.production import Production
from tests.monitoring.proxy.sdk_client import found, sdk_through
from tests.tunes.sandbox import MODEL, Sandbox, sandbox_in

QUESTION = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Which category is the match?"}]
NAME = "headlines:live"


@pytest.fixture(scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    async with sandbox_in(tmp_path_factory.mktemp("sandbox"), pace=0.05) as running:
        yield running


@pytest.fixture
async def sandbox(shared: Sandbox) -> AsyncIterator[Sandbox]:
    yield shared
    await shared.http.delete("/sandbox/faults")


@pytest.fixture
async def live(production: Production, sandbox: Sandbox) -> Production:
    """Its alias `live` stands at v1.2, which answers through the sandbox."""
    account = {
        "name": "answers",
        "kind": "sandbox",
        "secret": "sk-hush-hush",
        "base_url": sandbox.base_url,
        "prices": {MODEL: {"input": "2", "output": "8"}},
    }
    connection = await production.world.create("/v1/connections", account)
    elsewhere = {"connection_id": connection["id"], "base_model": MODEL, "provider_model": MODEL}
    await production.world.create(f"{production.path}/versions", elsewhere)
    await ok(await production.api.put(f"{production.path}/aliases/live", json={"version": "v1.2"}))
    return production


async def ask(live: Production, **fields: Any) -> httpx.Response:
    return await live.api.post("/v1/chat/completions", json={"model": NAME, "messages": QUESTION, **fields})


async def logged(live: Production, answer: httpx.Response) -> Json:
    return await found(live, answer.headers["X-Logged-Request-Id"])


def events(answer: httpx.Response) -> list[Any]:
    lines = [line.removeprefix("data: ") for line in answer.text.split("\n\n") if line]
    return [line if line == "[DONE]" else json.loads(line) for line in lines]


async def test_an_answer_passes_through_and_is_logged_with_its_usage_and_cost(live: Production) -> None:
    answer = await ask(live, temperature=0, user="ann@example.org")
    assert answer.status_code == 200, answer.text
    response = answer.json()
    assert (response["object"], response["choices"][0]["finish_reason"]) == ("chat.completion", "stop")
    request = await logged(live, answer)
    assert (request["input"], request["output"]) == (QUESTION, response["choices"][0]["message"]["content"])
    assert (request["version"], request["alias"], request["model_id"]) == ("v1.2", "live", live.model["id"])
    usage = response["usage"]
    assert (request["input_tokens"], request["output_tokens"]) == (usage["prompt_tokens"], usage["completion_tokens"])
    price = (2 * usage["prompt_tokens"] + 8 * usage["completion_tokens"]) / 1_000_000
    assert float(request["cost"]["amount"]) == pytest.approx(price)
    assert request["user_hash"] not in (None, "ann@example.org")
    assert (request["error"], request["latency_ms"] > 0, request["finish_reason"]) == (None, True, "stop")
    assert request["provider_request_id"] == answer.headers["x-provider-request-id"]
    await live.judge(request["id"], stars=1)


@pytest.mark.parametrize("name", ["headlines:v1.2", "{id}:live", "{id}:v1.2"])
async def test_a_version_is_asked_by_name_or_id_and_by_version_or_alias(live: Production, name: str) -> None:
    answer = await ask(live, model=name.format(id=live.model["id"]))
    assert answer.status_code == 200, answer.text
    assert (await logged(live, answer))["version"] == "v1.2"


async def test_an_archived_model_still_answers_until_another_has_its_name(live: Production) -> None:
    assert (await live.api.post(f"{live.path}/archive", json={})).status_code == 200
    answer = await ask(live)
    assert answer.status_code == 200, answer.text
    assert (await logged(live, answer))["model_id"] == live.model["id"]
    await live.world.create("/v1/models", {"name": "headlines"})
    assert (await ask(live)).status_code == 404
    assert (await ask(live, model=f"{live.model['id']}:live")).status_code == 200


@pytest.mark.parametrize("with_usage", [False, True])
async def test_a_stream_passes_through_and_is_logged_whole(live: Production, with_usage: bool) -> None:
    options = {"stream_options": {"include_usage": True}} if with_usage else {}
    answer = await ask(live, stream=True, **options)
    assert answer.headers["content-type"].startswith("text/event-stream")
    *chunks, done = events(answer)
    assert done == "[DONE]"
    text = "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks if chunk["choices"])
    assert [bool(chunk.get("usage")) for chunk in chunks] == [False] * (len(chunks) - 1) + [with_usage]
    request = await logged(live, answer)
    assert (request["output"], request["error"]) == (text, None)
    assert (request["output_tokens"] > 0, request["finish_reason"]) == (True, "stop")
    assert request["provider_request_id"] == answer.headers["x-provider-request-id"]


async def test_a_stream_with_an_idempotency_key_ends_and_is_replayed(live: Production) -> None:
    body = {"model": NAME, "messages": QUESTION, "stream": True}
    async with asyncio.timeout(20):
        first, again = [
            await live.api.post("/v1/chat/completions", json=body, headers={"Idempotency-Key": "once"})
            for _ in range(2)
        ]
    assert first.text.endswith("data: [DONE]\n\n")
    assert (again.text, again.headers["idempotency-replayed"]) == (first.text, "true")


async def test_openais_own_client_reads_answers_streams_and_errors(live: Production, app: Litestar) -> None:
    async with client(app, None) as transport:
        sdk = sdk_through(transport, max_retries=0)
        messages: Any = QUESTION
        whole = await sdk.chat.completions.create(model=NAME, messages=messages)
        stream = await sdk.chat.completions.create(model=NAME, messages=messages, stream=True)
        pieces = [chunk.choices[0].delta.content or "" async for chunk in stream]
        assert "".join(pieces) == whole.choices[0].message.content
        with pytest.raises(openai.NotFoundError) as refused:
            await sdk.chat.completions.create(model="nothing:live", messages=messages)
        assert (refused.value.code, refused.value.param) == ("model_not_found", "model")


@pytest.mark.parametrize("stream", [False, True])
async def test_a_refusal_has_openais_shape_and_is_logged_as_an_error(
    live: Production, sandbox: Sandbox, stream: bool
) -> None:
    await sandbox.meets("insufficient_quota", path="/v1/chat")
    refused = await ask(live, stream=stream)
    body = refused.json()
    assert (refused.status_code, body["status"], body["code"]) == (429, 429, "provider_refused")
    assert (body["error"]["code"], body["error"]["type"]) == ("insufficient_quota", "insufficient_quota")
    assert "sk-hush-hush" not in refused.text
    for _ in range(500):
        if ids := await live.listed(error=True):
            break
        await asyncio.sleep(0.02)
    request = await live.read(ids[0])
    assert (request["error"]["code"], request["output"]) == ("provider_refused", None)
    assert request["error"]["provider_code"] == "insufficient_quota"
    assert request["provider_request_id"] == refused.headers["x-provider-request-id"]


@pytest.mark.parametrize(
    ("fields", "status", "param"),
    [
        ({"model": "headlines"}, 404, "model"),
        ({"model": "headlines:v9.9"}, 404, "model"),
        ({"model": "headlines:nowhere"}, 404, "model"),
        ({"model": "headlines:"}, 404, "model"),
        ({"model": ":live"}, 404, "model"),
        ({"messages": []}, 400, "messages"),
        ({"messages": "Hello"}, 400, "messages"),
        ({"stream": "yes"}, 400, "stream"),
        ({"messages": [{"role": "user", "content": json.loads("[" * 80 + "]" * 80)}]}, 400, "messages"),
    ],
)
async def test_a_wrong_question_is_told_as_openai_would(
    live: Production, fields: dict[str, Any], status: int, param: str
) -> None:
    refused = await ask(live, **fields)
    assert (refused.status_code, refused.json()["error"]["param"]) == (status, param), refused.text
    assert refused.json()["error"]["type"] == "invalid_request_error"
    assert await live.listed() == []


async def test_a_model_without_its_version_is_told_apart_from_no_model(live: Production) -> None:
    there, nowhere = [(await ask(live, model=name)).json()["detail"] for name in ("headlines", "headline")]
    assert there.startswith("Which version of 'headlines'? Give a name or id, a colon, and an alias or version")
    assert nowhere.startswith("There is no model 'headline'.")


async def test_without_a_key_the_error_is_openais_too(live: Production, app: Litestar) -> None:
    async with client(app, None) as nobody:
        refused = await nobody.post("/v1/chat/completions", json={"model": NAME, "messages": QUESTION})
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
    error = refused.json()["error"]
    assert (error["type"], error["code"]) == ("invalid_request_error", "invalid_api_key")


async def test_strangers_and_readers_ask_nobody(live: Production, app: Litestar, stranger: httpx.AsyncClient) -> None:
    body = {"model": NAME, "messages": QUESTION}
    assert (await stranger.post("/v1/chat/completions", json=body)).status_code == 404
    by_id = body | {"model": f"{live.model['id']}:live"}
    assert (await stranger.post("/v1/chat/completions", json=by_id)).status_code == 404
    api_key = await live.world.create("/v1/api-keys", {"name": "reader", "scopes": ["models:read"]})
    async with client(app, api_key["secret"]) as reader:
        refused = await reader.post("/v1/chat/completions", json=body)
    assert (refused.status_code, refused.json()["error"]["type"]) == (403, "permission_error")


async def test_a_client_that_hangs_up_half_way_is_logged_with_what_was_said(live: Production, app: Litestar) -> None:
    long = [{"role": "user", "content": " ".join(f"word{number}" for number in range(400))}]
    body = json.dumps({"model": NAME, "messages": long, "stream": True}).encode()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/v1/chat/completions",
        "raw_path": b"/v1/chat/completions",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"authorization", f"Bearer {OPERATOR_KEY}".encode()), (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1),
        "server": ("tuneledger.test", 80),
    }
    asked, hung_up, headers = asyncio.Event(), asyncio.Event(), {}

    async def receive() -> Any:
        if not asked.is_set():
            asked.set()
            return {"type": "http.request", "body": body, "more_body": False}
        await hung_up.wait()
        return {"type": "http.disconnect"}

    pieces: list[bytes] = []

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            headers.update(message["headers"])
        elif message.get("body"):
            pieces.append(message["body"])
            if len(pieces) == 3:
                hung_up.set()
                await asyncio.sleep(30)  # the network takes no more

    async with asyncio.timeout(20):
        await app(scope, receive, send)  # type: ignore[arg-type]
    request = await found(live, headers[b"x-logged-request-id"].decode())
    assert request["error"]["code"] == "client_disconnected"
    assert request["output_tokens"] is None
    assert request["output"]


def test_tool_calls_are_put_together_from_their_pieces() -> None:
    response = ResponseAccumulator()
    first = {"index": 1, "id": "call_1", "type": "function", "function": {"name": "look", "arguments": ""}}
    for piece in (
        first,
        {"index": 1, "function": {"arguments": '{"a"'}},
        {"index": 1, "function": {"arguments": ":1}"}},
    ):
        response.add_chunk({"choices": [{"index": 0, "delta": {"tool_calls": [piece]}}]})
    response.add_chunk({"choices": [{"index": 1, "delta": {"content": "another answer"}}]})
    response.add_chunk({"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": -1, "cost": "NaN"}})
    assert response.tool_calls == [
        {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": '{"a":1}'}}
    ]
    assert (response.text, response.input_tokens, response.output_tokens, response.cost) == (None, 5, None, None)


@pytest.mark.parametrize("odd", [{}, {"choices": None}, {"choices": [3]}, {"choices": [{"delta": "x", "message": 4}]}])
def test_chunks_of_any_shape_are_taken_in(odd: dict[str, Any]) -> None:
    response = ResponseAccumulator()
    response.add_chunk(odd)
    response.add_complete(odd)
    assert (response.text, response.tool_calls) == (None, None)
