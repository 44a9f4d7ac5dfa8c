"""Vertex's formats: Gemini's contents, and preferences with scored completions. Pure."""

from collections import Counter
from typing import Any

from service.providers.training_rows.row_parts import (
    DATA_URL,
    Row,
    iterate_parts,
    join_text,
    merge_turns,
    note_losses,
    note_part,
    parse_arguments,
    require_conversation,
    require_preference,
    split_system,
)


def convert(row: Row, losses: Counter[str]) -> Row:
    """A conversation whose last turn is the model's."""
    return _convert(row, require_conversation(row), losses)


def convert_preference(row: Row, losses: Counter[str]) -> Row:
    chosen, rejected = require_preference(row)
    completions = [
        {"score": score, "completion": {"role": "model", "parts": _build_parts(answer, losses)}}
        for score, answer in ((1, chosen), (0, rejected))
    ]
    return _convert(row, row["messages"], losses) | {"completions": completions}


def _convert(row: Row, messages: list[Row], losses: Counter[str]) -> Row:
    instructions, others = split_system(messages, losses)
    names = {call["id"]: call["function"]["name"] for each in others for call in each.get("tool_calls") or ()}
    converted: Row = {"contents": merge_turns([_build_turn(each, names, losses) for each in others], "parts")}
    if instructions:
        converted["systemInstruction"] = {"role": "system", "parts": [{"text": instructions}]}
    if tools := row.get("tools"):
        declarations = [_declare(tool["function"], losses) for tool in tools]
        converted["tools"] = [{"functionDeclarations": declarations}]
    if row.get("parallel_tool_calls") is not None:
        losses["parallel_tool_calls"] += 1
    return converted


def _build_turn(message: Row, names: dict[str, str], losses: Counter[str]) -> Row:
    if message["role"] == "tool":
        name = names.get(message["tool_call_id"], message["tool_call_id"])
        response = {"name": name, "response": {"result": join_text(message)}}
        return {"role": "user", "parts": [{"functionResponse": response}]}
    role = "model" if message["role"] == "assistant" else "user"
    return {"role": role, "parts": _build_parts(message, losses)}


def _build_parts(message: Row, losses: Counter[str]) -> list[Row]:
    note_losses(message, losses)
    parts = [built for part in iterate_parts(message) if (built := _build_part(part, losses))]
    calls = message.get("tool_calls") or ()
    uses = [{"name": call["function"]["name"], "args": parse_arguments(call, losses)} for call in calls]
    return parts + [{"functionCall": use} for use in uses]


def _build_part(part: Any, losses: Counter[str]) -> Row | None:
    if part["type"] == "text":
        return {"text": part["text"]}
    if part["type"] != "image_url":
        note_part(part, losses)
        return None
    url = part["image_url"]["url"]
    if data := DATA_URL.fullmatch(url):
        return {"inlineData": {"mimeType": data["type"], "data": data["data"]}}
    if url.startswith("gs://"):
        return {"fileData": {"fileUri": url, "mimeType": "image/png" if url.endswith(".png") else "image/jpeg"}}
    losses["image"] += 1
    return None


def _declare(function: Row, losses: Counter[str]) -> Row:
    if function.get("strict"):
        losses["strict"] += 1
    return {name: value for name, value in function.items() if name != "strict" and value is not None}
