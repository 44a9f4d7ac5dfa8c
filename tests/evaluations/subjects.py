"""Short ways to score a text, and a task to judge by."""

from collections.abc import Sequence
from typing import Any

from service.evaluations.scorers.scorer import Score, Summary
from service.evaluations.scorers.scorer_registry import aggregate, read_config, score
from service.evaluations.scores.subject import Reference, Subject
from service.tasks.domain import Requirement, TaskState

HEADLINES = TaskState(
    name="Headlines",
    instruction="Write a headline.",
    requirements=(
        Requirement(name="Short", instruction="At most eight words.", priority=0),
        Requirement(name='It\'s "true"', instruction="Says nothing that the text does not say."),
    ),
)


def scored(scorer: str, output: str | None, expected: str | None = None, **settings: Any) -> Score:
    """One answer against one expected text."""
    reference = None if expected is None else Reference(text=expected)
    return score(Subject(output=output, reference=reference), read_config({"scorer": scorer, **settings}))


def summed(scorer: str, pairs: Sequence[tuple[str, str]], **settings: Any) -> Summary:
    """What pairs of answer and expected text come to."""
    scores = [scored(scorer, output, expected, **settings) for output, expected in pairs]
    return aggregate(scores, read_config({"scorer": scorer, **settings}))


def value(scorer: str, output: str | None, expected: str | None = None, **settings: Any) -> float:
    score_value = scored(scorer, output, expected, **settings).value
    assert score_value is not None
    return score_value
