"""Honeypots: examples with known answers, and what annotators' words on them say of their other words. Pure."""

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from service.labeling.annotators import Annotator
from service.tasks.ontology import Answers


class HoneypotScore(msgspec.Struct, frozen=True, kw_only=True):
    """`score` is (right + 1) / (answered + 2): ½ for who has answered none, and never certain."""

    answered: int = 0
    """Honeypots answered."""
    right: int = 0
    """Honeypots answered correctly."""
    score: float = 0.5
    """(right + 1) / (answered + 2), so 0.5 if none were answered."""


def is_right(known: Answers, given: Answers) -> bool:
    """Whether every question with a known answer got that very answer."""
    return all(set(given.get(question, ())) == set(categories) for question, categories in known.items())


def score_annotators(answers: Iterable[tuple[Annotator, Answers, Answers]]) -> dict[Annotator, HoneypotScore]:
    """By annotator, of who gave which answers where which were known: (annotator, known, given)."""
    results: defaultdict[Annotator, list[bool]] = defaultdict(list)
    for annotator, known, given in answers:
        results[annotator].append(is_right(known, given))
    return {
        annotator: HoneypotScore(
            answered=len(answers_right),
            right=sum(answers_right),
            score=(sum(answers_right) + 1) / (len(answers_right) + 2),
        )
        for annotator, answers_right in results.items()
    }
