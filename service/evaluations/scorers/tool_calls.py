"""Compare tool calls with the expected ones: names, and arguments as JSON."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from service.datasets.examples.chat_content import CalledFunction
from service.errors import Fault
from service.evaluations.scorers.json_validity import read_json
from service.evaluations.scorers.scorer import NO_ANSWER, NO_REFERENCE, Config, Score, Scorer, no_score, summarize
from service.evaluations.scorers.subsequences import common_length
from service.evaluations.scores.subject import Subject

MAX_CALLS = 1_000


class ToolCallMatchConfig(Config, frozen=True, kw_only=True, tag_field="scorer", tag="tool_call_match"):
    """`any_order` ignores the order of the calls. `arguments`: compare them, or ignore them."""

    any_order: bool = False
    arguments: Literal["equal", "ignore"] = "equal"


def tool_call_match(subject: Subject, config: ToolCallMatchConfig) -> Score:
    """2·m / (called + expected), where m calls match in order (longest common subsequence) or, with `any_order`, in any
    order. 1 if no call was expected and none was made. Passes if all calls match and none is extra.

    A call matches if its name and its arguments are equal. Arguments are compared as JSON, or as text if they are not
    JSON. Source: the Dice coefficient (Dice 1945), applied to lists. At most 1,000 calls are compared.
    """
    if subject.reference is None:
        return NO_REFERENCE
    if subject.output is None:
        return NO_ANSWER
    if max(len(subject.tool_calls), len(subject.reference.tool_calls)) > MAX_CALLS:
        return no_score("too_many_calls", f"More than {MAX_CALLS:,} calls cannot be compared.")
    called = [_build_key(call, config) for call in subject.tool_calls]
    expected = [_build_key(call, config) for call in subject.reference.tool_calls]
    matched = _count_in_any_order(called, expected) if config.any_order else common_length(called, expected)
    passed = matched == len(called) == len(expected)
    details = {"called": len(called), "expected": len(expected), "matched": matched}
    total = len(called) + len(expected)
    return Score(value=2 * matched / total if total else 1.0, passed=passed, details=details)


def _build_key(call: CalledFunction, config: ToolCallMatchConfig) -> tuple[str, Any]:
    if config.arguments == "ignore":
        return call.name, None
    value = read_json(call.arguments or "{}")
    return call.name, call.arguments if isinstance(value, Fault) else msgspec.json.encode(
        _normalize_numbers(value), order="sorted"
    )


def _normalize_numbers(value: Any) -> Any:
    """Write whole numbers as integers, since 1.0 equals 1 in JSON."""
    if isinstance(value, dict):
        return {key: _normalize_numbers(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_normalize_numbers(child) for child in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def _count_in_any_order(called: Sequence[Any], expected: Sequence[Any]) -> int:
    unmatched = list(expected)
    for call in called:
        if call in unmatched:
            unmatched.remove(call)
    return len(expected) - len(unmatched)


TOOL_CALL_MATCH = Scorer(
    name="tool_call_match",
    needs=frozenset({"reference"}),
    config=ToolCallMatchConfig,
    score=tool_call_match,
    summarize=summarize,
)
