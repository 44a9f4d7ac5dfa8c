"""The official SDK asks the sandbox for tool calls, whole and streamed, and gets OpenAI's refusals."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import openai
import pytest

from tests.tunes.sandbox import MODEL, Sandbox, sandbox_in

SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1, "maximum": 7}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
WEATHER: Any = {"type": "function", "function": {"name": "get_weather", "description": "The weather of a city",
                                                 "parameters": SCHEMA, "strict": True}}  # fmt: skip
CLOCK: Any = {"type": "function", "function": {"name": "read_clock"}}
QUESTION: Any = [{"role": "user", "content": "What is the weather in Oslo?"}]
CALL: Any = {"role": "assistant", "tool_calls": [{"id": "call_1", "type": "function",
                                                  "function": {"name": "get_weather", "arguments": "{}"}}]}  # fmt: skip

RESULT: Any = {"role": "tool", "tool_call_id": "another", "content": "sunny"}


@pytest.fixture(scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    directory: Path = tmp_path_factory.mktemp("sandbox")
    async with sandbox_in(directory, pace=0.05) as running:
        yield running


@pytest.fixture
async def sdk(shared: Sandbox) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(api_key="any", base_url=shared.base_url, max_retries=0) as client:
        yield client


@pytest.mark.parametrize(
    ("choice", "name", "finish"),
    [
        ("required", "get_weather", "tool_calls"),
        ({"type": "function", "function": {"name": "read_clock"}}, "read_clock", "stop"),
    ],
)
async def test_a_tool_is_called_where_the_request_asks_for_it(
    sdk: openai.AsyncOpenAI, choice: Any, name: str, finish: str
) -> None:
    asked: Any = {"model": MODEL, "messages": QUESTION, "tools": [CLOCK, WEATHER], "tool_choice": choice}
    whole = (await sdk.chat.completions.create(**asked)).choices[0]
    assert (whole.finish_reason, whole.message.content) == (finish, None)
    async with sdk.chat.completions.stream(**asked) as stream:
        streamed = (await stream.get_final_completion()).choices[0]
    for answer in (whole, streamed):
        [call] = list(answer.message.tool_calls or ())
        assert (call.type, call.function.name, answer.finish_reason) == ("function", name, finish)
        if name == "get_weather":
            jsonschema_rs.validate(SCHEMA, json.loads(call.function.arguments))


@pytest.mark.parametrize("choice", ["auto", "none", None])
async def test_without_such_a_wish_it_answers_in_words(sdk: openai.AsyncOpenAI, choice: Any) -> None:
    given = {} if choice is None else {"tool_choice": choice}
    answer = await sdk.chat.completions.create(model=MODEL, messages=QUESTION, tools=[WEATHER], **given)
    assert answer.choices[0].message.content


async def test_results_of_tools_are_taken_in(sdk: openai.AsyncOpenAI) -> None:
    result: Any = {"role": "tool", "tool_call_id": "call_1", "content": "sunny"}
    answer = await sdk.chat.completions.create(model=MODEL, messages=[*QUESTION, CALL, result], tools=[WEATHER])
    assert answer.choices[0].message.content


@pytest.mark.parametrize(
    ("given", "param", "words"),
    [
        ({"tools": []}, "tools", "empty array"),
        ({"tools": [{"type": "function", "function": {"name": "get weather"}}]}, "tools[0].function.name", "pattern"),
        ({"tools": [{"type": "function", "function": {"name": "x" * 65}}]}, "tools[0].function.name", "too long"),
        ({"tools": [{"type": "function"}]}, "tools[0].function", "Missing required"),
        ({"tool_choice": "required"}, "tool_choice", "only allowed when 'tools'"),
        ({"tools": [CLOCK], "tool_choice": {"type": "function", "function": {"name": "z"}}}, "tool_choice", "'z'"),
        ({"messages": [*QUESTION, RESULT]}, "messages.[1].role", "preceeding"),
        ({"messages": [*QUESTION, CALL, RESULT]}, "messages.[2].tool_call_id", "not found"),
        ({"messages": [*QUESTION, CALL, *QUESTION]}, "messages", "call_1"),
        ({"metadata": {"a": "b"}}, "metadata", "only allowed when 'store'"),
        ({"max_tokens": 5, "max_completion_tokens": 5}, "max_tokens", "same time"),
    ],
)  # fmt: skip
async def test_what_openai_refuses_is_refused_in_its_words(
    sdk: openai.AsyncOpenAI, given: dict[str, Any], param: str, words: str
) -> None:
    with pytest.raises(openai.BadRequestError, match=words) as refused:
        await sdk.chat.completions.create(**{"model": MODEL, "messages": QUESTION, **given})
    assert refused.value.param == param


async def test_an_unknown_model_is_told_in_openais_words_and_answers_have_its_headers(sdk: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="The model `none` does not exist or you do not have") as refused:
        await sdk.chat.completions.create(model="none", messages=QUESTION)
    assert (refused.value.code, refused.value.request_id is not None) == ("model_not_found", True)
    raw = await sdk.chat.completions.with_raw_response.create(model=MODEL, messages=QUESTION)
    assert raw.headers["x-request-id"].startswith("req_")
    assert raw.headers["x-ratelimit-remaining-requests"].isdigit()
