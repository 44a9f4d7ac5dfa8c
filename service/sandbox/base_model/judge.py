"""Judge an answer by the words it shares with its reference or input, and by its form."""

import math
import re
from collections.abc import Sequence

import msgspec

from service.sandbox.base_model.request_reader import RequestReader
from service.sandbox.base_model.text_analysis import compute_overlap, compute_similarity, find_stems

ANSWERS = (
    "answer to judge",
    "answer under judgement",
    "answer to be judged",
    "model answer",
    "model output",
    "candidate",
    "candidate answer",
    "prediction",
    "completion",
    "response",
    "output",
    "answer",
    "submission",
    "actual",
    "generated",
    "actual output",
    "headline",
    "reply",
    "assistant",
)
REFERENCES = (
    "reference",
    "reference answer",
    "expected",
    "expected answer",
    "expected output",
    "correct answer",
    "gold",
    "ideal",
    "ground truth",
    "ideal answer",
    "target",
)
INPUTS = (
    "input",
    "question",
    "source",
    "passage",
    "article",
    "document",
    "context",
    "task input",
    "text",
    "prompt",
    "user",
    "summary",
)
SIDES = {"a": ("a", "1", "one", "first"), "b": ("b", "2", "two", "second")}
RANGE = re.compile(r"(?:between\s+)?(\d+)\s*(?:to|-|\u2013|and)\s*(\d+)\s+words", re.IGNORECASE)
AT_MOST = re.compile(r"(?:at most|no more than|under|up to|maximum of|max\.?)\s+(\d+)\s+words", re.IGNORECASE)
PASSING = 0.5
WIDTH = 0.6  # standard deviation around a score, in points


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """`quality` is 0 to 1."""

    quality: float
    reason: str


def judge_request(reading: RequestReader, criterion: str = "") -> Verdict:
    """Judge the request's answer against its reference or, without one, its input."""
    if pair := judge_pair(reading):
        return _combine_verdicts(*pair)
    answer = reading.find_labelled(*ANSWERS)
    if answer is None:
        blocks = [block for block in re.split(r"\n\s*\n", reading.last_user_text) if block.strip()]
        answer = blocks[-1] if blocks else ""
    reference = reading.find_labelled(*REFERENCES)
    source = reading.find_labelled(*INPUTS) or reading.prompt.replace(answer, " ", 1)
    return judge_answer(answer, reference=reference, source=source, criterion=criterion)


def _combine_verdicts(first: Verdict, second: Verdict) -> Verdict:
    reason = f"Of A: {first.reason} Of B: {second.reason}"
    return Verdict(quality=max(first.quality, second.quality), reason=reason)


def judge_answer(answer: str, *, reference: str | None, source: str, criterion: str = "") -> Verdict:
    if not answer.strip():
        return Verdict(quality=0.0, reason="There is no answer.")
    rule = _apply_length_rule(answer, criterion)
    if rule is not None:
        return rule
    compared_text = reference if reference is not None else source
    if reference is not None:
        quality = 1.0 if answer.strip() == reference.strip() else min(0.95, 1.7 * compute_similarity(answer, reference))
    else:
        quality = 0.3 + 0.7 * min(1.0, compute_overlap(answer, source) / 0.6)
    lapses = _find_lapses(answer, source)
    shared = sorted(find_stems(answer) & find_stems(compared_text))
    where = "the reference" if reference is not None else "the input"
    overlap = f"{len(shared)} of the {len(find_stems(answer))} telling words of the answer stand in {where}"
    reason = "; ".join([overlap, *(lapse for lapse, _ in lapses)]) + "."
    return Verdict(quality=max(0.0, quality - sum(cost for _, cost in lapses)), reason=reason)


def _apply_length_rule(answer: str, criterion: str) -> Verdict | None:
    count = len(answer.split())
    if match := RANGE.search(criterion):
        return _judge_length(count, int(match[1]), int(match[2]))
    if match := AT_MOST.search(criterion):
        return _judge_length(count, 0, int(match[1]))
    return None


def _judge_length(count: int, minimum: int, maximum: int) -> Verdict:
    return Verdict(
        quality=float(minimum <= count <= maximum),
        reason=f"It has {count} words; {minimum} to {maximum} were asked for.",
    )


def _find_lapses(answer: str, source: str) -> list[tuple[str, float]]:
    words, source_words = answer.split(), len(source.split())
    capital_words = [word for word in words if len(word) > 3 and word.isupper()]  # noqa: PLR2004 - shorter ones are initials
    match = [
        (len(capital_words) * 2 >= len(words) or len(capital_words) > 1, "it shouts", 0.35),
        ("!" in answer, "it has exclamation marks", 0.2),
        (len(words) < 4 <= source_words // 4, "it says too little", 0.3),  # noqa: PLR2004
        (len(words) > max(25, source_words), "it is longer than what it is about", 0.2),
    ]
    return [(lapse, cost) for applies, lapse, cost in match if applies]


def judge_pair(reading: RequestReader) -> tuple[Verdict, Verdict] | None:
    """Judge both answers of a pair; None without a pair."""
    kinds = (
        "answer",
        "response",
        "output",
        "candidate",
        "completion",
        "option",
        "text",
        "assistant",
        "headline",
        "model",
    )
    texts = []
    for names in SIDES.values():
        labels = [f"{kind} {name}" for kind in kinds for name in names]
        texts.append(reading.find_labelled(*labels, *(f"{name} answer" for name in names), *names[:1]))
    if texts[0] is None or texts[1] is None:
        return None
    reference = reading.find_labelled(*REFERENCES)
    source = reading.find_labelled(*INPUTS) or reading.prompt
    first, second = (judge_answer(text or "", reference=reference, source=source) for text in texts)
    return first, second


def spread_around(value: float, options: Sequence[float]) -> dict[float, float]:
    """The chance of each option: a normal distribution around the judge's score, summing to 1."""
    weights = [math.exp(-((option - value) ** 2) / (2 * WIDTH**2)) for option in options]
    total = sum(weights) or 1.0
    return {option: weight / total for option, weight in zip(options, weights, strict=True)}
