"""What queues and assignments look like to a caller, and what a caller sends to make and to work them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from service.datasets.examples.chat_content import Content, Message, Tool
from service.datasets.examples.filters import Filter
from service.errors import Fault, Invalid
from service.http.bodies import Body, Name, Reason
from service.http.pagination import Page
from service.labeling.annotators import Annotator
from service.labeling.labels.schemas import GivenAnswers, Label, NewAnnotator
from service.labeling.queues.domain import Shows
from service.labeling.queues.honeypots import HoneypotScore
from service.labeling.queues.items.domain import PlaceState
from service.tasks.ontology import Question

MOST_EXAMPLES = 5_000
Overlap = Annotated[
    int, msgspec.Meta(ge=1, le=50, description="How many annotators label each example; honeypots go to everyone.")
]
LeaseSeconds = Annotated[
    int, msgspec.Meta(ge=1, le=604_800, description="After so long a claimed example is offered to others again.")
]
Blind = Annotated[
    bool, msgspec.Meta(description="Annotators see no other's label of an example before they gave their own.")
]
Annotators = Annotated[list[Name], msgspec.Meta(max_length=1_000, description="Who may claim; empty lets everyone.")]
Ids = Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=MOST_EXAMPLES)]


class NewHoneypot(Body):
    """An example whose right answers are known; annotators get it like any other."""

    example_id: UUID
    answers: GivenAnswers | None = None
    category: Name | None = None


class QueueExamples(Body):
    """Which examples: by id, or those that match a filter (without either, all of them), at most 5,000 at once."""

    examples: Ids | None = None
    filter: Filter | None = None
    honeypots: Annotated[list[NewHoneypot], msgspec.Meta(max_length=1_000)] = []

    def require_one_way(self) -> None:
        """Raises Invalid when examples are named and filtered."""
        if self.examples is not None and self.filter is not None:
            fault = Fault(pointer="/filter", detail="Give examples or a filter, not both.")
            raise Invalid(fault.detail, errors=[fault])


class NewQueue(QueueExamples, frozen=True, kw_only=True):
    """Examples for annotators to label, with the dataset's task unless another is named."""

    name: Annotated[Name, msgspec.Meta(description="Unique in the dataset.")]
    task_id: UUID | None = None
    overlap: Overlap = 1
    lease_seconds: LeaseSeconds = 1_800
    blind: Blind = True
    shows: Annotated[
        Shows, msgspec.Meta(description="What annotators see: all of an example, or its input without the answer.")
    ] = "example"
    annotators: Annotators = []


class QueueChanges(Body):
    """What is to be different: an absent field stays as it is. A closed queue offers nothing more."""

    name: Name | UnsetType = UNSET
    lease_seconds: LeaseSeconds | UnsetType = UNSET
    blind: Blind | UnsetType = UNSET
    annotators: Annotators | UnsetType = UNSET
    closed: bool | UnsetType = UNSET
    reason: Reason | None = None


class AssignExamples(Body):
    """Keep these examples for an annotator: they are the first that this annotator's claims bring."""

    annotator: NewAnnotator
    examples: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=1_000)]


class ClaimExamples(Body):
    """Take examples to label. The queue may be left out where the dataset has one that is open."""

    queue_id: UUID | None = None
    annotator: NewAnnotator | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1


class SkipAssignment(Body):
    """Why it is left to others."""

    reason: Annotated[Reason, msgspec.Meta(min_length=1)]


class ReleaseAssignment(Body):
    """Give the place back, to be offered again."""

    reason: Reason | None = None


class ReviewAssignment(Body):
    """Accept a label, or send it back with the reason: the same annotator is asked again."""

    verdict: Literal["accept", "send_back"]
    reason: Reason | None = None

    def require_reason(self) -> str:
        """Raises Invalid without one."""
        if not self.reason:
            fault = Fault(pointer="/reason", detail="Say why it is sent back.", code="required")
            raise Invalid(fault.detail, errors=[fault])
        return self.reason


class QueueProgress(msgspec.Struct, frozen=True, kw_only=True):
    """`done` examples have all their labels; `labels` counts those given so far. Honeypots are beside the count."""

    examples: int
    honeypots: int
    done: int
    labels: int


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """Examples that annotators take in turn: `overlap` of them each, for as long as a lease lasts."""

    id: UUID
    dataset_id: UUID
    task_id: UUID
    name: str
    overlap: int
    lease_seconds: int
    blind: bool
    shows: Shows
    annotators: list[str]
    closed: bool
    progress: QueueProgress
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime


class QueuePage(Page[Queue], frozen=True, kw_only=True):
    """One page of queues, the oldest first."""


class ExamplesQueued(msgspec.Struct, frozen=True, kw_only=True):
    """How many examples came into the queue, and how many of those asked for are left for another call."""

    added: int
    honeypots: int
    left: int


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """An example that an annotator has, had or is to have. `reason` is why it was sent back, skipped or released."""

    id: UUID
    queue_id: UUID
    dataset_id: UUID
    example_id: UUID
    annotator: Annotator
    state: PlaceState
    leased_until: datetime | None
    label_id: UUID | None
    reason: str | None
    updated_at: datetime


class ExampleInput(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An example's input, without the answer."""

    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] | None = None


class ClaimedExample(msgspec.Struct, frozen=True, kw_only=True):
    """An example to label, under this assignment, until the lease ends. `content` is all of it, or `input` its prompt.

    `reason` is why an earlier label was sent back; `labels` are those of others, where the queue is not blind.
    """

    assignment_id: UUID
    queue_id: UUID
    example_id: UUID
    annotator: Annotator
    leased_until: datetime
    content: Content | None
    input: ExampleInput | None
    reason: str | None
    labels: list[Label]


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """What was claimed, to be answered by the task's `questions`; no `data` when nothing is to be had."""

    data: list[ClaimedExample]
    questions: Sequence[Question]


class AssignmentPage(Page[Assignment], frozen=True, kw_only=True):
    """One page of assignments, by id."""


class AnnotatorWork(msgspec.Struct, frozen=True, kw_only=True):
    """An annotator's assignments in a queue by their state, and how honeypots were answered there."""

    annotator: Annotator
    states: dict[PlaceState, int]
    honeypots: HoneypotScore


class AnnotatorList(msgspec.Struct, frozen=True, kw_only=True):
    """Everyone who has had an example of the queue, by name."""

    data: list[AnnotatorWork]


def queue_of(row: Any) -> Queue:
    names = [name for name in Queue.__struct_fields__ if name != "progress"]
    progress = QueueProgress(**{name: getattr(row, name) for name in QueueProgress.__struct_fields__})
    return Queue(progress=progress, **{name: getattr(row, name) for name in names})


def assignment_of(row: Any) -> Assignment:
    names = [name for name in Assignment.__struct_fields__ if name not in {"annotator", "updated_at"}]
    who = Annotator(name=row.annotator, kind=row.kind)
    return Assignment(annotator=who, updated_at=row.changed_at, **{name: getattr(row, name) for name in names})
