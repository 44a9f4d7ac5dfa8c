"""Chats in OpenAI's shape through Converse and ConverseStream."""

from collections.abc import Mapping
from typing import Any

import pytest

from service.providers.bedrock.bedrock_adapter import BedrockProvider
from service.providers.bedrock.converse_request import build_request
from service.providers.provider import Refused, Unreachable
from tests.emulators.bedrock import BedrockEmulator
from tests.emulators.bedrock.jobs import BASE_MODELS

MODEL = BASE_MODELS[0]
HELLO: list[dict[str, Any]] = [{"role": "user", "content": "hello there"}]
WEATHER = {
    "type": "function",
    "function": {"name": "weather", "description": "Tells it.", "parameters": {"type": "object"}},
}
CALL = {"id": "tooluse_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Oslo"}'}}
PNG = "data:image/png;base64,aGk="


async def collect(provider: BedrockProvider, messages: list[Any] = HELLO, **options: Any) -> list[dict[str, Any]]:
    return [chunk async for chunk in provider.stream(MODEL, messages, options=options)]


async def test_an_answer_has_openais_shape(provider: BedrockProvider) -> None:
    answer = await provider.complete(MODEL, HELLO, max_tokens=9, temperature=0.5)
    assert (answer.text, answer.finish_reason, answer.request_id) == ("Echo: hello there", "stop", "req-1")
    # Bedrock counts cached tokens apart, OpenAI among the input's.
    assert (answer.input_tokens, answer.output_tokens, answer.cached_tokens) == (12, 3, 5)
    assert answer.raw["object"] == "chat.completion"
    assert answer.raw["choices"][0]["message"]["content"] == "Echo: hello there"


async def test_a_whole_conversation_is_translated(provider: BedrockProvider, emulator: BedrockEmulator) -> None:
    image = {"type": "image_url", "image_url": {"url": PNG}}
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": "Be brief."},
        {"role": "developer", "content": [{"type": "text", "text": "Be kind."}]},
        {"role": "user", "content": [{"type": "text", "text": "What is this?"}, image]},
        {"role": "assistant", "content": None, "tool_calls": [CALL, CALL | {"id": "tooluse_2"}]},
        {"role": "tool", "tool_call_id": "tooluse_1", "content": "rain"},
        {"role": "tool", "tool_call_id": "tooluse_2", "content": ""},
        {"role": "user", "content": "And now?"},
    ]
    options = {
        "tools": [WEATHER],
        "tool_choice": {"type": "function", "function": {"name": "weather"}},
        "top_p": 0.9,
        "stop": "END",
        "seed": 7,
        "top_k": 5,
    }
    answer = await provider.complete(MODEL, messages, max_tokens=9, options=options)
    assert (answer.finish_reason, answer.tool_calls) == ("tool_calls", (CALL,))
    [body] = emulator.converse.bodies
    used = {"toolUseId": "tooluse_1", "name": "weather", "input": {"city": "Oslo"}}
    assert body["system"] == [{"text": "Be brief."}, {"text": "Be kind."}]
    assert [turn["role"] for turn in body["messages"]] == ["user", "assistant", "user"]
    assert body["messages"][0]["content"][1] == {"image": {"format": "png", "source": {"bytes": "aGk="}}}
    assert body["messages"][1]["content"][0] == {"toolUse": used}
    assert body["messages"][2]["content"] == [
        {"toolResult": {"toolUseId": "tooluse_1", "content": [{"text": "rain"}]}},
        {"toolResult": {"toolUseId": "tooluse_2", "content": []}},
        {"text": "And now?"},
    ]
    assert body["inferenceConfig"] == {"maxTokens": 9, "topP": 0.9, "stopSequences": ["END"]}
    assert body["toolConfig"]["toolChoice"] == {"tool": {"name": "weather"}}
    assert body["additionalModelRequestFields"] == {"top_k": 5}


@pytest.mark.parametrize("given", ["schema", "response_format"])
async def test_a_schema_is_asked_for(provider: BedrockProvider, emulator: BedrockEmulator, given: str) -> None:
    schema = {"type": "object", "properties": {"x": {"type": "integer"}}}
    if given == "schema":
        await provider.complete(MODEL, HELLO, schema=schema)
    else:
        named = {"name": "answer", "schema": schema}
        await provider.complete(
            MODEL, HELLO, options={"response_format": {"type": "json_schema", "json_schema": named}}
        )
    [body] = emulator.converse.bodies
    assert body["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["name"] == "answer"


@pytest.mark.parametrize(
    ("message", "options", "says"),
    [
        ({}, {"n": 2}, "`n`"),
        ({}, {"logprobs": True}, "`logprobs`"),
        ({}, {"response_format": {"type": "json_object"}}, "json_schema"),
        ({}, {"tools": [{"type": "custom"}]}, "`function`"),
        ({"content": [{"type": "input_audio"}]}, {}, "input_audio"),
        ({"content": [{"type": "image_url", "image_url": {"url": "https://x/y.png"}}]}, {}, "data: URLs"),
        ({"role": "function"}, {}, "function"),
        ({"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "[1"}}]}, {}, "no JSON object"),
    ],
)
def test_what_bedrock_cannot_do_is_refused(message: Mapping[str, Any], options: Mapping[str, Any], says: str) -> None:
    with pytest.raises(Refused, match=says):
        build_request([{"role": "user", "content": "hello", **message}], options)


def test_no_tool_is_no_tool_unless_messages_use_some() -> None:
    options = {"tools": [WEATHER], "tool_choice": "none"}
    assert "toolConfig" not in build_request(HELLO, options)
    used = [*HELLO, {"role": "assistant", "tool_calls": [CALL]}]
    assert "toolChoice" not in build_request(used, options)["toolConfig"]
    assert build_request(HELLO, options | {"tool_choice": "required"})["toolConfig"]["toolChoice"] == {"any": {}}


async def test_a_stream_has_openais_chunks(provider: BedrockProvider) -> None:
    opened: list[Mapping[str, str]] = []
    chunks = [chunk async for chunk in provider.stream(MODEL, HELLO, opened=opened.append)]
    assert [headers["x-request-id"] for headers in opened] == ["req-2"]
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    deltas = [choice["delta"] for chunk in chunks for choice in chunk["choices"]]
    assert "".join(delta.get("content", "") for delta in deltas) == "Echo: hello there "
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop"
    assert chunks[-1]["usage"]["total_tokens"] == 15


async def test_a_tool_call_comes_in_pieces(provider: BedrockProvider) -> None:
    chunks = await collect(provider, tools=[WEATHER])
    calls = [call for chunk in chunks for choice in chunk["choices"] for call in choice["delta"].get("tool_calls", ())]
    assert (calls[0]["id"], calls[0]["function"]["name"]) == ("tooluse_1", "weather")
    assert "".join(call["function"]["arguments"] for call in calls) == '{"city": "Oslo"}'
    assert chunks[-2]["choices"][0]["finish_reason"] == "tool_calls"


@pytest.mark.parametrize(
    ("breaks", "error"),
    [("throttlingException", Unreachable), ("validationException", Refused), ("cut", Unreachable)],
)
async def test_a_stream_that_breaks_off_says_so(
    provider: BedrockProvider, emulator: BedrockEmulator, breaks: str, error: type[Exception]
) -> None:
    emulator.converse.breaks = breaks
    with pytest.raises(error, match="ended before" if breaks == "cut" else "On request"):
        await collect(provider)


@pytest.mark.parametrize("content", [b"", b"data: {}\n\n" * 10, b"\x00" * 40])
async def test_a_stream_that_is_none_is_unreadable(
    provider: BedrockProvider, emulator: BedrockEmulator, content: bytes
) -> None:
    emulator.converse.breaks = content
    with pytest.raises(Unreachable) as unreadable:
        await collect(provider)
    assert unreadable.value.because == "unreadable"


async def test_an_unknown_model_is_refused(provider: BedrockProvider) -> None:
    with pytest.raises(Refused, match="invalid") as refused:
        await provider.complete("no-such-model", HELLO)
    assert (refused.value.provider_code, refused.value.reply and refused.value.reply.request_id) == (
        "ValidationException",
        "req-1",
    )
