"""Consensus: turn annotators' votes into one label, or report the ties that prevent it. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from service.datasets.examples.domain import ExampleLabelled
from service.datasets.examples.ratings import ExampleLabel, Rule, Vote
from service.tasks.ontology import Answers, Question

DECIMALS = 9  # weights are rounded so that equal sums of fractions compare equal
Outcome = Literal["labelled", "unchanged", "too_few", "kept", "tied"]


class Tie(msgspec.Struct, frozen=True, kw_only=True):
    """A question without a winner, and the weight behind each category."""

    question: str
    """The question without a winner."""
    weights: dict[str, float]
    """Total vote weight of each category."""


class CurrentLabel(msgspec.Struct, frozen=True, kw_only=True):
    """The label an example has now, and the votes it is based on."""

    label: ExampleLabel | None = None
    votes: tuple[Vote, ...] = ()


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of one example: at most one event, or the ties that prevent a label."""

    outcome: Outcome
    events: Sequence[ExampleLabelled] = ()
    ties: Sequence[Tie] = ()


def decide_label(
    current: CurrentLabel,
    questions: Sequence[Question],
    votes: Sequence[Vote],
    *,
    rule: Rule,
    minimum: int,
    adjudicated: Answers | None = None,
    reason: str | None = None,
) -> Decision:
    """Decide the label of one example: a person's `adjudicated` answers win, else `minimum` or more votes decide."""
    if adjudicated is None:
        if is_adjudicated(current):
            return Decision(outcome="kept")
        if len(votes) < minimum:
            return Decision(outcome="too_few")
        answers, ties = resolve_votes(questions, votes)
        if ties:
            return Decision(outcome="tied", ties=ties)
    else:
        answers = adjudicated
    events = record_label(current, ExampleLabel(answers=answers, rule=rule), votes, reason=reason)
    return Decision(outcome="labelled" if events else "unchanged", events=events)


def resolve_votes(questions: Sequence[Question], votes: Sequence[Vote]) -> tuple[Answers, list[Tie]]:
    """Return the answers with the most weight, and the ties. Child questions of a tied question stay unanswered."""
    answers: Answers = {}
    ties: list[Tie] = []
    for question in questions:
        voters = [vote for vote in votes if question.name in vote.answers]
        if not voters:
            continue
        weights = _sum_weights(question, voters)
        winners = _find_winners(question, weights, total=round(sum(vote.weight for vote in voters), DECIMALS))
        if winners is None:
            ties.append(Tie(question=question.name, weights=weights))
            continue
        answers[question.name] = winners
        for children, child_votes in _list_child_questions(question, winners, voters):
            child_answers, child_ties = resolve_votes(children, child_votes)
            answers |= child_answers
            ties += child_ties
    return answers, ties


def record_label(
    current: CurrentLabel, label: ExampleLabel, votes: Sequence[Vote], *, reason: str | None = None
) -> list[ExampleLabelled]:
    """Record the label, unless it is the same from the same votes. Votes never replace an adjudicated label."""
    sorted_votes = tuple(sorted(votes, key=lambda vote: (vote.kind, vote.annotator)))
    if current == CurrentLabel(label=label, votes=sorted_votes):
        return []
    if is_adjudicated(current) and label.rule != "adjudicated":
        return []
    return [ExampleLabelled(label=label, votes=sorted_votes, reason=reason)]


def is_adjudicated(current: CurrentLabel) -> bool:
    """Whether a person decided the current label."""
    return current.label is not None and current.label.rule == "adjudicated"


def _sum_weights(question: Question, voters: Sequence[Vote]) -> dict[str, float]:
    sums: defaultdict[str, float] = defaultdict(float)
    for vote in voters:
        for category in vote.answers[question.name]:
            sums[category] += vote.weight
    return {name: round(sums[name], DECIMALS) for name in dict.fromkeys((*question.names, *sums)) if name in sums}


def _find_winners(question: Question, weights: dict[str, float], *, total: float) -> tuple[str, ...] | None:
    """Single choice: the category with the most weight. Several: those with more than half. None means a tie."""
    if question.choice == "single":
        highest = max(weights.values(), default=0.0)
        leading = tuple(name for name, weight in weights.items() if weight == highest)
        return leading if len(leading) == 1 else None
    has_half = any(round(2 * weight, DECIMALS) == total for weight in weights.values())
    chosen = tuple(name for name, weight in weights.items() if round(2 * weight, DECIMALS) > total)
    return None if has_half or (question.required and not chosen) else chosen


def _list_child_questions(
    question: Question, winners: tuple[str, ...], voters: Sequence[Vote]
) -> Iterator[tuple[tuple[Question, ...], list[Vote]]]:
    """Yield each winning category's child questions, with the votes for that category."""
    for category in question.categories:
        if category.name in winners and category.children:
            yield category.children, [vote for vote in voters if category.name in vote.answers[question.name]]
