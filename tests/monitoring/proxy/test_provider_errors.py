"""What a provider refuses or breaks off reaches OpenAI's client as it would without us, and the log."""

import json
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from litestar import Litestar

from tests.datasets.example_bodies import Json, make_dataset, ok
from tests.http_client import client
from tests.monitoring.production import Production
from tests.monitoring.proxy.sdk_client import found, sdk_through
from tests.providers.recorded_wire import Wire, recorded_wire

CHAT, NAME = "/v1/chat/completions", "headlines:live"
QUESTION: Any = [{"role": "user", "content": "Which category is the match?"}]
SOON = {"retry-after-ms": "5"}
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
TOOL_CALL = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with recorded_wire() as wire:
        yield wire


@pytest.fixture
async def live(production: Production, wire: Wire) -> Production:
    """Its alias `live` stands at v1.2, which answers through the wire."""
    account = {"name": "answers", "kind": "openai", "secret": "sk-hush-hush", "base_url": wire.base_url}
    connection = await production.world.create("/v1/connections", account)
    elsewhere = {"connection_id": connection["id"], "base_model": "gpt", "provider_model": "ft:gpt"}
    await production.world.create(f"{production.path}/versions", elsewhere)
    await ok(await production.api.put(f"{production.path}/aliases/live", json={"version": "v1.2"}))
    return production


@pytest.fixture
async def through(app: Litestar, live: Production) -> AsyncIterator[openai.AsyncOpenAI]:
    async with client(app, None) as transport:
        yield sdk_through(transport)


def refusal(message: str, *, kind: str = "invalid_request_error", param: str | None = None, code: Any = None) -> Json:
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def event(data: Any) -> bytes:
    return b"data: " + (data if isinstance(data, bytes) else json.dumps(data).encode()) + b"\n\n"


def chunk(delta: Any, finish: str | None = None) -> Json:
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "ft:gpt",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}  # fmt: skip


def streams(wire: Wire, *events: Any, **headers: str) -> None:
    sent = {"content-type": "text/event-stream"} | headers
    wire.says("POST", CHAT, b"".join(map(event, events)), headers=sent)


async def outcome(sdk: openai.AsyncOpenAI, wire: Wire, model: str, **given: Any) -> tuple[Any, ...]:
    """The exception that the SDK raises, and how often it asked."""
    asked = len(wire.requests)
    with pytest.raises(openai.APIError) as raised:  # noqa: PT012 - raised by the one or by the other
        answer = await sdk.chat.completions.create(model=model, messages=QUESTION, **given)
        async for _ in answer:
            pass
    error = raised.value
    return type(error), error.message, error.code, error.param, error.type, len(wire.requests) - asked


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, refusal("Too long.", param="messages", code="context_length_exceeded")),
        (400, refusal("Filtered.", param="prompt", code="content_filter")),
        (400, refusal("Expected at most 2.", param="temperature", code="decimal_above_max_value")),
        (403, refusal("Your country is not supported.", kind="request_forbidden", code="unsupported_country")),
        (404, refusal("The model `ft:gpt` does not exist.", param="model", code="model_not_found")),
        (409, refusal("Busy.", code="conflict")),
        (422, refusal("Cannot be processed.")),
        (429, refusal("Slow down.", kind="requests", code="rate_limit_exceeded")),
        (429, refusal("No money left.", kind="insufficient_quota", code="insufficient_quota")),
        (500, refusal("The server had an error.", kind="server_error")),
        (503, refusal("Overloaded.", kind="server_error", code="overloaded")),
    ],
)
async def test_the_sdk_raises_and_repeats_as_it_would_without_us(
    through: openai.AsyncOpenAI, wire: Wire, status: int, body: Json, stream: bool
) -> None:
    wire.says("POST", CHAT, body, status=status, headers=SOON)
    async with openai.AsyncOpenAI(api_key="x", base_url=wire.base_url) as direct:
        expected = await outcome(direct, wire, "ft:gpt", stream=stream)
    kind, message, *rest = await outcome(through, wire, NAME, stream=stream)
    assert (kind, rest) == (expected[0], list(expected[2:]))
    assert body["error"]["message"] in message


async def test_a_refused_key_is_the_connections_and_not_the_callers(
    through: openai.AsyncOpenAI, wire: Wire, live: Production
) -> None:
    said = refusal("Incorrect API key provided: sk-hush-hush.", code="invalid_api_key")
    wire.says("POST", CHAT, said, status=401, headers={"x-request-id": "req_7"})
    answer = await outcome(through, wire, NAME)
    assert (answer[0], answer[2], answer[-1]) == (openai.InternalServerError, "provider_key_refused", 1)
    refused = await live.api.post(CHAT, json={"model": NAME, "messages": QUESTION})
    assert (refused.status_code, refused.headers["x-should-retry"]) == (502, "false")
    assert refused.headers["x-provider-request-id"] == "req_7"
    assert "replace the connection's secret" in refused.json()["error"]["message"]
    assert "sk-hush-hush" not in refused.text


async def test_how_long_to_wait_and_whether_to_ask_again_are_passed_on(wire: Wire, live: Production) -> None:
    wire.says("POST", CHAT, refusal("Wait."), status=429, headers={"retry-after": "7", "x-should-retry": "false"})
    refused = await live.api.post(CHAT, json={"model": NAME, "messages": QUESTION})
    headers = [refused.headers[name] for name in ("retry-after", "retry-after-ms", "x-should-retry")]
    assert (refused.status_code, headers) == (429, ["7", "7000", "false"])


async def test_an_error_inside_a_stream_is_passed_on_with_its_words(
    through: openai.AsyncOpenAI, wire: Wire, live: Production
) -> None:
    broken = refusal("The engine is overloaded.", kind="server_error", code="overloaded")
    streams(wire, chunk({"content": "The "}), broken)
    streams(wire, broken)
    for _ in range(2):
        kind, message, code, _, type_, asked = await outcome(through, wire, NAME, stream=True)
        assert (kind, message, code, type_, asked) == (
            openai.APIError, "The engine is overloaded.", "overloaded", "server_error", 1)  # fmt: skip
    answer = await live.api.post(CHAT, json={"model": NAME, "messages": QUESTION, "stream": True})
    assert answer.status_code == 200  # the provider had accepted it
    logged = await found(live, answer.headers["X-Logged-Request-Id"])
    assert (logged["error"]["code"], logged["error"]["provider_code"]) == ("provider_unavailable", "overloaded")


@pytest.mark.parametrize("ending", [(), (chunk({"content": "end"}),)])
async def test_a_stream_that_ends_before_its_answer_is_an_error(
    through: openai.AsyncOpenAI, wire: Wire, live: Production, ending: tuple[Json, ...]
) -> None:
    streams(wire, chunk({"content": "Half "}), *ending)
    answer = await live.api.post(CHAT, json={"model": NAME, "messages": QUESTION, "stream": True})
    assert "[DONE]" not in answer.text
    logged = await found(live, answer.headers["X-Logged-Request-Id"])
    assert logged["output"].startswith("Half ")
    assert logged["error"]["code"] == "provider_unavailable"
    assert (await outcome(through, wire, NAME, stream=True))[0] is openai.APIError


@pytest.mark.parametrize("last", [(b"[DONE]",), (chunk({}, "stop"),), (chunk({}, "stop"), b"[DONE]")])
async def test_either_end_of_a_stream_is_enough(wire: Wire, live: Production, last: tuple[Any, ...]) -> None:
    streams(wire, chunk({"content": "All."}), *last)
    answer = await live.api.post(CHAT, json={"model": NAME, "messages": QUESTION, "stream": True})
    assert answer.text.endswith("data: [DONE]\n\n")
    assert (await found(live, answer.headers["X-Logged-Request-Id"]))["error"] is None


async def test_a_character_in_two_halves_reaches_client_and_log(wire: Wire, live: Production) -> None:
    streams(wire, chunk({"content": "\ud83d"}), chunk({"content": "\ude00"}), chunk({"content": "\ud83d"}, "stop"))
    answer = await live.api.post(CHAT, json={"model": NAME, "messages": QUESTION, "stream": True})
    assert answer.text.count("\\ud83d") == 2
    assert (await found(live, answer.headers["X-Logged-Request-Id"]))["output"] == "\U0001f600\ufffd"


async def test_a_tool_call_is_logged_with_its_tools_and_becomes_an_example_that_has_them(
    wire: Wire, live: Production
) -> None:
    message = {"role": "assistant", "content": None, "tool_calls": [TOOL_CALL]}
    usage = {"prompt_tokens": 9, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 4},
             "completion_tokens_details": {"reasoning_tokens": 3}}  # fmt: skip
    said = {"choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}], "usage": usage}
    wire.says("POST", CHAT, said, headers={"x-request-id": "req_1", "x-ratelimit-remaining-requests": "99"})
    body = {"model": NAME, "messages": QUESTION, "tools": [TOOL], "metadata": {"route": "/a"}}
    answer = await live.api.post(CHAT, json=body)
    assert answer.headers["x-ratelimit-remaining-requests"] == "99"
    sent = json.loads(wire.requests[-1].body)
    assert (sent["tools"], "metadata" in sent) == ([TOOL], False)
    logged = await found(live, answer.headers["X-Logged-Request-Id"])
    figures = [logged[name] for name in ("finish_reason", "cached_tokens", "reasoning_tokens", "provider_request_id")]
    assert figures == ["tool_calls", 4, 3, "req_1"]
    assert (logged["tools"], logged["tool_calls"], logged["metadata"]) == ([TOOL], [TOOL_CALL], {"route": "/a"})
    dataset_id = await make_dataset(live.api)
    promoted = await live.api.post(
        "/v1/requests/promote", json={"request_ids": [logged["id"]], "dataset_id": dataset_id}
    )
    example_id = (await ok(promoted))["data"][0]["example_id"]
    assert (await ok(await live.api.get(f"/v1/examples/{example_id}")))["content"]["tools"] == [TOOL]


async def test_metadata_goes_along_with_store(wire: Wire, live: Production) -> None:
    wire.says("POST", CHAT, {"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}]})
    body = {"model": NAME, "messages": QUESTION, "metadata": {"route": "/a"}, "store": True}
    await ok(await live.api.post(CHAT, json=body))
    assert json.loads(wire.requests[-1].body)["metadata"] == {"route": "/a"}


async def test_a_model_whose_connection_is_gone_is_not_found(live: Production) -> None:
    [version] = (await ok(await live.api.get(f"{live.path}/versions?limit=1")))["data"]
    await ok(await live.api.delete(f"/v1/connections/{version['connection_id']}"))
    refused = await live.api.post(CHAT, json={"model": NAME, "messages": QUESTION})
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "model_not_found")
