"""Build OpenAI's chat completion objects: complete, as a stream of chunks, and stored."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec

from service.sandbox.base_model.text_analysis import split_tokens
from service.sandbox.completions.chat_request import ChatRequest
from service.sandbox.files.training_rows import join_texts
from service.sandbox.jobs.ngram_model import split_words

FINGERPRINT = "fp_sandbox"
MAX_CHUNKS = 2_000
Finish = Literal["stop", "length", "tool_calls", "content_filter"]


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A token of an answer, with the log-probabilities of it and of its alternatives."""

    token: str
    logprob: float
    others: tuple[tuple[str, float], ...] = ()


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """`tokens` is None when log-probabilities were not requested."""

    message: dict[str, Any]
    finish: Finish
    tokens: tuple[Token, ...] | None = None

    @property
    def length(self) -> int:
        return len(split_words(self.message["content"] or "")) + len(
            split_words(str(self.message.get("tool_calls", "")))
        )


def build_completion(request: ChatRequest, answers: Sequence[Answer], *, chat_id: str, now: int) -> dict[str, Any]:
    choices = [
        {
            "index": index,
            "message": answer.message,
            "logprobs": None
            if answer.tokens is None
            else {"content": [_build_token_object(t) for t in answer.tokens], "refusal": None},
            "finish_reason": answer.finish,
        }
        for index, answer in enumerate(answers)
    ]
    prompt_tokens, completion_tokens = (
        len(split_words(join_texts(request.messages))),
        sum(answer.length for answer in answers),
    )
    usage = {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
    }
    head = {"id": chat_id, "object": "chat.completion", "created": now, "model": request.model}
    return {
        **head,
        "choices": choices,
        "usage": usage,
        "service_tier": "default",
        "system_fingerprint": FINGERPRINT,
    }


def build_stored_completion(request: ChatRequest, completion: dict[str, Any]) -> dict[str, Any]:
    """A completion as it is stored: with its metadata and the request's parameters."""
    return {
        **completion,
        "metadata": request.metadata or {},
        "temperature": request.temperature,
        "top_p": request.top_p,
        "seed": request.seed,
        "response_format": request.response_format,
    }


def build_chunks(request: ChatRequest, completion: dict[str, Any]) -> Iterator[str]:
    """The completion as server-sent events of about a word each."""
    with_usage = bool(request.stream_options and request.stream_options.include_usage)
    head = {key: value for key, value in completion.items() if key not in ("choices", "usage")}
    head["object"] = "chat.completion.chunk"
    for choice in completion["choices"]:
        for delta, logprobs, finish in _build_deltas(choice):
            piece = {"index": choice["index"], "delta": delta, "logprobs": logprobs, "finish_reason": finish}
            yield _encode_event({**head, "choices": [piece]} | ({"usage": None} if with_usage else {}))
    if with_usage:
        yield _encode_event({**head, "choices": [], "usage": completion["usage"]})
    yield "data: [DONE]\n\n"


def _build_deltas(choice: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None, str | None]]:
    message, logprobs_of_message = choice["message"], choice["logprobs"]
    content = None if message["content"] is None else ""
    yield {"role": "assistant", "content": content, "refusal": None}, None, None
    pieces = (
        [entry["token"] for entry in logprobs_of_message["content"]]
        if logprobs_of_message
        else _split_chunks(message["content"] or "")
    )
    for position, piece in enumerate(pieces):
        yield (
            {"content": piece},
            {"content": [logprobs_of_message["content"][position]], "refusal": None} if logprobs_of_message else None,
            None,
        )
    for piece in _split_chunks(message["refusal"] or ""):
        yield {"refusal": piece}, None, None
    for index, call in enumerate(message.get("tool_calls", ())):
        name, arguments = call["function"]["name"], call["function"]["arguments"]
        yield {"tool_calls": [{"index": index, **call, "function": {"name": name, "arguments": ""}}]}, None, None
        for piece in _split_chunks(arguments):
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}, None, None
    yield {}, None, choice["finish_reason"]


def _split_chunks(text: str) -> list[str]:
    """Split into chunks of a word each, or of several words for a very long text."""
    pieces = split_tokens(text)
    size = len(pieces) // MAX_CHUNKS + 1
    return ["".join(pieces[position : position + size]) for position in range(0, len(pieces), size)]


def _build_token_object(token: Token) -> dict[str, Any]:
    def entry(text: str, logprob: float) -> dict[str, Any]:
        return {"token": text, "logprob": logprob, "bytes": list(text.encode())}

    return {**entry(token.token, token.logprob), "top_logprobs": [entry(*other) for other in token.others]}


def _encode_event(data: dict[str, Any]) -> str:
    return f"data: {msgspec.json.encode(data).decode()}\n\n"
