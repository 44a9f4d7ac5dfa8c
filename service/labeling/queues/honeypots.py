"""Honeypots: score annotators by their answers to examples with known answers. Pure."""

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from service.labeling.annotators import Annotator
from service.tasks.ontology import Answers


class HoneypotScore(msgspec.Struct, frozen=True, kw_only=True):
    """An annotator's honeypot answers. The score starts at 0.5 and never reaches 0 or 1."""

    answered: int = 0
    """Honeypots answered."""
    right: int = 0
    """Honeypots answered correctly."""
    score: float = 0.5
    """(right + 1) / (answered + 2), so 0.5 if none were answered."""


def is_right(known: Answers, answers: Answers) -> bool:
    """Whether every question with a known answer was answered exactly so."""
    return all(set(answers.get(question, ())) == set(categories) for question, categories in known.items())


def score_annotators(answers: Iterable[tuple[Annotator, Answers, Answers]]) -> dict[Annotator, HoneypotScore]:
    """Score each annotator, given (annotator, known answers, the annotator's answers)."""
    results: defaultdict[Annotator, list[bool]] = defaultdict(list)
    for annotator, known, annotator_answers in answers:
        results[annotator].append(is_right(known, annotator_answers))
    return {annotator: _build_score(rights) for annotator, rights in results.items()}


def _build_score(rights: list[bool]) -> HoneypotScore:
    answered, right = len(rights), sum(rights)
    return HoneypotScore(answered=answered, right=right, score=(right + 1) / (answered + 2))
