"""Converse's answers, whole and in events, as OpenAI's chat completions and chunks. Pure."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from service.providers.provider import Unreachable

FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "guardrail_intervened": "content_filter",
    "content_filtered": "content_filter",
}
Values = dict[str, Any]


class Message(msgspec.Struct, frozen=True, kw_only=True):
    content: list[Values] = []


class Output(msgspec.Struct, frozen=True, kw_only=True):
    message: Message


class Answer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    output: Output
    stop_reason: str | None = None
    usage: Any = None


def build_completion(answer: Answer, *, model: str, request_id: str, created: int) -> Values:
    """The answer as OpenAI's clients read it."""
    blocks = answer.output.message.content
    text = "".join(str(block["text"]) for block in blocks if "text" in block)
    uses = [block["toolUse"] for block in blocks if isinstance(block.get("toolUse"), dict)]
    message: Values = {"role": "assistant", "content": text or None, "refusal": None}
    if uses:
        message["tool_calls"] = [build_tool_call(use, json.dumps(use.get("input") or {})) for use in uses]
    return {
        "id": request_id,
        "object": "chat.completion",
        "created": created,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": find_finish(answer.stop_reason)}],
        "usage": build_usage(answer.usage),
    }


def build_tool_call(use: Mapping[str, Any], arguments: str) -> Values:
    function = {"name": str(use.get("name")), "arguments": arguments}
    return {"id": str(use.get("toolUseId")), "type": "function", "function": function}


def find_finish(reason: Any) -> str:
    """OpenAI's word, else Bedrock's own."""
    return FINISH.get(str(reason), str(reason or "stop"))


def build_usage(usage: Any) -> Values | None:
    """Bedrock counts cached tokens apart, OpenAI among the input's."""
    if not isinstance(usage, dict):
        return None
    cached = _read_count(usage, "cacheReadInputTokens")
    prompt = _read_count(usage, "inputTokens") + cached + _read_count(usage, "cacheWriteInputTokens")
    completion = _read_count(usage, "outputTokens")
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": cached},
    }


def _read_count(usage: Values, name: str) -> int:
    value = usage.get(name)
    return value if isinstance(value, int) else 0


class ChunkBuilder:
    """Turns a stream's events into chunks, one after the other."""

    def __init__(self, *, model: str, request_id: str, created: int) -> None:
        self._head = {"id": request_id, "object": "chat.completion.chunk", "created": created, "model": model}
        self._calls: dict[Any, int] = {}
        self._silent: set[Any] = set()
        self.is_complete = False

    def build(self, kind: str, event: Values) -> Iterator[Values]:
        """The chunks of one event: none for what OpenAI's clients do not know."""
        block = event.get("contentBlockIndex")
        if kind == "messageStart":
            yield self._wrap({"role": "assistant", "content": ""})
        elif kind == "contentBlockStart":
            yield from self._begin_call(block, _read_object(event, "start"))
        elif kind == "contentBlockDelta":
            yield from self._go_on(block, _read_object(event, "delta"))
        elif kind == "contentBlockStop" and block in self._silent:
            yield self._wrap_arguments(block, "{}")
        elif kind == "messageStop":
            self.is_complete = True
            yield self._wrap({}, finish=find_finish(event.get("stopReason")))
        elif kind == "metadata":
            yield {**self._head, "choices": [], "usage": build_usage(event.get("usage"))}

    def _begin_call(self, block: Any, start: Values) -> Iterator[Values]:
        use = start.get("toolUse")
        if isinstance(use, dict):
            index = self._calls[block] = len(self._calls)
            self._silent.add(block)
            yield self._wrap({"tool_calls": [{"index": index, **build_tool_call(use, "")}]})

    def _go_on(self, block: Any, delta: Values) -> Iterator[Values]:
        use = delta.get("toolUse")
        if isinstance(delta.get("text"), str):
            yield self._wrap({"content": delta["text"]})
        elif isinstance(use, dict) and block in self._calls and use.get("input"):
            self._silent.discard(block)
            yield self._wrap_arguments(block, str(use["input"]))

    def _wrap_arguments(self, block: Any, arguments: str) -> Values:
        return self._wrap({"tool_calls": [{"index": self._calls[block], "function": {"arguments": arguments}}]})

    def _wrap(self, delta: Values, *, finish: str | None = None) -> Values:
        return {**self._head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def _read_object(event: Values, name: str) -> Values:
    value = event.get(name)
    return value if isinstance(value, dict) else {}


def parse_event(payload: bytes) -> Values:
    try:
        event = json.loads(payload)
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        raise Unreachable("the provider's stream could not be read", because="unreadable")
    return event
