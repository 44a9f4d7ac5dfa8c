"""The label of an example: what its annotators' votes came to, by which rule. It stays until the next."""

from typing import Literal

import msgspec

from service.ledger.decider import Event

Answers = dict[str, tuple[str, ...]]  # the chosen categories by question of the task
Rule = Literal["majority", "weighted", "adjudicated"]
AnnotatorKind = Literal["person", "model"]


class ExampleLabel(msgspec.Struct, frozen=True, kw_only=True):
    """The categories chosen, by question, and how they were found."""

    answers: Answers
    rule: Rule


class Vote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one annotator said, and how much it counted."""

    annotator: str
    kind: AnnotatorKind = "person"
    answers: Answers
    weight: float = 1.0


class ExampleLabelled(Event):
    """The text it was given for may change, as a repair does, and the label stays until another is given."""

    label: ExampleLabel
    votes: tuple[Vote, ...] = ()
    reason: str | None = None
