"""What a provider said, gathered from an answer in one piece or from chunks, whatever else they hold. Pure."""

from decimal import Decimal, InvalidOperation
from typing import Any

from service.monitoring.money import MAX_AMOUNT


class ResponseAccumulator:
    """The first choice's text and tool calls, and the usage; null is what was not said."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._calls: dict[int, dict[str, Any]] = {}
        self.input_tokens: int | None = None
        self.output_tokens: int | None = None
        self.cost: Decimal | None = None

    @property
    def text(self) -> str | None:
        return "".join(self._texts) if self._texts else None

    @property
    def tool_calls(self) -> list[dict[str, Any]] | None:
        return [self._calls[index] for index in sorted(self._calls)] or None

    def whole(self, answer: dict[str, Any]) -> None:
        """Take in an answer in one piece."""
        self._take(_find_first_choice(answer).get("message"), answer.get("usage"))

    def add(self, chunk: dict[str, Any]) -> None:
        """Take in a piece of an answer. The last one brings the usage, and no choice."""
        self._take(_find_first_choice(chunk).get("delta"), chunk.get("usage"))

    def _take(self, message: Any, usage: Any) -> None:
        said = message if isinstance(message, dict) else {}
        if isinstance(said.get("content"), str):
            self._texts.append(said["content"])
        for place, call in enumerate(said.get("tool_calls") or ()):
            self._take_call(place, call if isinstance(call, dict) else {})
        if isinstance(usage, dict):
            self.input_tokens, self.output_tokens = (
                _read_count(usage, f"{kind}_tokens") for kind in ("prompt", "completion")
            )
            self.cost = _read_amount(usage.get("cost"))

    def _take_call(self, place: int, piece: dict[str, Any]) -> None:
        """Arguments come in pieces, all else in the first."""
        index = piece["index"] if isinstance(piece.get("index"), int) else place
        whole = self._calls.setdefault(index, {"id": "", "type": "function", "function": {"name": "", "arguments": ""}})
        whole["id"] = piece.get("id") or whole["id"]
        function = piece.get("function")
        for name in ("name", "arguments"):
            text = function.get(name) if isinstance(function, dict) else None
            whole["function"][name] += text if isinstance(text, str) else ""


def _find_first_choice(answer: dict[str, Any]) -> dict[str, Any]:
    """The choice of index 0: of several answers to one question, it is the one that is logged."""
    choices = [each for each in answer.get("choices") or () if isinstance(each, dict)]
    return next((each for each in choices if each.get("index", 0) == 0), {})


def _read_count(usage: dict[str, Any], name: str) -> int | None:
    value = usage.get(name)
    return value if isinstance(value, int) and 0 <= value < 2**31 else None


def _read_amount(value: Any) -> Decimal | None:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < MAX_AMOUNT else None
