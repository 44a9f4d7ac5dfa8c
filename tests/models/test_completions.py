import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from litestar import Litestar

from tests.http_client import client
from tests.models.world import World
from tests.tunes.sandbox import MODEL, Sandbox, sandbox_in

CHAT = "POST /v1/chat/completions"
HELLO = [{"role": "user", "content": "Which category is the match?"}]


@pytest.fixture(scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    async with sandbox_in(tmp_path_factory.mktemp("sandbox"), pace=0.05) as running:
        yield running


@pytest.fixture
async def sandbox(shared: Sandbox) -> AsyncIterator[Sandbox]:
    yield shared
    await shared.http.delete("/sandbox/faults")


@pytest.fixture
async def model(world: World, sandbox: Sandbox) -> str:
    """A model whose one version answers through the sandbox; its path."""
    account = {"name": "answers", "kind": "sandbox", "secret": "sk-hush-hush", "base_url": sandbox.base_url}
    connection = await world.create("/v1/connections", account)
    path = await world.model()
    elsewhere = {"connection_id": connection["id"], "base_model": MODEL, "provider_model": MODEL}
    await world.create(f"{path}/versions", elsewhere)
    await world.api.put(f"{path}/aliases/production", json={"version": "v1.0"})
    return path


async def ask(world: World, path: str, **fields: Any) -> httpx.Response:
    headers = fields.pop("headers", None)
    return await world.api.post(f"{path}/completions", json={"messages": HELLO} | fields, headers=headers)


@pytest.mark.parametrize("target", [{"version": "v1.0"}, {"alias": "production"}])
async def test_a_version_answers_by_its_name_and_by_an_alias(world: World, model: str, target: dict[str, str]) -> None:
    answer = await ask(world, model, **target)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["version"], body["provider_model"], body["finish_reason"]) == ("v1.0", MODEL, "stop")
    assert "the match" in body["text"]
    assert body["text"] == body["provider_answer"]["choices"][0]["message"]["content"]
    assert body["usage"] == {"input_tokens": 6, "output_tokens": body["usage"]["output_tokens"]}
    assert body["usage"]["output_tokens"] > 0


async def test_limits_and_options_reach_the_provider(world: World, model: str) -> None:
    whole = (await ask(world, model, version="v1.0")).json()
    cut = (await ask(world, model, version="v1.0", max_tokens=3, temperature=0, options={"n": 2})).json()
    assert (cut["finish_reason"], len(cut["provider_answer"]["choices"])) == ("length", 2)
    assert len(cut["text"]) < len(whole["text"])


async def test_what_only_training_knows_is_not_sent(world: World, model: str) -> None:
    answer_message = {"role": "assistant", "content": "sports", "weight": 0, "reasoning": "A match is played."}
    answer = await ask(world, model, version="v1.0", messages=[*HELLO, answer_message, *HELLO])
    assert answer.status_code == 200, answer.text


async def test_a_repeated_question_is_asked_once(world: World, model: str, sandbox: Sandbox) -> None:
    before = await sandbox.count("calls", CHAT)
    headers = {"Idempotency-Key": "once"}
    first, again = [await ask(world, model, version="v1.0", headers=headers) for _ in range(2)]
    assert again.content == first.content
    assert await sandbox.count("calls", CHAT) == before + 1


async def test_a_refusal_comes_in_the_providers_words(world: World, model: str, sandbox: Sandbox) -> None:
    await sandbox.meets("insufficient_quota", path="/v1/chat")
    refused = await ask(world, model, version="v1.0")
    assert (refused.status_code, refused.json()["code"]) == (502, "provider_refused")
    assert refused.json()["errors"][0]["code"] == "insufficient_quota"
    assert "sk-hush-hush" not in refused.text


async def test_a_provider_that_asks_to_wait_says_how_long(world: World, model: str, sandbox: Sandbox) -> None:
    await sandbox.meets("rate_limited", path="/v1/chat", retry_after=7)
    busy = await ask(world, model, version="v1.0")
    assert (busy.status_code, busy.json()["code"]) == (503, "provider_unavailable")
    assert busy.headers["Retry-After"] == "7"


async def test_a_version_whose_connection_was_deleted_cannot_answer(world: World, model: str) -> None:
    version = await world.read(f"{model}/versions/v1.0")
    await world.api.delete(f"/v1/connections/{version['connection_id']}")
    assert (await ask(world, model, version="v1.0")).status_code == 409


@pytest.mark.parametrize(
    ("fields", "status", "pointer"),
    [
        ({}, 400, "/version"),
        ({"version": "v1.0", "alias": "production"}, 400, "/version"),
        ({"version": "v2.0"}, 404, "/version"),
        ({"alias": "staging"}, 404, "/alias"),
        ({"version": "production"}, 400, "/version"),
        ({"version": "v1.0", "messages": []}, 400, "/messages"),
        ({"version": "v1.0", "messages": [{"role": "robot", "content": "x"}]}, 400, "/messages/0/role"),
        ({"version": "v1.0", "temperature": 3}, 400, "/temperature"),
        ({"version": "v1.0", "max_tokens": 0}, 400, "/max_tokens"),
        ({"version": "v1.0", "options": {"model": "another", "stream": True}}, 400, "/options/model"),
        ({"version": "v1.0", "options": {"tools": json.loads("[" * 70 + "]" * 70)}}, 400, "/options"),
    ],
)
async def test_a_wrong_question_names_its_field_and_asks_nobody(
    world: World, model: str, sandbox: Sandbox, fields: dict[str, Any], status: int, pointer: str
) -> None:
    before = await sandbox.count("calls", CHAT)
    refused = await ask(world, model, **fields)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (status, pointer), refused.text
    assert await sandbox.count("calls", CHAT) == before


async def test_strangers_and_readers_get_no_answers(
    app: Litestar, world: World, model: str, stranger: httpx.AsyncClient
) -> None:
    body = {"version": "v1.0", "messages": HELLO}
    assert (await stranger.post(f"{model}/completions", json=body)).status_code == 404
    api_key = await world.create("/v1/api-keys", {"name": "reader", "scopes": ["models:read"]})
    async with client(app, api_key["secret"]) as reader:
        assert (await reader.post(f"{model}/completions", json=body)).status_code == 403
