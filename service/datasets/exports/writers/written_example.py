"""What writers share: an example as builtins, what a format cannot carry, and why a row is left out. Pure."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from uuid import UUID

import msgspec

Json = dict[str, Any]

# What a row may lose on its way into a format.
LOSSES = {
    "arguments": "arguments of a tool call that are no JSON object",
    "audio": "an audio part",
    "content_beside_calls": "the text of a message that also calls tools",
    "developer": "the developer role: the turn becomes a system turn",
    "file": "a file part",
    "image": "an image part",
    "joined_turns": "turns of one speaker in a row: they become one",
    "name": "the name of a speaker",
    "parallel_tool_calls": "whether the model may call several tools at once",
    "reasoning": "the reasoning before an answer",
    "rejected": "the worse answer of a preference",
    "roles": "who says what: the conversation becomes one text in ChatML",
    "strict": "whether a tool's arguments must match its schema",
    "system": "a system turn of its own: its text begins the prompt",
    "system_position": "the place of a system turn that is not the first: it moves to the front",
    "tools": "the declared tools",
    "video": "a video part",
    "weight": "a weight of 0, which keeps a message out of the loss",
}
# Why a whole row has no place in a format.
REASONS = {
    "no_alternation": "question and answer do not take turns, which LLaMA-Factory would drop",
    "no_preference": "it is no preference",
    "no_question": "there is no user's turn before the answer",
    "no_rating": "it has no rating that says good (4 stars or more) or bad (2 or less)",
    "several_turns": "it has earlier turns of an assistant",
    "tool_calls": "it calls tools",
    "unanswered": "it has no answer yet",
}


class LeftOut(ValueError):  # noqa: N818 - it names a state
    """A row has no place in this format; the argument is one of REASONS"""


class WrittenExample(msgspec.Struct, frozen=True, kw_only=True):
    """An example to write. `content` is chat JSON as builtins; `score` are stars."""

    id: UUID
    content: Json
    external_id: str | None = None
    tags: tuple[str, ...] = ()
    split: str | None = None
    score: float | None = None
    metadata: Any = None
    original: bytes | None = None


def get_fields(example: WrittenExample) -> Json:
    """What an import takes beside the content. Without an external id, the id stands for one."""
    fields = {
        "external_id": example.external_id or str(example.id),
        "tags": list(example.tags),
        "split": example.split,
        "rating": int(example.score) if example.score and example.score.is_integer() else None,
        "metadata": example.metadata,
    }
    return {name: value for name, value in fields.items() if value is not None}


def get_messages(content: Json, losses: Counter[str]) -> list[Json]:
    """The whole conversation; of a preference with the better answer, the worse one is lost. Raises LeftOut."""
    require_answer(content)
    messages: list[Json] = list(content["messages"])
    if content.get("chosen"):
        losses["rejected"] += 1
        return [*messages, content["chosen"]]
    return messages


def get_conversation(example: WrittenExample, losses: Counter[str]) -> WrittenExample:
    """The same example, of a preference with the better answer alone. Raises LeftOut."""
    others = {name: value for name, value in example.content.items() if name not in ("chosen", "rejected")}
    return msgspec.structs.replace(example, content={**others, "messages": get_messages(example.content, losses)})


def note_joined_turns(messages: list[Json], losses: Counter[str]) -> None:
    """Count turns of one speaker in a row, for formats in which speakers take turns."""
    roles = [message["role"] for message in messages]
    if any(role == after for role, after in pairwise(roles) if role in ("user", "assistant")):
        losses["joined_turns"] += 1


def require_answer(content: Json) -> None:
    """Raises LeftOut for a conversation without an answer."""
    if not content.get("chosen") and content["messages"][-1]["role"] != "assistant":
        raise LeftOut("unanswered")


def get_pair(content: Json) -> tuple[Json, Json]:
    """The better and the worse answer. Raises LeftOut."""
    if not content.get("chosen") or not content.get("rejected"):
        raise LeftOut("no_preference")
    return content["chosen"], content["rejected"]


def drop(message: Json, losses: Counter[str], *names: str) -> Json:
    """The message without these fields; each that says something is a loss. A weight of 1 is what all messages have."""
    for name in names:
        if message.get(name) not in (None, 1):
            losses[name] += 1
    return {name: value for name, value in message.items() if name not in names}


def drop_options(content: Json, losses: Counter[str], *names: str) -> Json:
    """What stands beside the messages, without these fields."""
    for name in names:
        if content.get(name) is not None:
            losses[name] += 1
    others = ("messages", "chosen", "rejected", *names)
    return {name: value for name, value in content.items() if name not in others}


def rename_developer(messages: list[Json], losses: Counter[str]) -> list[Json]:
    """The same messages with system turns for developer turns."""
    if any(message["role"] == "developer" for message in messages):
        losses["developer"] += 1
    return [{**message, "role": "system"} if message["role"] == "developer" else message for message in messages]


def iterate_parts(message: Json) -> Iterator[Json]:
    """The parts of a message; a text is one."""
    content = message.get("content")
    if isinstance(content, str):
        yield {"type": "text", "text": content}
    else:
        yield from content or ()


def join_texts(message: Json, losses: Counter[str]) -> str:
    """The texts of a message; each other part is a loss."""
    texts = []
    for part in iterate_parts(message):
        if part["type"] == "text":
            texts.append(part["text"])
        else:
            losses[name_part(part)] += 1
    return "".join(texts)


def name_part(part: Json) -> str:
    """What a part that is no text counts as."""
    kind: str = part["type"].removeprefix("input_").removesuffix("_url")
    return kind if kind in LOSSES else "file"


def parse_arguments(call: Json, losses: Counter[str]) -> Any:
    """A tool call's arguments as an object; models may write what is none."""
    try:
        arguments = msgspec.json.decode(call["function"]["arguments"])
    except (msgspec.DecodeError, RecursionError):
        arguments = None
    if not isinstance(arguments, dict):
        losses["arguments"] += 1
        return {}
    return arguments
