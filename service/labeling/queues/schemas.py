"""The requests and responses of queues and assignments."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from service.datasets.examples.chat_content import Content, Message, Tool
from service.datasets.filters.selection import FilterIn
from service.errors import Fault, Invalid
from service.http.bodies import Body, Name, Reason
from service.http.pagination import Page
from service.labeling.annotators import Annotator
from service.labeling.labels.schemas import GivenAnswers, Label, NewAnnotator
from service.labeling.queues.domain import QueueState, Shows
from service.labeling.queues.honeypots import HoneypotScore
from service.labeling.queues.items.domain import AssignmentStatus
from service.ledger.decider import StreamState
from service.tasks.ontology import Question

MAX_EXAMPLES = 5_000
MAX_OPEN = 100
Overlap = Annotated[
    int, msgspec.Meta(ge=1, le=50, description="How many annotators label each example; honeypots go to everyone.")
]
LeaseSeconds = Annotated[
    int, msgspec.Meta(ge=1, le=604_800, description="Seconds after which a claimed example is offered to others again.")
]
Blind = Annotated[
    bool, msgspec.Meta(description="Annotators see others' labels of an example only after giving their own.")
]
Annotators = Annotated[list[Name], msgspec.Meta(max_length=1_000, description="Who may claim; empty means everyone.")]
Ids = Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=MAX_EXAMPLES)]


class NewHoneypot(Body):
    """An example with known answers. Annotators get it like any other."""

    example_id: UUID
    """The example to use as a honeypot."""
    answers: GivenAnswers | None = None
    """The right categories by question of the task's ontology."""
    category: Name | None = None
    """The right answer to the task's only question."""


class QueueExamples(Body):
    """The examples to add, by id or by filter (default: all), at most 5,000 at once."""

    examples: Ids | None = None
    """Examples by id; up to 5,000. Not together with `filter`."""
    filter: FilterIn | None = None
    """Examples that match, the first 5,000. Default: all examples of the dataset."""
    honeypots: Annotated[list[NewHoneypot], msgspec.Meta(max_length=1_000)] = []
    """Examples with known answers to mix in; up to 1,000."""

    def check_one_source(self) -> None:
        """Raises Invalid if both `examples` and `filter` are given."""
        if self.examples is not None and self.filter is not None:
            fault = Fault(pointer="/filter", detail="Give `examples` or `filter`, not both.")
            raise Invalid(fault.detail, errors=[fault])


class NewQueue(QueueExamples, frozen=True, kw_only=True):
    """A new queue of examples for annotators to label."""

    name: Annotated[Name, msgspec.Meta(description="Unique in the dataset.")]
    task_id: UUID | None = None
    """The task to label for. Default: the dataset's task."""
    overlap: Overlap = 1
    lease_seconds: LeaseSeconds = 1_800
    blind: Blind = True
    shows: Annotated[
        Shows, msgspec.Meta(description="What annotators see: all of an example, or its input without the answer.")
    ] = "example"
    annotators: Annotators = []


class QueueChanges(Body):
    """The fields to change; absent fields stay unchanged."""

    name: Name | UnsetType = UNSET
    """The new name; unique in the dataset."""
    lease_seconds: LeaseSeconds | UnsetType = UNSET
    blind: Blind | UnsetType = UNSET
    annotators: Annotators | UnsetType = UNSET
    closed: bool | UnsetType = UNSET
    """True stops offering examples; false reopens the queue."""
    reason: Reason | None = None
    """Why it is changed; the history shows it."""


class AssignExamples(Body):
    """Reserve examples for an annotator, whose claims return them first."""

    annotator: NewAnnotator
    """The annotator to reserve them for."""
    examples: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=1_000)]
    """The examples to reserve; up to 1,000, all of them in the queue."""


class ClaimExamples(Body):
    """Claim examples to label. `queue_id` may be left out if the dataset has exactly one open queue."""

    queue_id: UUID | None = None
    """The queue. Default: the dataset's only open queue."""
    annotator: NewAnnotator | None = None
    """Who claims. Default: the API key, as a person. Anybody else needs the scope labels:impersonate."""
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1
    """How many examples to claim, 1 to 100."""


class SkipAssignment(Body):
    """Skip an example for good."""

    reason: Annotated[Reason, msgspec.Meta(min_length=1)]
    """Why it is skipped."""


class ReleaseAssignment(Body):
    """Give an example back, so that it is offered again."""

    reason: Reason | None = None
    """Why it is released."""


class WithdrawLabel(Body):
    """Take back a submitted label, to label the example anew."""

    reason: Reason | None = None
    """Why; the histories of the label and of the example's place show it."""


class ReviewAssignment(Body):
    """Accept a label, or send it back to the same annotator with a reason."""

    verdict: Literal["accept", "send_back"]
    """Accept the label, or send it back to its annotator."""
    reason: Reason | None = None
    """Why; required to send a label back."""

    def require_reason(self) -> str:
        """Return the reason. Raises Invalid without one."""
        if not self.reason:
            fault = Fault(pointer="/reason", detail="Sending a label back needs a reason.", code="required")
            raise Invalid(fault.detail, errors=[fault])
        return self.reason


class QueueProgress(msgspec.Struct, frozen=True, kw_only=True):
    """A queue's progress. `done` and `labels` do not count honeypots."""

    examples: int
    """Examples in the queue, without honeypots."""
    honeypots: int
    """Honeypots in the queue."""
    done: int
    """Examples that have all their labels."""
    labels: int
    """Labels given so far, without those of honeypots."""


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """A queue: annotators claim its examples under a lease, and `overlap` annotators label each example."""

    id: UUID
    """The queue's id."""
    dataset_id: UUID
    """The dataset its examples are from."""
    task_id: UUID
    """The task to label for."""
    name: str
    """Unique in the dataset."""
    overlap: int
    """How many annotators label each example."""
    lease_seconds: int
    """Seconds after which a claimed example is offered to others again."""
    blind: bool
    """True if annotators see others' labels of an example only after giving their own."""
    shows: Shows
    """What annotators see: the whole example, or its input without the answer."""
    annotators: list[str]
    """Who may claim; empty means everyone."""
    closed: bool
    """A closed queue offers no examples."""
    progress: QueueProgress
    """How far the queue is."""
    version: int
    """Grows by 1 with every change; for If-Match."""
    created_at: datetime
    """When it was created."""
    created_by: str
    """Who created it."""
    updated_at: datetime
    """When it last changed."""
    archived_at: datetime | None
    """When it was archived; null unless it is."""


class QueuePage(Page[Queue], frozen=True, kw_only=True):
    """One page of queues, the oldest first."""


class ExamplesQueued(msgspec.Struct, frozen=True, kw_only=True):
    """How many examples were added to the queue, and how many more match."""

    added: int
    """Examples added to the queue."""
    honeypots: int
    """Honeypots added to the queue."""
    left: int
    """Matching examples that were not added; repeat the request for them."""


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """An annotator's slot of an example in a queue."""

    id: UUID
    """The assignment's id."""
    queue_id: UUID
    """The queue it belongs to."""
    dataset_id: UUID
    """The dataset the example is from."""
    example_id: UUID
    """The example to label."""
    annotator: Annotator
    """Who has the example."""
    state: AssignmentStatus
    """Assigned (reserved), claimed, submitted, accepted, sent back, skipped or released."""
    leased_until: datetime | None
    """When the lease ends; null unless claimed."""
    label_id: UUID | None
    """The submitted label; null until there is one."""
    reason: str | None
    """Why it was sent back, skipped or released."""
    updated_at: datetime
    """When it last changed."""


class ExampleInput(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An example's input, without the answer."""

    messages: tuple[Message, ...]
    """The messages before the answer."""
    tools: tuple[Tool, ...] | None = None
    """The tools the model may call."""


class ClaimedExample(msgspec.Struct, frozen=True, kw_only=True):
    """A claimed example to label before the lease ends: its whole `content`, or only its `input`."""

    assignment_id: UUID
    """The assignment to submit, skip or release."""
    queue_id: UUID
    """The queue it is from."""
    example_id: UUID
    """The example to label."""
    annotator: Annotator
    """Who claimed it."""
    leased_until: datetime
    """When the lease ends."""
    content: Content | None
    """The whole example; null if the queue shows inputs only."""
    input: ExampleInput | None
    """The example without its answer; null if the queue shows the whole example."""
    reason: str | None
    """Why an earlier label was sent back."""
    labels: list[Label]
    """Others' labels, if the queue is not blind."""


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """The claimed examples, and the task's questions to answer for each."""

    data: list[ClaimedExample]
    """The claimed examples; empty if none are available."""
    questions: Sequence[Question]
    """The questions to answer for each example."""


class OpenAssignment(msgspec.Struct, frozen=True, kw_only=True):
    """An assignment that waits for its annotator: reserved, sent back, or claimed with a running lease."""

    id: UUID
    """The assignment to submit, skip or release."""
    example_id: UUID
    """The example to label."""
    state: AssignmentStatus
    """Assigned (reserved for you), sent back, or claimed."""
    leased_until: datetime | None
    """When the lease ends; null unless claimed."""
    reason: str | None
    """Why an earlier label was sent back."""
    content: Content | None
    """The whole example; null if the queue shows inputs only."""
    input: ExampleInput | None
    """The example without its answer; null if the queue shows the whole example."""


class QueueDataset(msgspec.Struct, frozen=True, kw_only=True):
    """The dataset that a queue's examples are from."""

    id: UUID
    """The dataset's id, to claim examples."""
    name: str
    """The dataset's name."""


class QueueTask(msgspec.Struct, frozen=True, kw_only=True):
    """What a queue's annotators are asked."""

    id: UUID
    """The task's id."""
    name: str
    """The task's name."""
    description: str | None
    """What the task is about."""
    instruction: str
    """What a good answer of the model does."""
    questions: Sequence[Question]
    """The questions to answer for each example."""


class MyQueue(msgspec.Struct, frozen=True, kw_only=True):
    """A queue as one of its annotators sees it."""

    id: UUID
    """The queue's id, to claim examples."""
    name: str
    """The queue's name."""
    dataset: QueueDataset
    """The dataset its examples are from."""
    task: QueueTask
    """What to answer."""
    shows: Shows
    """What annotators see: the whole example, or its input without the answer."""
    closed: bool
    """A closed queue offers no examples; open assignments can still be submitted."""
    left: int
    """How many examples you can claim: reserved for you, sent back to you, or free."""
    labeled: int
    """How many examples of the queue you have labeled."""
    open: int
    """How many assignments wait for you."""
    assignments: list[OpenAssignment]
    """The assignments that wait for you, the first 100."""


class MyQueuePage(Page[MyQueue], frozen=True, kw_only=True):
    """One page of your queues, the oldest first."""


class AssignmentPage(Page[Assignment], frozen=True, kw_only=True):
    """One page of assignments, by id."""


class AnnotatorWork(msgspec.Struct, frozen=True, kw_only=True):
    """An annotator's number of assignments by state, and honeypot score, in one queue."""

    annotator: Annotator
    """The annotator."""
    states: dict[AssignmentStatus, int]
    """Number of assignments in each state."""
    honeypots: HoneypotScore
    """How well the annotator answered this queue's honeypots."""


class AnnotatorList(msgspec.Struct, frozen=True, kw_only=True):
    """Everyone who has an assignment in the queue, by name."""

    data: list[AnnotatorWork]
    """One entry per annotator, by name."""


def build_queue(row: Any) -> Queue:
    names = [name for name in Queue.__struct_fields__ if name != "progress"]
    progress = QueueProgress(**{name: getattr(row, name) for name in QueueProgress.__struct_fields__})
    return Queue(progress=progress, **{name: getattr(row, name) for name in names})


def build_past_queue(stored: StreamState[QueueState], progress: QueueProgress) -> Queue:
    state = {name: getattr(stored.state, name) for name in QueueState.__struct_fields__}
    envelope = {name: getattr(stored, name) for name in ("id", "version", "created_at", "created_by", "updated_at")}
    return Queue(progress=progress, **state | {"annotators": list(stored.state.annotators)}, **envelope)


def build_assignment(row: Any) -> Assignment:
    names = [name for name in Assignment.__struct_fields__ if name not in {"annotator", "updated_at"}]
    annotator = Annotator(name=row.annotator, kind=row.kind)
    return Assignment(annotator=annotator, updated_at=row.changed_at, **{name: getattr(row, name) for name in names})
