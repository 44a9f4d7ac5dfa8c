"""Bedrock's conversations (schema bedrock-conversation-2024). Pure."""

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
    split_system,
)

SCHEMA = "bedrock-conversation-2024"


def convert(row: Row, losses: Counter[str]) -> Row:
    """A conversation whose last turn is the assistant's."""
    instructions, others = split_system(require_conversation(row), losses)
    converted: Row = {"schemaVersion": SCHEMA}
    if instructions:
        converted["system"] = [{"text": instructions}]
    converted["messages"] = merge_turns([_build_turn(message, losses) for message in others], "content")
    if tools := row.get("tools"):
        converted["toolConfig"] = {"tools": [_specify(tool["function"], losses) for tool in tools]}
    if row.get("parallel_tool_calls") is not None:
        losses["parallel_tool_calls"] += 1
    return converted


def _build_turn(message: Row, losses: Counter[str]) -> Row:
    if message["role"] == "tool":
        result = {"toolUseId": message["tool_call_id"], "content": [{"text": join_text(message)}]}
        return {"role": "user", "content": [{"toolResult": result}]}
    note_losses(message, losses)
    blocks = [built for part in iterate_parts(message) if (built := _build_block(part, losses))]
    for call in message.get("tool_calls") or ():
        use = {"toolUseId": call["id"], "name": call["function"]["name"], "input": parse_arguments(call, losses)}
        blocks.append({"toolUse": use})
    return {"role": message["role"], "content": blocks}


def _build_block(part: Any, losses: Counter[str]) -> Row | None:
    if part["type"] == "text":
        return {"text": part["text"]}
    if part["type"] != "image_url":
        note_part(part, losses)
        return None
    url = part["image_url"]["url"]
    if data := DATA_URL.fullmatch(url):
        return {"image": {"format": data["type"].removeprefix("image/"), "source": {"bytes": data["data"]}}}
    if url.startswith("s3://"):
        return {"image": {"format": "png" if url.endswith(".png") else "jpeg", "source": {"s3Location": {"uri": url}}}}
    losses["image"] += 1
    return None


def _specify(function: Row, losses: Counter[str]) -> Row:
    if function.get("strict"):
        losses["strict"] += 1
    spec = {"name": function["name"], "inputSchema": {"json": function.get("parameters") or {"type": "object"}}}
    if function.get("description"):
        spec["description"] = function["description"]
    return {"toolSpec": spec}
