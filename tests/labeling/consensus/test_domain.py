"""From votes to labels on plain values: majorities, weights, ties and last words."""

from typing import Any

import msgspec
import pytest

from service.datasets.examples.domain import ExampleLabelled
from service.datasets.examples.ratings import ExampleLabel, Rule, Vote
from service.labeling.annotators import Annotator
from service.labeling.consensus.domain import CurrentLabel, record_label, resolve_votes
from service.labeling.queues.honeypots import is_right, score_annotators
from service.tasks.ontology import Answers, Question

TOPIC = msgspec.convert({"name": "topic", "categories": [{"name": n} for n in "abc"]}, Question)
FLAGS = msgspec.convert(
    {"name": "flags", "categories": [{"name": n} for n in "xyz"], "choice": "multiple", "required": False}, Question
)


def votes(*categories: str, weights: tuple[float, ...] = (1, 1, 1, 1), question: str = "topic") -> list[Vote]:
    return [
        Vote(annotator=f"annotator {number}", answers={question: tuple(answer)}, weight=weight)
        for number, (answer, weight) in enumerate(zip(categories, weights, strict=False))
    ]


@pytest.mark.parametrize(
    ("categories", "weights", "wanted"),
    [
        ("aab", (1, 1, 1, 1), ("a",)),
        ("ab", (1, 1, 1, 1), None),
        ("abc", (1, 1, 1, 1), None),
        ("aabc", (1, 1, 1, 1), ("a",)),
        ("abb", (0.75, 0.25, 0.25, 0), ("a",)),
        ("aab", (0.1, 0.2, 0.3, 0), None),  # 0.1 + 0.2 is 0.3 here, whatever floats say
        ("a", (0.5, 0, 0, 0), ("a",)),
    ],
)
def test_a_single_choice_goes_to_the_most_weight(categories: str, weights: Any, wanted: tuple[str, ...] | None) -> None:
    answers, ties = resolve_votes((TOPIC,), votes(*categories, weights=weights))
    assert answers.get("topic") == wanted
    assert [tie.question for tie in ties] == ([] if wanted else ["topic"])


@pytest.mark.parametrize(
    ("categories", "wanted"),
    [
        (("xy", "x", "z"), ("x",)),
        (("x", "y"), None),
        (("", "", "x"), ()),
        (("xyz", "zyx"), ("x", "y", "z")),
    ],
)
def test_a_multiple_choice_gets_what_more_than_half_chose(categories: tuple[str, ...], wanted: Any) -> None:
    answers, ties = resolve_votes((FLAGS,), votes(*categories, question="flags"))
    assert answers.get("flags") == wanted
    assert bool(ties) == (wanted is None)


def test_a_required_multiple_choice_without_a_winner_is_no_answer() -> None:
    required = msgspec.structs.replace(FLAGS, required=True)
    answers, ties = resolve_votes((required,), votes("x", "y", "z", question="flags"))
    assert (answers, [tie.weights for tie in ties]) == ({}, [{"x": 1.0, "y": 1.0, "z": 1.0}])


def label(answer: str, rule: Rule = "majority") -> ExampleLabel:
    return ExampleLabel(answers={"topic": (answer,)}, rule=rule)


def standing(events: list[ExampleLabelled]) -> CurrentLabel:
    [event] = events
    return CurrentLabel(label=event.label, votes=event.votes)


def test_the_same_label_of_the_same_votes_records_nothing() -> None:
    now = standing(record_label(CurrentLabel(), label("a"), votes("a", "a")))
    assert record_label(now, label("a"), list(reversed(votes("a", "a")))) == []
    assert record_label(now, label("a"), votes("a", "a", "b")) != []
    assert record_label(now, label("a", "weighted"), votes("a", "a")) != []


def test_only_an_adjudicator_changes_what_an_adjudicator_said() -> None:
    now = standing(record_label(CurrentLabel(), label("a", "adjudicated"), votes("b", "b"), reason="seen it"))
    assert record_label(now, label("b"), votes("b", "b")) == []
    assert record_label(now, label("b", "adjudicated"), votes("b", "b")) != []


def test_a_honeypot_is_right_when_every_known_answer_is_given() -> None:
    known: Answers = {"topic": ("a",), "flags": ("x", "y")}
    assert is_right(known, {"flags": ("y", "x"), "topic": ("a",), "mood": ("z",)})
    assert not is_right(known, {"topic": ("a",)})
    assert not is_right(known, {"topic": ("a",), "flags": ("x",)})


def test_a_score_is_never_certain() -> None:
    ann, ben = Annotator(name="ann"), Annotator(name="ben")
    a, b = Answers(topic=("a",)), Answers(topic=("b",))
    scores = score_annotators([(ann, a, a), (ann, a, a), (ben, a, b)])
    assert {who.name: (s.answered, s.right, s.score) for who, s in scores.items()} == {
        "ann": (2, 2, 0.75),
        "ben": (1, 0, pytest.approx(1 / 3)),
    }
