"""Ratings: stars, pass or fail, pass, fail or critical; each rater has one, and their mean is what filters read."""

from collections.abc import Mapping
from typing import Annotated, Literal, assert_never

import msgspec


class Stars(msgspec.Struct, frozen=True, kw_only=True, tag="stars"):
    """One to five stars."""

    value: Annotated[int, msgspec.Meta(ge=1, le=5)]
    """1 is the worst, 5 the best."""


class PassFail(msgspec.Struct, frozen=True, kw_only=True, tag="pass_fail"):
    """Good enough or not."""

    value: Literal["pass", "fail"]
    """`pass` if the answer is good enough."""


class PassFailCritical(msgspec.Struct, frozen=True, kw_only=True, tag="pass_fail_critical"):
    """Good enough, not, or harmful."""

    value: Literal["pass", "fail", "critical"]
    """`pass` if the answer is good enough, `critical` if it is harmful."""


Mark = Stars | PassFail | PassFailCritical


class Rating(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One rater's judgement of an answer, overall and by the names of the task's requirements."""

    overall: Mark | None = None
    """The mark of the whole answer."""
    requirements: dict[str, Mark] = {}
    """Marks by the name of the task's requirement."""


def stars(mark: Mark) -> float:
    """A mark on the scale of stars: pass is 5, fail 2, critical 1."""
    match mark:
        case Stars(value=value):
            return float(value)
        case PassFail(value=word) | PassFailCritical(value=word):
            return {"pass": 5.0, "fail": 2.0, "critical": 1.0}[word]
        case _:
            assert_never(mark)


def score(rating: Rating) -> float:
    """The overall mark in stars, or the mean of the requirements' where there is none."""
    marks = [rating.overall] if rating.overall is not None else list(rating.requirements.values())
    return sum(map(stars, marks)) / len(marks)


def average(ratings: Mapping[str, Rating]) -> float | None:
    """The mean of the raters' scores in stars; None when nobody has rated."""
    return round(sum(map(score, ratings.values())) / len(ratings), 6) if ratings else None


Answers = dict[str, tuple[str, ...]]  # the chosen categories by question of the task
Rule = Literal["majority", "weighted", "adjudicated"]
AnnotatorKind = Literal["person", "model"]


class ExampleLabel(msgspec.Struct, frozen=True, kw_only=True):
    """The categories chosen, by question, and how they were found."""

    answers: Answers
    """The chosen categories, by question."""
    rule: Rule
    """How the answers were decided."""


class Vote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One annotator's answers and their weight."""

    annotator: str
    """Who voted: a person's actor, or a model."""
    kind: AnnotatorKind = "person"
    """Whether a person or a model voted."""
    answers: Answers
    """The categories the annotator chose, by question."""
    weight: float = 1.0
    """How much the vote counted."""
