"""OpenAI's chat completions: the request that is sent, and the answer, read leniently. Pure."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from service.providers.openai.job_schemas import decode
from service.providers.provider import Completion, Unreachable

TOKEN_KEY = "tuneledger_call"  # noqa: S105 - the name of a metadata field


class Message(msgspec.Struct, frozen=True, kw_only=True):
    content: str | list[Any] | None = None
    refusal: str | None = None
    tool_calls: list[dict[str, Any]] | None = None


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    message: Message
    finish_reason: str | None = None
    logprobs: dict[str, Any] | None = None


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """`cost` in US dollars is an addition of OpenRouter and others."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost: Decimal | None = None


class Chat(msgspec.Struct, frozen=True, kw_only=True):
    choices: list[Choice]
    model: str | None = None
    usage: Usage | None = None


class Chats(msgspec.Struct, frozen=True, kw_only=True):
    """A page of stored answers."""

    data: list[dict[str, Any]] | None = None


def build_extra_body(
    options: Mapping[str, Any] | None, *, schema: Mapping[str, Any] | None, token: str | None
) -> dict[str, Any]:
    """What a request says beside its model and messages. An option of the caller's goes before ours."""
    ours: dict[str, Any] = {}
    if schema is not None:
        named = {"name": "answer", "strict": is_strict(schema), "schema": dict(schema)}
        ours["response_format"] = {"type": "json_schema", "json_schema": named}
    if token is not None:
        ours |= {"store": True, "metadata": {TOKEN_KEY: token}}
    return {**ours, **(options or {})}


def is_strict(schema: Any) -> bool:
    """Whether OpenAI would hold a model to it: no object in it is open, or has a field that may be left out."""
    if isinstance(schema, list):
        return all(is_strict(part) for part in schema)
    if not isinstance(schema, Mapping):
        return True
    fields = schema.get("properties")
    if isinstance(fields, Mapping) or schema.get("type") == "object":
        closed = schema.get("additionalProperties") is False
        if not closed or set(schema.get("required", ())) != set(fields or ()):
            return False
    return all(is_strict(part) for part in schema.values())


def parse_completion(content: bytes, *, asked: str) -> Completion:
    chat = decode(content, Chat)
    if not chat.choices:
        raise Unreachable("the provider's response has no choices", because="unreadable")
    choice, usage = chat.choices[0], chat.usage or Usage()
    return Completion(
        text=join_text(choice.message.content),
        model=chat.model or asked,
        input_tokens=usage.prompt_tokens,
        output_tokens=usage.completion_tokens,
        finish_reason=choice.finish_reason,
        raw=json.loads(content),
        refusal=choice.message.refusal,
        tool_calls=tuple(choice.message.tool_calls or ()),
        logprobs=choice.logprobs,
        cost=usage.cost if usage.cost is not None and usage.cost.is_finite() else None,
    )


def find_by_token(content: bytes, token: str) -> Completion | None:
    """The stored answer that carries the token."""
    for stored in _list_by_token(content, token):
        return parse_completion(json.dumps(stored).encode(), asked=str(stored.get("model") or ""))
    return None


def list_ids_by_token(content: bytes, token: str) -> list[str]:
    """The ids of the stored answers that carry the token."""
    return [str(stored["id"]) for stored in _list_by_token(content, token) if stored.get("id")]


def _list_by_token(content: bytes, token: str) -> Iterator[dict[str, Any]]:
    """A server that ignores the filter lists others, too."""
    for stored in decode(content, Chats).data or ():
        metadata = stored.get("metadata")
        if isinstance(metadata, dict) and metadata.get(TOKEN_KEY) == token:
            yield stored


def join_text(content: str | list[Any] | None) -> str:
    """The text, also where a server answers in parts."""
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    return content or ""
