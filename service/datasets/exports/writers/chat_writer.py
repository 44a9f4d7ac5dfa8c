"""Formats of chat messages: OpenAI's, and what differs from it a little. Pure."""

import hashlib
import re
from collections import Counter

import msgspec

from service.datasets.exports.writers.written_example import (
    Json,
    LeftOut,
    WrittenExample,
    drop,
    drop_options,
    get_messages,
    iterate_parts,
    join_texts,
    name_part,
    parse_arguments,
    rename_developer,
    require_answer,
)

MISTRAL_ID = re.compile("[A-Za-z0-9]{9}")
COHERE_ROLES = {"system": "System", "user": "User", "assistant": "Chatbot"}


def write_openai_chat(example: WrittenExample, _: Counter[str]) -> list[Json]:
    """The content as it is stored; of a preference `chosen` and `rejected` beside the messages."""
    return [example.content]


def write_openai_rft(example: WrittenExample, losses: Counter[str]) -> list[Json]:
    """The conversation up to the user's turn, and the answer as `answer`."""
    *asked, answer = get_messages(example.content, losses)
    if not asked or asked[-1]["role"] == "assistant":
        raise LeftOut("no_question")
    if answer.get("tool_calls"):
        raise LeftOut("tool_calls")
    answer = drop(answer, losses, "reasoning", "name", "weight")
    text = join_texts(answer, losses)
    messages = [drop(message, losses, "weight", "reasoning") for message in asked]
    return [{"messages": messages, **drop_options(example.content, losses), "answer": text}]


def write_trl(example: WrittenExample, losses: Counter[str]) -> list[Json]:
    """Messages for a chat template: arguments of calls are objects, reasoning is `reasoning_content`."""
    messages = get_messages(example.content, losses)
    others = drop_options(example.content, losses, "parallel_tool_calls")
    return [{"messages": [to_template(message, losses) for message in messages], **others}]


def to_template(message: Json, losses: Counter[str]) -> Json:
    """A message as chat templates of Hugging Face read it."""
    message = drop(message, losses, "weight")
    if message.get("reasoning") is not None:
        message["reasoning_content"] = message.pop("reasoning")
    if message.get("tool_calls"):
        message["tool_calls"] = [
            {**call, "function": {"name": call["function"]["name"], "arguments": parse_arguments(call, losses)}}
            for call in message["tool_calls"]
        ]
    return message


def write_mistral(example: WrittenExample, losses: Counter[str]) -> list[Json]:
    """Ids of tool calls are nine letters or digits, and a message that calls tools has no content."""
    messages = rename_developer(get_messages(example.content, losses), losses)
    others = drop_options(example.content, losses, "parallel_tool_calls")
    return [{"messages": [_to_mistral(message, losses) for message in messages], **others}]


def _to_mistral(message: Json, losses: Counter[str]) -> Json:
    names = ("weight", "reasoning", *(() if message["role"] == "tool" else ("name",)))
    message = drop(message, losses, *names)
    if isinstance(message.get("content"), list):
        for part in message["content"]:
            if part["type"] not in ("text", "image_url"):
                losses[name_part(part)] += 1
        message["content"] = [part for part in message["content"] if part["type"] in ("text", "image_url")]
    if message.get("tool_calls"):
        if message.pop("content", None):
            losses["content_beside_calls"] += 1
        message["tool_calls"] = [{**call, "id": shorten_id(call["id"])} for call in message["tool_calls"]]
    if message["role"] == "tool":
        message["tool_call_id"] = shorten_id(message["tool_call_id"])
    return message


def shorten_id(call_id: str) -> str:
    """Nine letters or digits that stand for an id, the same each time."""
    return call_id if MISTRAL_ID.fullmatch(call_id) else hashlib.sha256(call_id.encode()).hexdigest()[:9]


def write_cohere(example: WrittenExample, losses: Counter[str]) -> list[Json]:
    """Texts of System, User and Chatbot."""
    messages = rename_developer(get_messages(example.content, losses), losses)
    require_no_calls(messages)
    drop_options(example.content, losses, "tools", "parallel_tool_calls")
    spoken = [drop(message, losses, "weight", "reasoning", "name") for message in messages]
    turns = [{"role": COHERE_ROLES[each["role"]], "content": join_texts(each, losses)} for each in spoken]
    return [{"messages": turns}]


def require_no_calls(messages: list[Json]) -> None:
    """Raises LeftOut for a conversation with tool calls: without them the rest makes no sense."""
    if any(message.get("tool_calls") or message["role"] == "tool" for message in messages):
        raise LeftOut("tool_calls")


def write_typed_parts(example: WrittenExample, losses: Counter[str]) -> list[Json]:
    """Each message a list of parts with `value`: text, reasoning, calls; `loss_weight` and tools as text."""
    content = example.content
    require_answer(content)
    messages = [_to_typed(message, losses) for message in content["messages"]]
    row: Json = {"messages": messages}
    for name in ("chosen", "rejected"):
        if content.get(name):
            row[name] = _to_typed(content[name], losses)
    others = drop_options(content, losses, "parallel_tool_calls")
    if others.get("tools"):
        row["tools"] = msgspec.json.encode(others["tools"]).decode()
    return [row]


def _to_typed(message: Json, losses: Counter[str]) -> Json:
    message = drop(message, losses, "name")
    parts: list[Json] = []
    if message.get("reasoning") is not None:
        parts.append({"type": "reasoning", "value": message["reasoning"]})
    for part in iterate_parts(message):
        if part["type"] == "text":
            parts.append({"type": "text", "value": part["text"]})
        elif part["type"] in ("image_url", "audio_url", "video_url"):
            kind = part["type"]
            if part[kind].get("detail"):
                losses["image"] += 1
            parts.append({"type": kind, "value": part[kind]["url"]})
        else:
            losses[name_part(part)] += 1
    for call in message.get("tool_calls") or ():
        value = {"id": call["id"], **call["function"]}
        parts.append({"type": "tool_call", "value": msgspec.json.encode(value).decode()})
    turn = {"role": message["role"], "content": parts}
    if message.get("weight") is not None:
        turn["loss_weight"] = float(message["weight"])
    if message["role"] == "tool":
        turn["tool_call_id"] = message["tool_call_id"]
    return turn
