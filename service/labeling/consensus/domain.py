"""Consensus: from the annotators' votes to one label, or to the ties that stand in its way. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from service.datasets.examples.domain import ExampleLabel, ExampleLabelled, Vote
from service.tasks.ontology import Answers, Question

EXACT = 9  # decimals: weights are fractions, and equal sums are to come out equal


class Tie(msgspec.Struct, frozen=True, kw_only=True):
    """A question without a winner, and the weight behind each category."""

    question: str
    """The question without a winner."""
    weights: dict[str, float]
    """Total vote weight of each category."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The label that an example has now, and the votes it came of."""

    label: ExampleLabel | None = None
    votes: tuple[Vote, ...] = ()


def agreed(questions: Sequence[Question], votes: Sequence[Vote]) -> tuple[Answers, list[Tie]]:
    """The answers with the most weight behind them, and the ties. What comes below a tie stays open."""
    answers: Answers = {}
    ties: list[Tie] = []
    for question in questions:
        voters = [vote for vote in votes if question.name in vote.answers]
        if not voters:
            continue
        weights = _weights(question, voters)
        winners = _winners(question, weights, total=round(sum(vote.weight for vote in voters), EXACT))
        if winners is None:
            ties.append(Tie(question=question.name, weights=weights))
            continue
        answers[question.name] = winners
        for below, those in _below(question, winners, voters):
            more, open_ = agreed(below, those)
            answers |= more
            ties += open_
    return answers, ties


def settle(
    standing: Standing, label: ExampleLabel, votes: Sequence[Vote], *, reason: str | None = None
) -> list[ExampleLabelled]:
    """Write the label. The same label of the same votes again records nothing; an adjudicated one gives way to none."""
    ordered = tuple(sorted(votes, key=lambda vote: (vote.kind, vote.annotator)))
    if standing == Standing(label=label, votes=ordered):
        return []
    if is_final(standing) and label.rule != "adjudicated":
        return []
    return [ExampleLabelled(label=label, votes=ordered, reason=reason)]


def is_final(standing: Standing) -> bool:
    """Whether a person had the last word."""
    return standing.label is not None and standing.label.rule == "adjudicated"


def _weights(question: Question, voters: Sequence[Vote]) -> dict[str, float]:
    summed: defaultdict[str, float] = defaultdict(float)
    for vote in voters:
        for category in vote.answers[question.name]:
            summed[category] += vote.weight
    return {name: round(summed[name], EXACT) for name in dict.fromkeys((*question.names, *summed)) if name in summed}


def _winners(question: Question, weights: dict[str, float], *, total: float) -> tuple[str, ...] | None:
    if question.choice == "single":
        most = max(weights.values(), default=0.0)
        leading = tuple(name for name, weight in weights.items() if weight == most)
        return leading if len(leading) == 1 else None
    halved = any(round(2 * weight, EXACT) == total for weight in weights.values())
    chosen = tuple(name for name, weight in weights.items() if round(2 * weight, EXACT) > total)
    return None if halved or (question.required and not chosen) else chosen


def _below(
    question: Question, winners: tuple[str, ...], voters: Sequence[Vote]
) -> Iterator[tuple[tuple[Question, ...], list[Vote]]]:
    for category in question.categories:
        if category.name in winners and category.children:
            yield category.children, [vote for vote in voters if category.name in vote.answers[question.name]]
