"""ShareGPT as LLaMA-Factory and Axolotl read it: from and value, calls and observations, tools as text. Pure."""

from collections import Counter
from itertools import groupby
from typing import Any

import msgspec

from service.datasets.exports.writers.written_example import (
    Json,
    WrittenExample,
    drop,
    drop_options,
    iterate_parts,
    name_part,
    parse_arguments,
    rename_developer,
    require_answer,
)

SPEAKERS = {"system": "system", "user": "human", "assistant": "gpt"}
MARKS = {"image_url": ("images", "<image>"), "video_url": ("videos", "<video>"), "audio_url": ("audios", "<audio>")}


def write_sharegpt(example: WrittenExample, losses: Counter[str]) -> list[Json]:
    """A conversation; a preference has `chosen` and `rejected` as turns beside it."""
    content = example.content
    require_answer(content)
    messages = rename_developer(content["messages"], losses)
    media: Json = {}
    turns: list[Json] = []
    for is_result, group in groupby(messages, lambda message: message["role"] == "tool"):
        several = list(group)
        if is_result:
            turns.append(_build_observation(several, losses, media))
        else:
            turns += [_build_turn(message, losses, media) for message in several]
    row: Json = {"conversations": turns}
    for name in ("chosen", "rejected"):
        if content.get(name):
            row[name] = _build_turn(content[name], losses, media)
    tools = drop_options(content, losses, "parallel_tool_calls").get("tools")
    if tools:
        row["tools"] = _encode([tool["function"] for tool in tools])
    return [{**row, **media}]


def _build_turn(message: Json, losses: Counter[str], media: Json) -> Json:
    message = drop(message, losses, "reasoning", "name")
    weight = {} if message.get("weight") is None else {"weight": message["weight"]}
    calls = message.get("tool_calls")
    if not calls:
        return {"from": SPEAKERS[message["role"]], "value": _join_marks(message, losses, media), **weight}
    if message.get("content"):
        losses["content_beside_calls"] += 1
    listed = [{"name": call["function"]["name"], "arguments": parse_arguments(call, losses)} for call in calls]
    return {"from": "function_call", "value": _encode(listed if len(listed) > 1 else listed[0]), **weight}


def _build_observation(results: list[Json], losses: Counter[str], media: Json) -> Json:
    """One turn for all results of a message's calls, since turns have to alternate."""
    texts = [_join_marks(drop(result, Counter(), "name"), losses, media) for result in results]
    return {"from": "observation", "value": _encode(texts) if len(texts) > 1 else texts[0]}


def _join_marks(message: Json, losses: Counter[str], media: Json) -> str:
    """The text, with a mark for each file; their addresses go beside the conversation."""
    texts = []
    for part in iterate_parts(message):
        if part["type"] == "text":
            texts.append(part["text"])
        elif part["type"] in MARKS and message["role"] == "user":
            column, mark = MARKS[part["type"]]
            media.setdefault(column, []).append(part[part["type"]]["url"])
            if part[part["type"]].get("detail"):
                losses["image"] += 1
            texts.append(mark)
        else:
            losses[name_part(part)] += 1
    return "".join(texts)


def _encode(value: Any) -> str:
    return msgspec.json.encode(value).decode()
