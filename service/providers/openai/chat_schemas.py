"""OpenAI's chat completions: the request that is sent, and the answer, read leniently. Pure."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from service.providers.openai.job_schemas import decode
from service.providers.provider import REQUEST_ID, Completion, Unreachable

REQUEST_ID_HEADERS = (REQUEST_ID, "apim-request-id", "x-amzn-requestid", "cf-ray")
MAX_REQUEST_ID = 200
TOKEN_KEY = "tuneledger_call"  # noqa: S105 - the name of a metadata field


class Message(msgspec.Struct, frozen=True, kw_only=True):
    content: str | list[Any] | None = None
    refusal: str | None = None
    tool_calls: list[dict[str, Any]] | None = None


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    message: Message
    finish_reason: str | None = None
    logprobs: dict[str, Any] | None = None


class TokenDetails(msgspec.Struct, frozen=True, kw_only=True):
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """`cost` in US dollars is an addition of OpenRouter and others."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: TokenDetails | None = None
    completion_tokens_details: TokenDetails | None = None
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
    """What a request says beside its model and messages. An option of the caller's goes before ours.

    Metadata is for stored answers alone: OpenAI refuses it in a request that does not set `store`.
    """
    ours: dict[str, Any] = {}
    if schema is not None:
        named = {"name": "answer", "strict": is_strict(schema), "schema": dict(schema)}
        ours["response_format"] = {"type": "json_schema", "json_schema": named}
    if token is not None:
        ours |= {"store": True, "metadata": {TOKEN_KEY: token}}
    body = {**ours, **(options or {})}
    if not body.get("store"):
        body.pop("metadata", None)
    return body


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
        cached_tokens=usage.prompt_tokens_details.cached_tokens if usage.prompt_tokens_details else None,
        reasoning_tokens=usage.completion_tokens_details.reasoning_tokens if usage.completion_tokens_details else None,
    )


def parse_chunk(data: bytes) -> dict[str, Any]:
    """Parse the data of an event. Raises Unreachable unless it is a JSON object."""
    try:
        chunk = json.loads(data)  # not msgspec: servers written in Python send a log-probability of -Infinity as a word
    except (ValueError, RecursionError):
        chunk = None
    if not isinstance(chunk, dict):
        raise Unreachable("the provider's stream could not be read", because="unreadable")
    return chunk


class StreamProgress:
    """Which of a stream's answers have begun, and which have ended."""

    def __init__(self) -> None:
        self._begun: set[Any] = set()
        self._ended: set[Any] = set()

    def add(self, chunk: dict[str, Any]) -> None:
        choices = chunk.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, dict):
                index = str(choice.get("index", 0))
                self._begun.add(index)
                if choice.get("finish_reason"):
                    self._ended.add(index)

    @property
    def is_complete(self) -> bool:
        return bool(self._ended) and self._begun == self._ended


def select_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that a caller of ours can use: the request's id and the rate limits."""
    selected = {name: value for name, value in headers.items() if name.startswith("x-ratelimit-")}
    request_id = find_request_id(headers)
    return selected | ({REQUEST_ID: request_id} if request_id else {})


def find_request_id(headers: Mapping[str, str]) -> str | None:
    """The request's id, whatever this provider calls it."""
    found = next((headers[name] for name in REQUEST_ID_HEADERS if headers.get(name)), None)
    return found[:MAX_REQUEST_ID] if found else None


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
