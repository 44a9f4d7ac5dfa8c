"""A judge that counts: how much of an answer stands in its reference or its input, and whether it keeps to the form."""

import math
import re
from collections.abc import Sequence

import msgspec

from service.sandbox.base_model.request_reader import Reading
from service.sandbox.base_model.text_analysis import likeness, share, stems

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
WIDTH = 0.6  # of the bell around a score, in points: how unsure the judge is


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """`quality` is 0 to 1."""

    quality: float
    reason: str


def compared(reading: Reading, criterion: str = "") -> Verdict:
    """The answer under judgement against its reference, or where there is none against its input."""
    if pair := sides(reading):
        return _of_pair(*pair)
    answer = reading.labelled(*ANSWERS)
    if answer is None:
        blocks = [block for block in re.split(r"\n\s*\n", reading.asked) if block.strip()]
        answer = blocks[-1] if blocks else ""
    reference = reading.labelled(*REFERENCES)
    source = reading.labelled(*INPUTS) or reading.prompt.replace(answer, " ", 1)
    return judged(answer, reference=reference, source=source, criterion=criterion)


def _of_pair(first: Verdict, second: Verdict) -> Verdict:
    reason = f"Of A: {first.reason} Of B: {second.reason}"
    return Verdict(quality=max(first.quality, second.quality), reason=reason)


def judged(answer: str, *, reference: str | None, source: str, criterion: str = "") -> Verdict:
    if not answer.strip():
        return Verdict(quality=0.0, reason="There is no answer.")
    rule = _length_rule(answer, criterion)
    if rule is not None:
        return rule
    against = reference if reference is not None else source
    if reference is not None:
        quality = 1.0 if answer.strip() == reference.strip() else min(0.95, 1.7 * likeness(answer, reference))
    else:
        quality = 0.3 + 0.7 * min(1.0, share(answer, source) / 0.6)
    lapses = _lapses(answer, source)
    shared = sorted(stems(answer) & stems(against))
    where = "the reference" if reference is not None else "the input"
    said = f"{len(shared)} of the {len(stems(answer))} telling words of the answer stand in {where}"
    reason = "; ".join([said, *(lapse for lapse, _ in lapses)]) + "."
    return Verdict(quality=max(0.0, quality - sum(cost for _, cost in lapses)), reason=reason)


def _length_rule(answer: str, criterion: str) -> Verdict | None:
    count = len(answer.split())
    if found := RANGE.search(criterion):
        return _kept(count, int(found[1]), int(found[2]))
    if found := AT_MOST.search(criterion):
        return _kept(count, 0, int(found[1]))
    return None


def _kept(count: int, least: int, most: int) -> Verdict:
    return Verdict(
        quality=float(least <= count <= most), reason=f"It has {count} words; {least} to {most} were asked for."
    )


def _lapses(answer: str, source: str) -> list[tuple[str, float]]:
    words, read = answer.split(), len(source.split())
    loud = [word for word in words if len(word) > 3 and word.isupper()]  # noqa: PLR2004 - shorter ones are initials
    found = [
        (len(loud) * 2 >= len(words) or len(loud) > 1, "it shouts", 0.35),
        ("!" in answer, "it has exclamation marks", 0.2),
        (len(words) < 4 <= read // 4, "it says too little", 0.3),  # noqa: PLR2004
        (len(words) > max(25, read), "it is longer than what it is about", 0.2),
    ]
    return [(lapse, cost) for there, lapse, cost in found if there]


def sides(reading: Reading) -> tuple[Verdict, Verdict] | None:
    """Both answers of a pair, judged; None where there are no two."""
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
        texts.append(reading.labelled(*labels, *(f"{name} answer" for name in names), *names[:1]))
    if texts[0] is None or texts[1] is None:
        return None
    reference = reading.labelled(*REFERENCES)
    source = reading.labelled(*INPUTS) or reading.prompt
    first, second = (judged(text or "", reference=reference, source=source) for text in texts)
    return first, second


def around(value: float, options: Sequence[float]) -> dict[float, float]:
    """How likely each option is when the judge's own mark lies between them: a bell around it that sums to 1."""
    weights = [math.exp(-((option - value) ** 2) / (2 * WIDTH**2)) for option in options]
    total = sum(weights) or 1.0
    return {option: weight / total for option, weight in zip(options, weights, strict=True)}
