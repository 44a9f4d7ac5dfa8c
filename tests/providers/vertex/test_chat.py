"""Chats with models at Vertex, in OpenAI's shape on our side and in Gemini's on the wire."""

import json
from typing import Any

import pytest

from service.providers.provider import Refused, Unreachable
from service.providers.vertex.vertex_adapter import VertexProvider
from service.providers.vertex.vertex_answer import Answer, Replies
from service.providers.vertex.vertex_content import build_contents
from service.providers.vertex.vertex_request import build_request
from tests.emulators.vertex import VertexEmulator
from tests.emulators.vertex.wire import build_error

MODEL = "gemini-2.5-flash"
HELLO = [{"role": "system", "content": "Be short."}, {"role": "user", "content": "hello you"}]
WEATHER = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
PIXEL = "data:image/png;base64,iVBORw0KGgo="


async def collect(provider: VertexProvider, text: str, **options: Any) -> list[dict[str, Any]]:
    messages = [{"role": "user", "content": text}]
    return [chunk async for chunk in provider.stream(MODEL, messages, options=options)]


async def test_a_chat_goes_out_as_contents_and_comes_back_as_a_completion(
    provider: VertexProvider, emulator: VertexEmulator
) -> None:
    options = {"top_p": 0.9, "stop": "END", "seed": 7, "user": "me"}
    completion = await provider.complete(MODEL, HELLO, max_tokens=50, temperature=0.5, options=options)
    assert emulator.chats.bodies == [
        {
            "systemInstruction": {"role": "system", "parts": [{"text": "Be short."}]},
            "contents": [{"role": "user", "parts": [{"text": "hello you"}]}],
            "generationConfig": {
                "maxOutputTokens": 50,
                "temperature": 0.5,
                "topP": 0.9,
                "stopSequences": ["END"],
                "seed": 7,
            },
        }
    ]
    assert (completion.text, completion.finish_reason, completion.model) == ("Echo: hello you", "stop", MODEL)
    assert (completion.input_tokens, completion.output_tokens, completion.reasoning_tokens) == (2, 5, 2)
    assert completion.raw["object"] == "chat.completion"
    assert completion.raw["choices"][0]["message"]["role"] == "assistant"


async def test_a_schema_asks_for_json(provider: VertexProvider, emulator: VertexEmulator) -> None:
    schema = {"type": "object", "properties": {"echo": {"type": "string"}}}
    completion = await provider.complete(MODEL, HELLO, schema=schema)
    assert json.loads(completion.text) == {"echo": "Echo: hello you"}
    config = emulator.chats.bodies[0]["generationConfig"]
    assert config == {"responseMimeType": "application/json", "responseJsonSchema": schema}


async def test_a_tool_is_called_and_its_result_goes_back(provider: VertexProvider, emulator: VertexEmulator) -> None:
    asked = {"role": "user", "content": "call it"}
    called = await provider.complete(MODEL, [asked], options={"tools": [WEATHER], "tool_choice": "required"})
    assert (called.finish_reason, called.text) == ("tool_calls", "")
    [call] = called.tool_calls
    assert (call["function"]["name"], json.loads(call["function"]["arguments"])) == ("weather", {"city": "Oslo"})
    answer = {"role": "tool", "tool_call_id": call["id"], "content": "4C"}
    await provider.complete(MODEL, [asked, called.raw["choices"][0]["message"], answer], options={"tools": [WEATHER]})
    first, second = emulator.chats.bodies
    assert first["toolConfig"] == {"functionCallingConfig": {"mode": "ANY"}}
    declared = {"name": "weather", "parametersJsonSchema": {"type": "object"}}
    assert first["tools"] == [{"functionDeclarations": [declared]}]
    assert second["contents"][1:] == [
        {
            "role": "model",
            "parts": [{"functionCall": {"name": "weather", "args": {"city": "Oslo"}}, "thoughtSignature": "c2lnbmVk"}],
        },
        {"role": "user", "parts": [{"functionResponse": {"name": "weather", "response": {"result": "4C"}}}]},
    ]


async def test_a_blocked_request_is_a_refusal(provider: VertexProvider) -> None:
    completion = await provider.complete(MODEL, [{"role": "user", "content": "unsafe"}])
    assert (completion.finish_reason, completion.refusal) == ("content_filter", "The request was blocked: SAFETY.")
    chunks = await collect(provider, "unsafe")
    assert chunks[0]["choices"][0]["delta"]["refusal"] == completion.refusal
    assert chunks[0]["choices"][0]["finish_reason"] == "content_filter"


async def test_a_stream_comes_in_chunks_and_ends_with_the_tokens(provider: VertexProvider) -> None:
    chunks = await collect(provider, "hello you", max_completion_tokens=3)
    texts = [chunk["choices"][0]["delta"]["content"] for chunk in chunks[:-1]]
    assert "".join(texts) == "Echo: hello you"
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks[:-1]] == [None, None, "stop"]
    assert (chunks[-1]["choices"], chunks[-1]["usage"]["completion_tokens"]) == ([], 3)
    called = await collect(provider, "call it", tools=[WEATHER])
    assert called[0]["choices"][0]["delta"]["tool_calls"][0]["index"] == 0
    assert called[0]["choices"][0]["finish_reason"] == "tool_calls"


async def test_a_stream_that_ends_early_or_with_an_error_is_told(
    provider: VertexProvider, emulator: VertexEmulator
) -> None:
    piece = json.dumps({"candidates": [{"content": {"parts": [{"text": "Ech"}]}}]})
    emulator.chats.said_instead = f"data: {piece}\n\n"
    with pytest.raises(Unreachable, match="ended before"):
        await collect(provider, "hello")
    error = json.dumps(build_error(429, "Too many.", details=[{"retryDelay": "3s"}]))
    emulator.chats.said_instead += f"data: {error}\n\n"
    with pytest.raises(Unreachable, match="Too many") as busy:
        await collect(provider, "hello")
    assert busy.value.retry_after == 3.0


async def test_a_refused_stream_has_googles_words(provider: VertexProvider, emulator: VertexEmulator) -> None:
    refusal = [build_error(400, "The input token count exceeds the maximum.")]
    emulator.faults.add(".*streamGenerateContent", status=400, body=refusal)
    with pytest.raises(Refused, match="token count exceeds") as refused:
        await collect(provider, "hello")
    assert refused.value.provider_code == "INVALID_ARGUMENT"


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"logit_bias": {"5": 1}}, "logit_bias"),
        ({"tool_choice": "sometimes"}, "tool_choice"),
        ({"response_format": {"type": "yaml"}}, "response_format"),
        ({"reasoning_effort": "utmost"}, "reasoning_effort"),
        ({"tools": [{"type": "retrieval"}]}, "tools[0]"),
    ],
)
def test_an_option_without_a_counterpart_is_refused_by_name(given: dict[str, Any], param: str) -> None:
    with pytest.raises(Refused) as refused:
        build_request(HELLO, given)
    assert refused.value.reply
    assert (refused.value.reply.param, refused.value.reply.status) == (param, 400)


@pytest.mark.parametrize(
    ("message", "param"),
    [
        ({"role": "narrator", "content": "x"}, "messages[0].role"),
        ({"role": "tool", "tool_call_id": "nobody", "content": "x"}, "messages[0].tool_call_id"),
        ({"role": "user", "content": [{"type": "hologram"}]}, "messages[0].content[0]"),
        ({"role": "user", "content": [{"type": "image_url", "image_url": {"url": "file:///x.png"}}]}, "messages[0]"),
        (
            {"role": "assistant", "tool_calls": [{"id": "a", "function": {"name": "w", "arguments": "{"}}]},
            "messages[0].tool_calls[0].function.arguments",
        ),
    ],
)
def test_a_message_that_gemini_cannot_hold_is_refused_by_its_place(message: dict[str, Any], param: str) -> None:
    with pytest.raises(Refused) as refused:
        build_contents([message])
    assert refused.value.reply
    assert (refused.value.reply.param or "").startswith(param)


def test_images_go_inline_or_by_address() -> None:
    urls = [PIXEL, "https://example.org/cat.jpg?size=2"]
    parts = [{"type": "text", "text": "What?"}, *({"type": "image_url", "image_url": {"url": url}} for url in urls)]
    assert build_contents([{"role": "user", "content": parts}])["contents"][0]["parts"] == [
        {"text": "What?"},
        {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}},
        {"fileData": {"mimeType": "image/jpeg", "fileUri": urls[1]}},
    ]


def test_several_results_become_one_content() -> None:
    calls = [{"id": name, "function": {"name": name, "arguments": "{}"}} for name in "ab"]
    results = [{"role": "tool", "tool_call_id": name, "content": name} for name in "ab"]
    contents = build_contents([{"role": "assistant", "content": None, "tool_calls": calls}, *results])["contents"]
    assert [(each["role"], len(each["parts"])) for each in contents] == [("model", 2), ("user", 2)]


@pytest.mark.parametrize(
    ("reason", "finish"),
    [("STOP", "stop"), ("MAX_TOKENS", "length"), ("SAFETY", "content_filter"), ("OTHER", "stop")],
)
def test_finish_reasons(reason: str, finish: str) -> None:
    candidate = {"finishReason": reason, "content": {"parts": [{"text": "hm", "thought": True}, {"text": "x"}]}}
    [choice] = Replies(MODEL).build_completion(Answer(candidates=[candidate]))["choices"]
    assert (choice["finish_reason"], choice["message"]["content"]) == (finish, "x")
    assert bool(choice["message"]["refusal"]) == (reason == "SAFETY")


def test_log_probabilities_are_told_as_openai_does() -> None:
    one = {"token": "x", "logProbability": -0.5}
    result = {"chosenCandidates": [one], "topCandidates": [{"candidates": [one]}]}
    candidate = {"finishReason": "STOP", "content": {"parts": [{"text": "x"}]}, "logprobsResult": result}
    [choice] = Replies(MODEL).build_completion(Answer(candidates=[candidate]))["choices"]
    [entry] = choice["logprobs"]["content"]
    assert (entry["logprob"], entry["top_logprobs"][0]["token"]) == (-0.5, "x")
