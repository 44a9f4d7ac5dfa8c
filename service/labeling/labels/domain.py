"""Labels: one annotator's answers about one example for a task. A new label replaces the old; history keeps both."""

from typing import Literal, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from service.errors import Conflict, NotFound
from service.labeling.annotators import Annotator
from service.ledger.decider import Decider, Event, require_state
from service.tasks.ontology import Answers

Verdict = Literal["accepted", "sent_back"]
Review = Literal["accepted", "sent_back", "withdrawn"]
REOPENED = ("sent_back", "withdrawn")  # such a label does not count until its annotator answers again


class LabelDecided(Conflict):
    """The label has been decided on, so that its annotator cannot change it any more"""

    code = "decided"


class LabelGiven(Event):
    """`content` is the digest of the labeled example; `text` that of the free text the answers were read from."""

    dataset_id: UUID
    example_id: UUID
    task_id: UUID
    annotator: Annotator
    answers: Answers
    task_version: int
    example_version: int
    content: str
    text: str | None = None
    queue_id: UUID | None = None
    assignment_id: UUID | None = None
    reason: str | None = None


class LabelReviewed(Event):
    """A label that was sent back does not count until its annotator answers again."""

    verdict: Verdict
    reason: str | None = None


class LabelWithdrawn(Event):
    """The annotator takes the label back. It does not count until they answer again."""

    reason: str | None = None


LabelEvent = LabelGiven | LabelReviewed | LabelWithdrawn


class LabelState(msgspec.Struct, frozen=True, kw_only=True):
    given: LabelGiven
    review: Review | None = None


def evolve(label: LabelState | None, event: LabelEvent) -> LabelState:
    match event:
        case LabelGiven():
            return LabelState(given=event)
        case LabelReviewed():
            return replace(require_state(label), review=event.verdict)
        case LabelWithdrawn():
            return replace(require_state(label), review="withdrawn")
        case _:
            assert_never(event)


LABEL: Decider[LabelState, LabelEvent] = Decider(
    "label", events=(LabelGiven, LabelReviewed, LabelWithdrawn), evolve=evolve
)


def give(label: LabelState | None, event: LabelGiven) -> list[LabelEvent]:
    """Record the label. Repeating it records nothing, unless it was sent back or withdrawn.

    Raises LabelDecided if a reviewer accepted another answer about the same content.
    """
    if label is None or label.review in REOPENED:
        return [event]
    if _label_key(label.given) == _label_key(event):
        return []
    if label.review == "accepted" and label.given.content == event.content:
        raise LabelDecided("A reviewer has accepted this annotator's label; a reviewer can send it back.")
    return [event]


def _label_key(event: LabelGiven) -> tuple[object, ...]:
    return event.answers, event.text, event.content, event.assignment_id


def review(label: LabelState | None, *, verdict: Verdict, reason: str | None) -> list[LabelEvent]:
    """Record a reviewer's verdict. Repeating it records nothing."""
    if label is None:
        raise NotFound("No such label.")
    return [] if label.review == verdict else [LabelReviewed(verdict=verdict, reason=reason)]


def withdraw(label: LabelState | None, *, reason: str | None) -> list[LabelEvent]:
    """Take the label back. Repeating it records nothing."""
    if label is None:
        raise NotFound("No such label.")
    return [] if label.review == "withdrawn" else [LabelWithdrawn(reason=reason)]


def history_fields(label: LabelState) -> dict[str, object]:
    """Select the fields that a label's history shows."""
    return {"answers": label.given.answers, "example_version": label.given.example_version, "review": label.review}
