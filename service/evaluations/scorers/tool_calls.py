"""Tool calls against the expected ones: names, and arguments as JSON."""

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
    """`any_order` forgives another order of the calls; `arguments` can be left out of the comparison."""

    any_order: bool = False
    arguments: Literal["equal", "ignore"] = "equal"


def tool_call_match(subject: Subject, config: ToolCallMatchConfig) -> Score:
    """2·m / (called + expected), where m calls match in order (their longest common subsequence), or each once in any
    order; 1 where nothing was to be called and nothing was. Passed: the calls are the expected ones and no others.

    A call matches when its name is the same and its arguments are the same JSON value; arguments that are not JSON
    are compared as text. The Dice coefficient (Dice 1945), here of lists. At most 1,000 calls are compared.
    """
    if subject.reference is None:
        return NO_REFERENCE
    if subject.output is None:
        return NO_ANSWER
    if max(len(subject.tool_calls), len(subject.reference.tool_calls)) > MAX_CALLS:
        return no_score("too_many_calls", f"At most {MAX_CALLS} calls are compared.")
    made = [_key(call, config) for call in subject.tool_calls]
    expected = [_key(call, config) for call in subject.reference.tool_calls]
    both = _count_in_any_order(made, expected) if config.any_order else common_length(made, expected)
    passed = both == len(made) == len(expected)
    details = {"called": len(made), "expected": len(expected), "matched": both}
    whole = len(made) + len(expected)
    return Score(value=2 * both / whole if whole else 1.0, passed=passed, details=details)


def _key(call: CalledFunction, config: ToolCallMatchConfig) -> tuple[str, Any]:
    if config.arguments == "ignore":
        return call.name, None
    value = read_json(call.arguments or "{}")
    return call.name, call.arguments if isinstance(value, Fault) else msgspec.json.encode(
        _normalize_numbers(value), order="sorted"
    )


def _normalize_numbers(value: Any) -> Any:
    """The same JSON value with whole numbers written one way, since 1.0 is 1."""
    if isinstance(value, dict):
        return {key: _normalize_numbers(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_normalize_numbers(child) for child in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def _count_in_any_order(made: Sequence[Any], expected: Sequence[Any]) -> int:
    left = list(expected)
    both = 0
    for call in made:
        if call in left:
            left.remove(call)
            both += 1
    return both


TOOL_CALL_MATCH = Scorer(
    name="tool_call_match",
    needs=frozenset({"reference"}),
    config=ToolCallMatchConfig,
    score=tool_call_match,
    summarize=summarize,
)
