"""Collect text, tool calls and usage from a provider's answer, complete or in chunks. Pure."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from service.monitoring.money import MAX_AMOUNT

MAX_REASON_LENGTH = 100


class ResponseAccumulator:
    """The first choice's text and tool calls, and the usage; None for what the provider did not send."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._calls: dict[int, dict[str, Any]] = {}
        self.input_tokens: int | None = None
        self.output_tokens: int | None = None
        self.cached_tokens: int | None = None
        self.reasoning_tokens: int | None = None
        self.cost: Decimal | None = None
        self.finish_reason: str | None = None

    @property
    def text(self) -> str | None:
        return _join_surrogates("".join(self._texts)) if self._texts else None

    @property
    def tool_calls(self) -> list[dict[str, Any]] | None:
        return [_clean_call(self._calls[index]) for index in sorted(self._calls)] or None

    def add_complete(self, answer: dict[str, Any]) -> None:
        """Add a complete answer."""
        self._add_choice(_find_first_choice(answer), "message", answer.get("usage"))

    def add_chunk(self, chunk: dict[str, Any]) -> None:
        """Add a chunk of a streamed answer. The last chunk has the usage and no choice."""
        self._add_choice(_find_first_choice(chunk), "delta", chunk.get("usage"))

    def _add_choice(self, choice: dict[str, Any], name: str, usage: Any) -> None:
        fields = choice[name] if isinstance(choice.get(name), dict) else {}
        if isinstance(reason := choice.get("finish_reason"), str):
            self.finish_reason = _join_surrogates(reason.replace("\0", "")[:MAX_REASON_LENGTH])
        if isinstance(fields.get("content"), str):
            self._texts.append(fields["content"])
        for position, call in enumerate(fields.get("tool_calls") or ()):
            self._add_tool_call(position, call if isinstance(call, dict) else {})
        if isinstance(usage, dict):
            self.input_tokens, self.output_tokens = (
                _read_count(usage, f"{kind}_tokens") for kind in ("prompt", "completion")
            )
            self.cached_tokens = _read_detail(usage, "prompt_tokens_details", "cached_tokens")
            self.reasoning_tokens = _read_detail(usage, "completion_tokens_details", "reasoning_tokens")
            self.cost = _read_amount(usage.get("cost"))

    def _add_tool_call(self, position: int, piece: dict[str, Any]) -> None:
        """The arguments come in pieces; the first piece has the rest."""
        index = piece["index"] if isinstance(piece.get("index"), int) else position
        call = self._calls.setdefault(index, {"id": "", "type": "function", "function": {"name": "", "arguments": ""}})
        call["id"] = piece["id"] if isinstance(piece.get("id"), str) else call["id"]
        function = piece.get("function")
        for name in ("name", "arguments"):
            text = function.get(name) if isinstance(function, dict) else None
            call["function"][name] += text if isinstance(text, str) else ""


def _find_first_choice(answer: dict[str, Any]) -> dict[str, Any]:
    """The choice with index 0, the only one that is logged."""
    choices = [each for each in answer.get("choices") or () if isinstance(each, dict)]
    return next((each for each in choices if each.get("index", 0) == 0), {})


def _read_count(usage: dict[str, Any], name: str) -> int | None:
    value = usage.get(name)
    return value if isinstance(value, int) and 0 <= value < 2**31 else None


def _read_detail(usage: dict[str, Any], details: str, name: str) -> int | None:
    return _read_count(usage[details], name) if isinstance(usage.get(details), dict) else None


def _read_amount(value: Any) -> Decimal | None:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < MAX_AMOUNT else None


def _clean_call(call: dict[str, Any]) -> dict[str, Any]:
    function = {name: _join_surrogates(text) for name, text in call["function"].items()}
    return {**call, "id": _join_surrogates(call["id"]), "function": function}


def _join_surrogates(text: str) -> str:
    """Join the halves of a character that came in two chunks; a half alone, which JSON cannot hold, is replaced."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def encode_answer(answer: dict[str, Any]) -> bytes:
    """Encode an answer or a chunk as JSON. Halves of characters stay as they are: the next chunk may bring the rest."""
    try:
        return msgspec.json.encode(answer)
    except UnicodeEncodeError:
        return json.dumps(answer).encode()
