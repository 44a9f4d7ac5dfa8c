"""A judge model's word: what its answer says, however it was put, or why it says nothing. Pure."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, assert_never

import msgspec

from service.datasets.examples.chat_content import UNPRINTABLE
from service.errors import Fault
from service.tasks.domain import Requirement, Task

Scale = Literal["pass_fail", "one_to_five"]
Side = Literal["first", "second"]
Winner = Literal["first", "second", "tie"]
PASSES_FROM = 4.0  # of five: a good answer has four stars or more
MOST_OF_AN_ANSWER = 200_000
MOST_OF_A_REASON = 2_000
LONGEST_BARE = 100
MOST_TRIES = 200
_WORDS = dict.fromkeys(["pass", "passed", "true", "yes"], True) | dict.fromkeys(
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
    shown_first: Side
    reason: str | None = None


def read_rubric(text: str, task: Task, *, scale: Scale) -> Verdict | Fault:
    """A judge's answer to `rubric`. Without an overall score it is the mean of all requirements', or that all pass."""
    said = _said(text)
    if said is None:
        return _UNREADABLE
    names = {key: requirement.name for key, requirement in keys_of(task).items()}
    marks = {name: _mark(said.get(key, said.get(name)), scale) for key, name in names.items()}
    given = {name: mark for name, mark in marks.items() if mark is not None}
    overall = _mark(said.get("overall", said.get("score")), scale)
    if overall is None and (not given or len(given) < len(names)):
        return Fault(detail=f"The judge gave no score that is {in_words(scale)}.", code="no_score")
    if overall is None:
        overall = min(given.values()) if scale == "pass_fail" else sum(given.values()) / len(given)
    return _verdict(overall, scale, requirements=given, reason=_reason(said))


def read_g_eval(text: str, logprobs: Any = None) -> Verdict | Fault:
    """A judge's answer to `g_eval`: the expected score Σ p(s)·s over the tokens 1 to 5 at the place of the score, their
    probabilities made to sum to 1; without log-probabilities the score itself. Source: Liu et al. 2023.

    `logprobs` is OpenAI's `choices[0].logprobs`, or its `content`.
    """
    said = _said(text)
    if said is None:
        return _UNREADABLE
    value = _mark(said.get("score"), "one_to_five")
    if value is None:
        return Fault(detail="The judge gave no score from 1 to 5.", code="no_score")
    weights = _weights(logprobs, value)
    if not weights:
        return _verdict(value, "one_to_five")
    expected = sum(score * weight for score, weight in weights.items()) / sum(weights.values())
    return msgspec.structs.replace(_verdict(expected, "one_to_five"), expected_value=True)


def read_pairwise(text: str, *, shown_first: Side) -> Preference | Fault:
    """A judge's answer to `pairwise`, in terms of the answers as they were given."""
    said = _said(text)
    if said is None:
        return _UNREADABLE
    other: Side = "second" if shown_first == "first" else "first"
    winners: Mapping[str, Winner] = {"a": shown_first, "b": other, "tie": "tie"}
    word = said.get("winner")
    word = word.strip().lower().removeprefix("answer").strip(" _") if isinstance(word, str) else ""
    if word not in winners:
        return Fault(detail="The judge named neither a, b nor tie.", code="no_winner")
    return Preference(winner=winners[word], shown_first=shown_first, reason=_reason(said))


def keys_of(task: Task) -> dict[str, Requirement]:
    """By the keys that stand for them in the answer: a name may be any text, and providers allow few in keys."""
    return {f"requirement_{number}": requirement for number, requirement in enumerate(task.requirements, 1)}


def in_words(scale: Scale) -> str:
    match scale:
        case "pass_fail":
            return "`pass` or `fail`"
        case "one_to_five":
            return "a whole number from 1 (worst) to 5 (best)"
        case _:
            assert_never(scale)


def _said(text: str) -> dict[str, Any] | None:
    """The last JSON object in an answer, which reasoning may precede; or an answer that is a score and nothing else."""
    found: dict[str, Any] | None = None
    for value in _objects(text[-MOST_OF_AN_ANSWER:]):
        found = value
    if found is None and len(text) <= LONGEST_BARE:
        bare = _BARE.fullmatch(text)
        return {"score": bare[1], "winner": bare[1]} if bare else None
    return found


def _objects(text: str) -> Iterator[dict[str, Any]]:
    reader = json.JSONDecoder()
    place = text.find("{")
    for _ in range(MOST_TRIES):
        if place < 0:
            return
        try:
            value, end = reader.raw_decode(text, place)
        except (ValueError, RecursionError):
            end = place + 1
        else:
            yield value
        place = text.find("{", end)


def _mark(said: Any, scale: Scale) -> float | None:
    """A score as judges write it: 4, 4.0, "4", "4/5", true, "pass"; None for anything that is not on the scale."""
    if isinstance(said, dict):
        said = said.get("score")
    if scale == "pass_fail":
        mark = _WORDS.get(said.strip().lower()) if isinstance(said, str) else said if isinstance(said, bool) else None
        return None if mark is None else float(mark)
    if isinstance(said, str):
        number = _NUMBER.fullmatch(said.strip())
        said = float(number[1]) if number else None
    if isinstance(said, bool) or not isinstance(said, int | float) or not 1 <= said <= 5:  # noqa: PLR2004 - the scale
        return None
    return float(said)


def _weights(logprobs: Any, value: float) -> dict[int, float]:
    """The probability of each score at the place where the judge wrote `value`; empty where that is not known."""
    tokens = logprobs.get("content") if isinstance(logprobs, dict) else logprobs
    for token in reversed(tokens) if isinstance(tokens, list) else ():
        if _digit(token) == value:
            near = token.get("top_logprobs")
            near = near if isinstance(near, list) else []
            among = near if any(_digit(choice) == value for choice in near) else [token, *near]
            weights: dict[int, float] = {}
            for choice in among:
                score, weight = _digit(choice), _probability(choice)
                if score is not None and weight:
                    weights[score] = weights.get(score, 0.0) + weight
            return weights
    return {}


def _digit(token: Any) -> int | None:
    text = token.get("token") if isinstance(token, dict) else None
    match = _DIGIT.fullmatch(text) if isinstance(text, str) and len(text) <= LONGEST_BARE else None
    return int(match[1]) if match else None


def _probability(token: dict[str, Any]) -> float:
    """0 for what is no log-probability."""
    logprob = token.get("logprob")
    is_one = isinstance(logprob, int | float) and not isinstance(logprob, bool) and logprob <= _ALMOST_ZERO
    return math.exp(logprob) if is_one and logprob is not None else 0.0


def _verdict(
    value: float, scale: Scale, *, requirements: dict[str, float] | None = None, reason: str | None = None
) -> Verdict:
    passed = value == 1.0 if scale == "pass_fail" else value >= PASSES_FROM
    return Verdict(scale=scale, value=value, passed=passed, requirements=requirements or {}, reason=reason)


def _reason(said: Mapping[str, Any]) -> str | None:
    reason = said.get("reason")
    return reason[:MOST_OF_A_REASON].translate(UNPRINTABLE) if isinstance(reason, str) and reason else None
