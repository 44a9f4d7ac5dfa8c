"""Parse a judge model's answer into a verdict or a fault. Pure."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, assert_never

import msgspec

from service.datasets.examples.chat_content import UNPRINTABLE
from service.errors import Fault
from service.tasks.domain import Requirement, TaskState

Scale = Literal["pass_fail", "one_to_five"]
Position = Literal["first", "second"]
Winner = Literal["first", "second", "tie"]
MIN_PASSING_STARS = 4.0  # of 5
MAX_ANSWER_CHARACTERS = 200_000
MAX_REASON_CHARACTERS = 2_000
MAX_BARE_CHARACTERS = 100
MAX_PARSE_ATTEMPTS = 200
_PASS_WORDS = dict.fromkeys(["pass", "passed", "true", "yes"], True) | dict.fromkeys(
    ["fail", "failed", "false", "no"], False
)
_BARE = re.compile(
    r"(?:\W|score|rating|verdict|winner|answer)*(?<![-+.])(pass|fail|tie|a|b|[1-5](?:\.[0-9]+)?)(?:\s*/\s*5)?\W*",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"([0-9](?:\.[0-9]{1,6})?)(?:\s*/\s*5)?")
_DIGIT = re.compile(r"[^0-9]*([1-5])[^0-9]*")
_ALMOST_ZERO = 1e-3  # providers round: a certain token may have a log-probability a little above 0
_UNREADABLE = Fault(detail="The judge's answer is neither a JSON object nor a score.", code="not_readable")


class Verdict(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A judge's score of one answer: 0 or 1, or 1 to 5. `requirements` has the scores by requirement name."""

    scale: Scale
    value: float
    passed: bool
    requirements: dict[str, float] = {}
    reason: str | None = None
    expected_value: bool = False


class Preference(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which of two answers a judge prefers. `shown_first` is recorded because judges favour a position."""

    winner: Winner
    shown_first: Position
    reason: str | None = None


def read_rubric(text: str, task: TaskState, *, scale: Scale) -> Verdict | Fault:
    """Read a rubric judge's answer. Without an overall score, take the mean of all requirements; or that all pass."""
    answer = _parse_answer(text)
    if answer is None:
        return _UNREADABLE
    names = {key: requirement.name for key, requirement in requirement_keys(task).items()}
    marks = {name: _parse_score(answer.get(key, answer.get(name)), scale) for key, name in names.items()}
    scores = {name: mark for name, mark in marks.items() if mark is not None}
    overall = _parse_score(answer.get("overall", answer.get("score")), scale)
    if overall is None and (not scores or len(scores) < len(names)):
        return Fault(detail=f"The judge gave no score that is {describe_scale(scale)}.", code="no_score")
    if overall is None:
        overall = min(scores.values()) if scale == "pass_fail" else sum(scores.values()) / len(scores)
    return _build_verdict(overall, scale, requirements=scores, reason=_read_reason(answer))


def read_g_eval(text: str, logprobs: Any = None) -> Verdict | Fault:
    """Read a G-Eval judge's answer: the expected score Σ p(s)·s over the tokens 1 to 5 at the score's position,
    with probabilities scaled to sum to 1. Without log-probabilities, the score itself. Source: Liu et al. 2023.

    `logprobs` is OpenAI's `choices[0].logprobs`, or its `content`.
    """
    answer = _parse_answer(text)
    if answer is None:
        return _UNREADABLE
    value = _parse_score(answer.get("score"), "one_to_five")
    if value is None:
        return Fault(detail="The judge gave no score from 1 to 5.", code="no_score")
    weights = _score_probabilities(logprobs, value)
    if not weights:
        return _build_verdict(value, "one_to_five")
    expected = sum(score * weight for score, weight in weights.items()) / sum(weights.values())
    return msgspec.structs.replace(_build_verdict(expected, "one_to_five"), expected_value=True)


def read_pairwise(text: str, *, shown_first: Position) -> Preference | Fault:
    """Read a pairwise judge's answer. `first` and `second` are the answers in the order of the call."""
    answer = _parse_answer(text)
    if answer is None:
        return _UNREADABLE
    other: Position = "second" if shown_first == "first" else "first"
    winners: Mapping[str, Winner] = {"a": shown_first, "b": other, "tie": "tie"}
    word = answer.get("winner")
    word = word.strip().lower().removeprefix("answer").strip(" _") if isinstance(word, str) else ""
    if word not in winners:
        return Fault(detail="The judge named neither a, b nor tie.", code="no_winner")
    return Preference(winner=winners[word], shown_first=shown_first, reason=_read_reason(answer))


def requirement_keys(task: TaskState) -> dict[str, Requirement]:
    """Give each requirement a short key: names may be any text, but providers restrict keys."""
    return {f"requirement_{number}": requirement for number, requirement in enumerate(task.requirements, 1)}


def describe_scale(scale: Scale) -> str:
    match scale:
        case "pass_fail":
            return "`pass` or `fail`"
        case "one_to_five":
            return "a whole number from 1 (worst) to 5 (best)"
        case _:
            assert_never(scale)


def _parse_answer(text: str) -> dict[str, Any] | None:
    """Read the last JSON object, since reasoning may precede it; or a bare score or winner."""
    last: dict[str, Any] | None = None
    for value in _find_json_objects(text[-MAX_ANSWER_CHARACTERS:]):
        last = value
    if last is None and len(text) <= MAX_BARE_CHARACTERS:
        bare = _BARE.fullmatch(text)
        return {"score": bare[1], "winner": bare[1]} if bare else None
    return last


def _find_json_objects(text: str) -> Iterator[dict[str, Any]]:
    decoder = json.JSONDecoder()
    start = text.find("{")
    for _ in range(MAX_PARSE_ATTEMPTS):
        if start < 0:
            return
        try:
            value, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            end = start + 1
        else:
            yield value
        start = text.find("{", end)


def _parse_score(raw: Any, scale: Scale) -> float | None:
    """Read a score as judges write it: 4, 4.0, "4", "4/5", true, "pass". None if it is not on the scale."""
    if isinstance(raw, dict):
        raw = raw.get("score")
    if scale == "pass_fail":
        passed = _PASS_WORDS.get(raw.strip().lower()) if isinstance(raw, str) else raw
        return float(passed) if isinstance(passed, bool) else None
    if isinstance(raw, str):
        number = _NUMBER.fullmatch(raw.strip())
        raw = float(number[1]) if number else None
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not 1 <= raw <= 5:  # noqa: PLR2004 - the scale
        return None
    return float(raw)


def _score_probabilities(logprobs: Any, value: float) -> dict[int, float]:
    """Get the probability of each score at the token where the judge wrote `value`; empty if unknown."""
    tokens = logprobs.get("content") if isinstance(logprobs, dict) else logprobs
    for token in reversed(tokens) if isinstance(tokens, list) else ():
        if _token_score(token) == value:
            choices = token.get("top_logprobs")
            choices = choices if isinstance(choices, list) else []
            if not any(_token_score(choice) == value for choice in choices):
                choices = [token, *choices]
            weights: dict[int, float] = {}
            for choice in choices:
                score, weight = _token_score(choice), _token_probability(choice)
                if score is not None and weight:
                    weights[score] = weights.get(score, 0.0) + weight
            return weights
    return {}


def _token_score(token: Any) -> int | None:
    text = token.get("token") if isinstance(token, dict) else None
    match = _DIGIT.fullmatch(text) if isinstance(text, str) and len(text) <= MAX_BARE_CHARACTERS else None
    return int(match[1]) if match else None


def _token_probability(token: dict[str, Any]) -> float:
    """The token's probability; 0 if its log-probability is not valid."""
    logprob = token.get("logprob")
    is_valid = isinstance(logprob, int | float) and not isinstance(logprob, bool) and logprob <= _ALMOST_ZERO
    return math.exp(logprob) if is_valid and logprob is not None else 0.0


def _build_verdict(
    value: float, scale: Scale, *, requirements: dict[str, float] | None = None, reason: str | None = None
) -> Verdict:
    passed = value == 1.0 if scale == "pass_fail" else value >= MIN_PASSING_STARS
    return Verdict(scale=scale, value=value, passed=passed, requirements=requirements or {}, reason=reason)


def _read_reason(answer: Mapping[str, Any]) -> str | None:
    reason = answer.get("reason")
    return reason[:MAX_REASON_CHARACTERS].translate(UNPRINTABLE) if isinstance(reason, str) and reason else None
