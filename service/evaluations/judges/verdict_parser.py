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
MIN_PASSING_STARS = 4.0  # of five: a good answer has four stars or more
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
_ALMOST_ZERO = 1e-3  # providers round, and a certain token may come out a little above
_UNREADABLE = Fault(detail="The judge's answer is neither a JSON object nor a score.", code="not_readable")


class Verdict(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A judge's word on one answer. `value` is 0 or 1, or from 1 to 5; `requirements` has the same by name."""

    scale: Scale
    value: float
    passed: bool
    requirements: dict[str, float] = {}
    reason: str | None = None
    expected_value: bool = False


class Preference(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A judge's word on two answers. `shown_first` says which of them stood first, since judges favour a place."""

    winner: Winner
    shown_first: Position
    reason: str | None = None


def read_rubric(text: str, task: TaskState, *, scale: Scale) -> Verdict | Fault:
    """A judge's answer to `rubric`. Without an overall score it is the mean of all requirements', or that all pass."""
    said = _parse_answer(text)
    if said is None:
        return _UNREADABLE
    names = {key: requirement.name for key, requirement in requirement_keys(task).items()}
    marks = {name: _parse_score(said.get(key, said.get(name)), scale) for key, name in names.items()}
    given = {name: mark for name, mark in marks.items() if mark is not None}
    overall = _parse_score(said.get("overall", said.get("score")), scale)
    if overall is None and (not given or len(given) < len(names)):
        return Fault(detail=f"The judge gave no score that is {describe_scale(scale)}.", code="no_score")
    if overall is None:
        overall = min(given.values()) if scale == "pass_fail" else sum(given.values()) / len(given)
    return _build_verdict(overall, scale, requirements=given, reason=_read_reason(said))


def read_g_eval(text: str, logprobs: Any = None) -> Verdict | Fault:
    """A judge's answer to `g_eval`: the expected score Σ p(s)·s over the tokens 1 to 5 at the place of the score, their
    probabilities made to sum to 1; without log-probabilities the score itself. Source: Liu et al. 2023.

    `logprobs` is OpenAI's `choices[0].logprobs`, or its `content`.
    """
    said = _parse_answer(text)
    if said is None:
        return _UNREADABLE
    value = _parse_score(said.get("score"), "one_to_five")
    if value is None:
        return Fault(detail="The judge gave no score from 1 to 5.", code="no_score")
    weights = _score_probabilities(logprobs, value)
    if not weights:
        return _build_verdict(value, "one_to_five")
    expected = sum(score * weight for score, weight in weights.items()) / sum(weights.values())
    return msgspec.structs.replace(_build_verdict(expected, "one_to_five"), expected_value=True)


def read_pairwise(text: str, *, shown_first: Position) -> Preference | Fault:
    """A judge's answer to `pairwise`, in terms of the answers as they were given."""
    said = _parse_answer(text)
    if said is None:
        return _UNREADABLE
    other: Position = "second" if shown_first == "first" else "first"
    winners: Mapping[str, Winner] = {"a": shown_first, "b": other, "tie": "tie"}
    word = said.get("winner")
    word = word.strip().lower().removeprefix("answer").strip(" _") if isinstance(word, str) else ""
    if word not in winners:
        return Fault(detail="The judge named neither a, b nor tie.", code="no_winner")
    return Preference(winner=winners[word], shown_first=shown_first, reason=_read_reason(said))


def requirement_keys(task: TaskState) -> dict[str, Requirement]:
    """By the keys that stand for them in the answer: a name may be any text, and providers allow few in keys."""
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
    """The last JSON object in an answer, which reasoning may precede; or an answer that is a score and nothing else."""
    found: dict[str, Any] | None = None
    for value in _find_json_objects(text[-MAX_ANSWER_CHARACTERS:]):
        found = value
    if found is None and len(text) <= MAX_BARE_CHARACTERS:
        bare = _BARE.fullmatch(text)
        return {"score": bare[1], "winner": bare[1]} if bare else None
    return found


def _find_json_objects(text: str) -> Iterator[dict[str, Any]]:
    reader = json.JSONDecoder()
    place = text.find("{")
    for _ in range(MAX_PARSE_ATTEMPTS):
        if place < 0:
            return
        try:
            value, end = reader.raw_decode(text, place)
        except (ValueError, RecursionError):
            end = place + 1
        else:
            yield value
        place = text.find("{", end)


def _parse_score(said: Any, scale: Scale) -> float | None:
    """A score as judges write it: 4, 4.0, "4", "4/5", true, "pass"; None for anything that is not on the scale."""
    if isinstance(said, dict):
        said = said.get("score")
    if scale == "pass_fail":
        mark = (
            _PASS_WORDS.get(said.strip().lower()) if isinstance(said, str) else said if isinstance(said, bool) else None
        )
        return None if mark is None else float(mark)
    if isinstance(said, str):
        number = _NUMBER.fullmatch(said.strip())
        said = float(number[1]) if number else None
    if isinstance(said, bool) or not isinstance(said, int | float) or not 1 <= said <= 5:  # noqa: PLR2004 - the scale
        return None
    return float(said)


def _score_probabilities(logprobs: Any, value: float) -> dict[int, float]:
    """The probability of each score at the place where the judge wrote `value`; empty where that is not known."""
    tokens = logprobs.get("content") if isinstance(logprobs, dict) else logprobs
    for token in reversed(tokens) if isinstance(tokens, list) else ():
        if _token_score(token) == value:
            near = token.get("top_logprobs")
            near = near if isinstance(near, list) else []
            among = near if any(_token_score(choice) == value for choice in near) else [token, *near]
            weights: dict[int, float] = {}
            for choice in among:
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
    """0 for what is no log-probability."""
    logprob = token.get("logprob")
    is_one = isinstance(logprob, int | float) and not isinstance(logprob, bool) and logprob <= _ALMOST_ZERO
    return math.exp(logprob) if is_one and logprob is not None else 0.0


def _build_verdict(
    value: float, scale: Scale, *, requirements: dict[str, float] | None = None, reason: str | None = None
) -> Verdict:
    passed = value == 1.0 if scale == "pass_fail" else value >= MIN_PASSING_STARS
    return Verdict(scale=scale, value=value, passed=passed, requirements=requirements or {}, reason=reason)


def _read_reason(said: Mapping[str, Any]) -> str | None:
    reason = said.get("reason")
    return reason[:MAX_REASON_CHARACTERS].translate(UNPRINTABLE) if isinstance(reason, str) and reason else None
