"""Gemini's answers as OpenAI's chat completions, whole or in chunks. Pure."""

import json
from typing import Any
from uuid import uuid4

import msgspec

from service.providers.openai.job_schemas import parse_time, to_count
from service.providers.vertex.vertex_content import Item
from service.providers.vertex.vertex_jobs import read_text, to_object

BLOCKED = frozenset(
    {
        *("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR", "JAILBREAK"),
        *("IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION"),
    }
)
LENGTH = "MAX_TOKENS"


class Answer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A whole answer, or a piece of a stream."""

    candidates: list[Item] | None = None
    prompt_feedback: Any = None
    usage_metadata: Any = None
    model_version: Any = None
    response_id: Any = None
    create_time: Any = None
    error: Any = None


class Replies:
    """Turns the answer of one request, in one or many pieces, into OpenAI's choices."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._id = uuid4().hex
        self._created = 0
        self._calls: dict[int, int] = {}
        self._usage: Item = {}

    def build_completion(self, answer: Answer) -> Item:
        choices = [
            {key: value for key, value in choice.items() if key != "delta"}
            | {"message": build_message(choice["delta"])}
            for choice in self._build_choices(answer)
        ]
        return self._wrap("chat.completion", choices) | {"usage": self.build_usage()}

    def build_chunk(self, piece: Answer) -> Item:
        return self._wrap("chat.completion.chunk", self._build_choices(piece))

    def build_last_chunk(self) -> Item:
        """The chunk that counts the tokens."""
        return self._wrap("chat.completion.chunk", []) | {"usage": self.build_usage()}

    def build_usage(self) -> Item | None:
        """Thoughts are paid as output. None where Vertex counts nothing."""
        if not self._usage:
            return None
        prompt, said, thought, cached = (
            to_count(self._usage.get(name)) or 0
            for name in ("promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount", "cachedContentTokenCount")
        )
        prompt += to_count(self._usage.get("toolUsePromptTokenCount")) or 0
        return {
            "prompt_tokens": prompt,
            "completion_tokens": said + thought,
            "total_tokens": prompt + said + thought,
            "prompt_tokens_details": {"cached_tokens": cached},
            "completion_tokens_details": {"reasoning_tokens": thought},
        }

    def _build_choices(self, answer: Answer) -> list[Item]:
        self._id = read_text(answer.response_id) or self._id
        self._model = read_text(answer.model_version) or self._model
        created = parse_time(answer.create_time)
        self._created = int(created.timestamp()) if created else self._created
        self._usage = self._usage | to_object(answer.usage_metadata)
        if reason := read_text(to_object(answer.prompt_feedback).get("blockReason")):
            words = read_text(to_object(answer.prompt_feedback).get("blockReasonMessage"))
            refusal = words or f"The request was blocked: {reason}."
            return [build_choice(0, {"role": "assistant", "refusal": refusal}, "content_filter")]
        return [self._build_choice(number, each) for number, each in enumerate(answer.candidates or ())]

    def _build_choice(self, number: int, candidate: Item) -> Item:
        index = to_count(candidate.get("index")) or number
        delta: Item = {"role": "assistant"}
        parts = to_object(candidate.get("content")).get("parts")
        for part in map(to_object, parts if isinstance(parts, list) else ()):
            if text := read_text(part.get("text")):
                name = "reasoning_content" if part.get("thought") else "content"
                delta[name] = delta.get(name, "") + text
            elif call := to_object(part.get("functionCall")):
                delta.setdefault("tool_calls", []).append(self._build_call(index, call, part))
        reason = read_text(candidate.get("finishReason"))
        if reason in BLOCKED:
            delta["refusal"] = read_text(candidate.get("finishMessage")) or f"The answer was blocked: {reason}."
        finish = name_finish(reason, calls=index in self._calls)
        return build_choice(index, delta, finish, logprobs=build_logprobs(candidate.get("logprobsResult")))

    def _build_call(self, index: int, call: Item, part: Item) -> Item:
        number = self._calls[index] = self._calls.get(index, -1) + 1
        built = {
            "index": number,
            "id": read_text(call.get("id")) or f"call_{self._id}_{index}_{number}",
            "type": "function",
            "function": {"name": str(call.get("name", "")), "arguments": json.dumps(to_object(call.get("args")))},
        }
        if signature := read_text(part.get("thoughtSignature")):
            built["extra_content"] = {"google": {"thought_signature": signature}}
        return built

    def _wrap(self, kind: str, choices: list[Item]) -> Item:
        identity = {"id": f"chatcmpl-{self._id}", "object": kind, "created": self._created}
        return {**identity, "model": self._model, "choices": choices}


def build_choice(index: int, delta: Item, finish: str | None, *, logprobs: Item | None = None) -> Item:
    return {"index": index, "delta": delta, "finish_reason": finish, "logprobs": logprobs}


def build_message(delta: Item) -> Item:
    calls = [{name: value for name, value in call.items() if name != "index"} for call in delta.get("tool_calls", ())]
    return {"content": None, "refusal": None, **delta} | ({"tool_calls": calls} if calls else {})


def name_finish(reason: str | None, *, calls: bool) -> str | None:
    if reason is None or reason == "FINISH_REASON_UNSPECIFIED":
        return None
    if reason in BLOCKED:
        return "content_filter"
    if reason == LENGTH:
        return "length"
    return "tool_calls" if calls else "stop"


def build_logprobs(result: Any) -> Item | None:
    chosen = to_object(result).get("chosenCandidates")
    if not isinstance(chosen, list):
        return None
    ranked = to_object(result).get("topCandidates")
    tops = [to_object(top).get("candidates") or [] for top in ranked] if isinstance(ranked, list) else []
    tops += [[]] * (len(chosen) - len(tops))
    entries = [
        read_logprob(each) | {"top_logprobs": [read_logprob(other) for other in top]}
        for each, top in zip(chosen, tops, strict=False)
    ]
    return {"content": entries, "refusal": None}


def read_logprob(candidate: Any) -> Item:
    fields = to_object(candidate)
    return {"token": fields.get("token", ""), "logprob": fields.get("logProbability"), "bytes": None}
