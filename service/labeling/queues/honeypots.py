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


def scores(answers: Iterable[tuple[Annotator, Answers, Answers]]) -> dict[Annotator, HoneypotScore]:
    """By annotator, of who gave which answers where which were known: (annotator, known, given)."""
    told: defaultdict[Annotator, list[bool]] = defaultdict(list)
    for annotator, known, given in answers:
        told[annotator].append(is_right(known, given))
    return {
        annotator: HoneypotScore(answered=len(all_), right=sum(all_), score=(sum(all_) + 1) / (len(all_) + 2))
        for annotator, all_ in told.items()
    }
