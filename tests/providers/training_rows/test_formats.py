"""Rows in the format of each provider, one line to one line, with what is lost counted."""

import json
from collections import Counter
from typing import Any

import pytest

from service.providers.training_rows.row_formats import convert_lines
from service.providers.training_rows.row_parts import RowUnfit
from service.providers.traits import Format

SYSTEM, QUESTION = {"role": "system", "content": "S"}, {"role": "user", "content": "U"}
CALL = {"id": "c1", "type": "function", "function": {"name": "w", "arguments": '{"city":"Oslo"}'}}
TOOL = {"type": "function", "function": {"name": "w", "description": "d", "parameters": {"type": "object"}}}
TALK = {
    "messages": [
        SYSTEM,
        QUESTION,
        {"role": "assistant", "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "c1", "content": "4C"},
        {"role": "assistant", "content": "4C", "weight": 1},
    ],
    "tools": [TOOL],
}
PREFERENCE = {
    "messages": [QUESTION],
    "chosen": {"role": "assistant", "content": "good"},
    "rejected": {"role": "assistant", "content": "bad"},
}


def convert(row: dict[str, Any], format_: Format) -> tuple[Any, dict[str, int]]:
    losses: Counter[str] = Counter()
    [line] = convert_lines(json.dumps(row).encode() + b"\n", format_, losses).splitlines()
    return json.loads(line), dict(losses)


def test_chat_rows_stay_as_they_are() -> None:
    piece = b'{"messages": []}\n{"a":  1}\n'
    assert convert_lines(piece, "openai_chat", Counter()) == piece


def test_a_preference_goes_out_in_the_providers_shape() -> None:
    row = PREFERENCE | {"tools": [TOOL], "parallel_tool_calls": False}
    assert convert(row, "openai_preference") == (
        {
            "input": {"messages": [QUESTION], "tools": [TOOL], "parallel_tool_calls": False},
            "preferred_output": [{"role": "assistant", "content": "good"}],
            "non_preferred_output": [{"role": "assistant", "content": "bad"}],
        },
        {},
    )


def test_vertex_gets_contents_with_function_calls() -> None:
    assert convert(TALK, "vertex_gemini") == (
        {
            "systemInstruction": {"role": "system", "parts": [{"text": "S"}]},
            "contents": [
                {"role": "user", "parts": [{"text": "U"}]},
                {"role": "model", "parts": [{"functionCall": {"name": "w", "args": {"city": "Oslo"}}}]},
                {"role": "user", "parts": [{"functionResponse": {"name": "w", "response": {"result": "4C"}}}]},
                {"role": "model", "parts": [{"text": "4C"}]},
            ],
            "tools": [{"functionDeclarations": [TOOL["function"]]}],
        },
        {},
    )


def test_vertex_gets_scored_completions() -> None:
    converted, _ = convert(PREFERENCE, "vertex_preference")
    assert converted == {
        "contents": [{"role": "user", "parts": [{"text": "U"}]}],
        "completions": [
            {"score": 1, "completion": {"role": "model", "parts": [{"text": "good"}]}},
            {"score": 0, "completion": {"role": "model", "parts": [{"text": "bad"}]}},
        ],
    }


def test_bedrock_gets_a_conversation_with_tool_uses() -> None:
    spec = {"name": "w", "description": "d", "inputSchema": {"json": {"type": "object"}}}
    assert convert(TALK, "bedrock_conversation") == (
        {
            "schemaVersion": "bedrock-conversation-2024",
            "system": [{"text": "S"}],
            "messages": [
                {"role": "user", "content": [{"text": "U"}]},
                {
                    "role": "assistant",
                    "content": [{"toolUse": {"toolUseId": "c1", "name": "w", "input": {"city": "Oslo"}}}],
                },
                {"role": "user", "content": [{"toolResult": {"toolUseId": "c1", "content": [{"text": "4C"}]}}]},
                {"role": "assistant", "content": [{"text": "4C"}]},
            ],
            "toolConfig": {"tools": [{"toolSpec": spec}]},
        },
        {},
    )


@pytest.mark.parametrize("format_", ["vertex_gemini", "bedrock_conversation"])
def test_what_a_format_cannot_carry_is_counted_once_a_row(format_: Format) -> None:
    parts = [
        {"type": "image_url", "image_url": {"url": "https://x.test/a.png"}},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}},
        {"type": "text", "text": "what is this?"},
    ]
    bad_call = CALL | {"function": {"name": "w", "arguments": "[1"}}
    row = {
        "messages": [
            {"role": "user", "content": parts, "name": "ann"},
            SYSTEM,
            {"role": "assistant", "content": "x", "weight": 0, "reasoning": "hm"},
            {"role": "user", "content": "and?"},
            {"role": "assistant", "content": "y", "weight": 0, "tool_calls": [bad_call]},
        ],
        "tools": [{"type": "function", "function": {"name": "w", "strict": True}}],
        "parallel_tool_calls": True,
    }
    converted, losses = convert(row, format_)
    names = ("image", "name", "system_position", "weight", "reasoning", "arguments", "strict", "parallel_tool_calls")
    assert losses == dict.fromkeys(names, 1)
    assert "aGk=" in json.dumps(converted)


@pytest.mark.parametrize(
    ("row", "format_"),
    [(TALK, "openai_preference"), (TALK, "vertex_preference"), (PREFERENCE, "vertex_gemini")],
)
def test_a_row_of_the_other_method_is_refused_with_its_number(row: dict[str, Any], format_: Format) -> None:
    line = json.dumps(row).encode() + b"\n"
    with pytest.raises(RowUnfit, match=r"^Row 7 cannot be used: it "):
        convert_lines(line, format_, Counter(), first_line=7)
