"""What the converters share: read the parts of our own rows, and note what a format cannot carry. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

DATA_URL = re.compile(r"data:(?P<type>image/[a-z0-9.+-]+);base64,(?P<data>.+)", re.DOTALL)
UNCARRIED = ("weight", "reasoning", "name")
SYSTEM_ROLES = ("system", "developer")

Row = dict[str, Any]


class RowUnfit(ValueError):  # noqa: N818 - it names a state
    """A row has no place in a training file of this method"""


def note_losses(message: Mapping[str, Any], losses: Counter[str]) -> None:
    """Note fields of a message that only the chat format has. A weight of 1 is what all messages have."""
    for name in UNCARRIED:
        if message.get(name) not in (None, 1):
            losses[name] += 1


def iterate_parts(message: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The parts of a message's content; a text is one part."""
    content = message.get("content")
    if isinstance(content, str):
        if content:
            yield {"type": "text", "text": content}
        return
    yield from content or ()


def note_part(part: Mapping[str, Any], losses: Counter[str]) -> None:
    """Note a part that is no text and that the format cannot carry."""
    kind = part["type"].removeprefix("input_").removesuffix("_url")
    losses[kind if kind in ("image", "audio", "video") else "file"] += 1


def join_text(message: Mapping[str, Any]) -> str:
    return "\n".join(part["text"] for part in iterate_parts(message) if part["type"] == "text")


def split_system(messages: list[Row], losses: Counter[str]) -> tuple[str, list[Row]]:
    """The instructions as one text, and the other messages. Instructions further down lose their place."""
    if any(message["role"] == "developer" for message in messages):
        losses["developer"] += 1
    others = [message for message in messages if message["role"] not in SYSTEM_ROLES]
    instructions = [message for message in messages if message["role"] in SYSTEM_ROLES]
    if messages[: len(instructions)] != instructions:
        losses["system_position"] += 1
    return "\n".join(map(join_text, instructions)), others


def parse_arguments(call: Mapping[str, Any], losses: Counter[str]) -> dict[str, Any]:
    """A tool call's arguments as an object; models may write what is none."""
    try:
        arguments = msgspec.json.decode(call["function"]["arguments"])
    except msgspec.DecodeError:
        arguments = None
    if not isinstance(arguments, dict):
        losses["arguments"] += 1
        return {}
    return arguments


def merge_turns(turns: list[Row], parts_field: str) -> list[Row]:
    """Merge neighbours of one role, such as several tool results: these formats want turns that alternate."""
    merged: list[Row] = []
    for turn in turns:
        if merged and merged[-1]["role"] == turn["role"]:
            merged[-1][parts_field] += turn[parts_field]
        else:
            merged.append(turn)
    return merged


def require_preference(row: Row) -> tuple[Row, Row]:
    if not row.get("chosen") or not row.get("rejected"):
        raise RowUnfit("it has no chosen and rejected answer, which preference tuning needs")
    return row["chosen"], row["rejected"]


def require_conversation(row: Row) -> list[Row]:
    if row.get("chosen"):
        raise RowUnfit("it is a preference, which only preference tuning can use")
    messages: list[Row] = row["messages"]
    return messages
