"""Chat completions: a tuned model answers from what it was taught, a base model says something general."""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from service.sandbox.learning import Memory, words
from service.sandbox.rows import Message, prompt_of, reply
from service.sandbox.runner import lessons_at
from service.sandbox.wire import Refusal

FINGERPRINT = "fp_sandbox"


class StreamOptions(msgspec.Struct, frozen=True, kw_only=True):
    include_usage: bool = False


class ChatRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Sampling settings are accepted and have nothing to act on: the sandbox's answers do not vary."""

    model: str
    messages: Annotated[list[Message], Meta(min_length=1)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: Annotated[int, Meta(ge=1, le=128)] | None = None
    max_tokens: Annotated[int, Meta(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Meta(ge=1)] | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    message: dict[str, Any]
    finish: Literal["stop", "length", "tool_calls"]
    usage: dict[str, int]


@lru_cache(maxsize=8)
def recall(lessons: Path) -> Memory:
    """What a tuned model was taught. The file is never changed once it is written, so its name is enough of a key."""
    taught = lessons_at(lessons)
    return Memory([*taught.remembered, *taught.train])


def answer(asked: ChatRequest, lessons: Path | None) -> Answer:
    """`lessons` is None for a base model."""
    prompt = prompt_of(asked.messages)
    taught = recall(lessons).answer(prompt) if lessons else None
    message = reply(taught) if taught else {"role": "assistant", "content": _general(asked.messages), "refusal": None}
    limit = asked.max_completion_tokens or asked.max_tokens
    finish: Literal["stop", "length", "tool_calls"] = "tool_calls" if message.get("tool_calls") else "stop"
    if message["content"] and limit is not None and len(message["content"].split()) > limit:
        message["content"] = " ".join(message["content"].split()[:limit])
        finish = "length"
    said = len(words(message["content"] or "")) + len(words(str(message.get("tool_calls", ""))))
    read = len(words(prompt))
    usage = {"prompt_tokens": read, "completion_tokens": said, "total_tokens": read + said}
    return Answer(message=message, finish=finish, usage=usage)


def _general(messages: list[Message]) -> str:
    asked = next((m.text for m in reversed(messages) if m.role == "user"), messages[-1].text)
    about = " ".join(asked.split()[-12:])
    return f"I am a base model of the sandbox and was not taught this task. You wrote about: {about}"


def completion(asked: ChatRequest, given: Answer, *, chat_id: str, now: int) -> dict[str, Any]:
    choices = [
        {"index": index, "message": given.message, "logprobs": None, "finish_reason": given.finish}
        for index in range(asked.n or 1)
    ]
    return {**_head(asked, chat_id, now, "chat.completion"), "choices": choices, "usage": given.usage}


def chunks(asked: ChatRequest, given: Answer, *, chat_id: str, now: int) -> Iterator[str]:
    """The same answer as server-sent events, about a word each."""
    head = _head(asked, chat_id, now, "chat.completion.chunk")
    with_usage = bool(asked.stream_options and asked.stream_options.include_usage)
    for index in range(asked.n or 1):
        for delta, finish in _deltas(given):
            choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}
            yield _event({**head, "choices": [choice]} | ({"usage": None} if with_usage else {}))
    if with_usage:
        yield _event({**head, "choices": [], "usage": given.usage})
    yield "data: [DONE]\n\n"


def _deltas(given: Answer) -> Iterator[tuple[dict[str, Any], str | None]]:
    yield {"role": "assistant", "content": ""}, None
    for word in re.findall(r"\S+\s*|\s+", given.message["content"] or ""):
        yield {"content": word}, None
    for index, call in enumerate(given.message.get("tool_calls", ())):
        yield {"tool_calls": [{"index": index, **call}]}, None
    yield {}, given.finish


def _event(data: dict[str, Any]) -> str:
    return f"data: {msgspec.json.encode(data).decode()}\n\n"


def _head(asked: ChatRequest, chat_id: str, now: int, kind: str) -> dict[str, Any]:
    return {
        "id": chat_id,
        "object": kind,
        "created": now,
        "model": asked.model,
        "service_tier": "default",
        "system_fingerprint": FINGERPRINT,
    }


def must_be_whole(asked: ChatRequest) -> None:
    """Raises Refusal for a conversation that asks for nothing."""
    if not any(message.text for message in asked.messages):
        raise Refusal("Invalid 'messages': nothing is said in them.", param="messages", code="invalid_value")
