"""Answers as OpenAI's chat completions carry them: whole, in a stream of chunks, and stored."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec

from service.sandbox.base_model.text_analysis import pieces_of
from service.sandbox.completions.chat_request import ChatRequest
from service.sandbox.files.training_rows import prompt_of
from service.sandbox.jobs.ngram_model import words

FINGERPRINT = "fp_sandbox"
MOST_CHUNKS = 2_000
Finish = Literal["stop", "length", "tool_calls", "content_filter"]


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of an answer, and how likely it and others were in its place (natural logarithms)."""

    token: str
    logprob: float
    others: tuple[tuple[str, float], ...] = ()


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """`tokens` is None where log-probabilities were not asked for."""

    message: dict[str, Any]
    finish: Finish
    tokens: tuple[Token, ...] | None = None

    @property
    def length(self) -> int:
        return len(words(self.message["content"] or "")) + len(words(str(self.message.get("tool_calls", ""))))


def completion(asked: ChatRequest, given: Sequence[Answer], *, chat_id: str, now: int) -> dict[str, Any]:
    choices = [
        {
            "index": index,
            "message": one.message,
            "logprobs": None if one.tokens is None else {"content": [_shown(t) for t in one.tokens], "refusal": None},
            "finish_reason": one.finish,
        }
        for index, one in enumerate(given)
    ]
    read, said = len(words(prompt_of(asked.messages))), sum(one.length for one in given)
    usage = {"prompt_tokens": read, "completion_tokens": said, "total_tokens": read + said}
    head = {"id": chat_id, "object": "chat.completion", "created": now, "model": asked.model}
    return {
        **head,
        "choices": choices,
        "usage": usage,
        "service_tier": "default",
        "system_fingerprint": FINGERPRINT,
    }


def stored(asked: ChatRequest, made: dict[str, Any]) -> dict[str, Any]:
    """A completion as the list of stored ones shows it: with its metadata and what it was asked with."""
    return {
        **made,
        "metadata": asked.metadata or {},
        "temperature": asked.temperature,
        "top_p": asked.top_p,
        "seed": asked.seed,
        "response_format": asked.response_format,
    }


def chunks(asked: ChatRequest, made: dict[str, Any]) -> Iterator[str]:
    """The completion as server-sent events, about a word each."""
    with_usage = bool(asked.stream_options and asked.stream_options.include_usage)
    head = {key: value for key, value in made.items() if key not in ("choices", "usage")}
    head["object"] = "chat.completion.chunk"
    for choice in made["choices"]:
        for delta, logprobs, finish in _deltas(choice):
            piece = {"index": choice["index"], "delta": delta, "logprobs": logprobs, "finish_reason": finish}
            yield _event({**head, "choices": [piece]} | ({"usage": None} if with_usage else {}))
    if with_usage:
        yield _event({**head, "choices": [], "usage": made["usage"]})
    yield "data: [DONE]\n\n"


def _deltas(choice: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None, str | None]]:
    message, known = choice["message"], choice["logprobs"]
    yield {"role": "assistant", "content": "", "refusal": None}, None, None
    pieces = [entry["token"] for entry in known["content"]] if known else _chunked(message["content"] or "")
    for at, piece in enumerate(pieces):
        yield {"content": piece}, {"content": [known["content"][at]], "refusal": None} if known else None, None
    for piece in _chunked(message["refusal"] or ""):
        yield {"refusal": piece}, None, None
    for index, call in enumerate(message.get("tool_calls", ())):
        yield {"tool_calls": [{"index": index, **call}]}, None, None
    yield {}, None, choice["finish_reason"]


def _chunked(text: str) -> list[str]:
    """A word each; of a text without measure, so many words each that the chunks are not."""
    pieces = pieces_of(text)
    size = len(pieces) // MOST_CHUNKS + 1
    return ["".join(pieces[at : at + size]) for at in range(0, len(pieces), size)]


def _shown(token: Token) -> dict[str, Any]:
    def entry(text: str, logprob: float) -> dict[str, Any]:
        return {"token": text, "logprob": logprob, "bytes": list(text.encode())}

    return {**entry(token.token, token.logprob), "top_logprobs": [entry(*other) for other in token.others]}


def _event(data: dict[str, Any]) -> str:
    return f"data: {msgspec.json.encode(data).decode()}\n\n"
