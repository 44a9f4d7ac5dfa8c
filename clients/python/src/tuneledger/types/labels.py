# Generated from openapi/openapi.json by `make clients`.
"""Structs of labels."""

from __future__ import annotations

import datetime as dt

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import Assistant, Content, Developer, Question, System, Tool, ToolResult, User


class Adjudication(Shape, frozen=True, kw_only=True):
    """A person's final decision on one example."""

    example_id: str
    """The example to decide on."""
    answers: dict[str, list[str]] | None = None
    """The chosen categories by question of the task's ontology."""
    category: str | None = None
    """The answer to the task's only question."""
    reason: str | None = None
    """Why; the example's history shows it."""
    text: str | None = None
    """Free text to read the answer from: the first category it names, else the fallback."""


class AgreementPage(Shape, frozen=True, kw_only=True):
    """One page of agreement rows. Only rows by example come in pages; all pages show the state of the first."""

    data: list[AgreementRow]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    honeypots: int
    """Examples whose labels are not measured because they answer a honeypot."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class AgreementRow(Shape, frozen=True, kw_only=True):
    """Agreement on one question, over examples with at least two labels.

    Depending on `by`, one of `example_id`, `annotator` (with `other` for a pair) or `category` is set.
    """

    question: str
    """The question of the task's ontology."""
    examples: int
    """How many examples were measured."""
    labels: int
    """How many labels these examples have."""
    values: dict[str, Value]
    """The measured value of each metric, by its name and version."""
    annotator: Annotator | None = None
    """The annotator, or the first of a pair; null unless rows are by annotator or pair."""
    category: str | None = None
    """The category; null unless rows are by category."""
    example_id: str | None = None
    """The example; null unless rows are by example."""
    impersonated: int = 0
    """How many of them somebody else gave in their annotator's name. By annotator or pair: of the labels in these
    names.
    """
    other: Annotator | None = None
    """The second annotator of a pair; null unless rows are by pair."""


class Annotator(Shape, frozen=True, kw_only=True):
    """Who labels. A person and a model with the same name are two annotators."""

    name: str
    """The name of the person or model."""
    kind: OneOf["model", "person"] = "person"
    """Person or model."""


class AnnotatorList(Shape, frozen=True, kw_only=True):
    """Everyone who has an assignment in the queue, by name."""

    data: list[AnnotatorWork]
    """One entry per annotator, by name."""


class AnnotatorWork(Shape, frozen=True, kw_only=True):
    """An annotator's number of assignments by state, and honeypot score, in one queue."""

    annotator: Annotator
    """The annotator."""
    states: dict[str, int]
    """Number of assignments in each state."""
    honeypots: HoneypotScore
    """How well the annotator answered this queue's honeypots."""


class AnswerForm(Shape, frozen=True, kw_only=True):
    """How the label becomes the answer. With none of the fields, the answer is the category of the only question."""

    field: str | None = None
    """Write it into this field of a JSON answer, by its JSON pointer; the other fields stay."""
    over: OneOf["all", "unanswered"] = "unanswered"
    """Which examples: those without an answer, or all, whose answers are then replaced."""
    question: str | None = None
    """The question whose category is the answer; several categories are separated by commas."""
    template: str | None = None
    """A text with `{question}` where the category of a question belongs."""


class Assignment(Shape, frozen=True, kw_only=True):
    """An annotator's slot of an example in a queue."""

    id: str
    """The assignment's id."""
    queue_id: str
    """The queue it belongs to."""
    dataset_id: str
    """The dataset the example is from."""
    example_id: str
    """The example to label."""
    annotator: Annotator
    """Who has the example."""
    state: OneOf["accepted", "assigned", "claimed", "released", "sent_back", "skipped", "submitted"]
    """Assigned (reserved), claimed, submitted, accepted, sent back, skipped or released."""
    leased_until: str | None
    """When the lease ends; null unless claimed."""
    label_id: str | None
    """The submitted label; null until there is one."""
    reason: str | None
    """Why it was sent back, skipped or released."""
    updated_at: dt.datetime
    """When it last changed."""


class AssignmentPage(Shape, frozen=True, kw_only=True):
    """One page of assignments, by id."""

    data: list[Assignment]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class Claimed(Shape, frozen=True, kw_only=True):
    """The claimed examples, and the task's questions to answer for each."""

    data: list[ClaimedExample]
    """The claimed examples; empty if none are available."""
    questions: list[Question]
    """The questions to answer for each example."""


class ClaimedExample(Shape, frozen=True, kw_only=True):
    """A claimed example to label before the lease ends: its whole `content`, or only its `input`."""

    assignment_id: str
    """The assignment to submit, skip or release."""
    queue_id: str
    """The queue it is from."""
    example_id: str
    """The example to label."""
    annotator: Annotator
    """Who claimed it."""
    leased_until: str
    """When the lease ends."""
    content: Content | None
    """The whole example; null if the queue shows inputs only."""
    input: ExampleInput | None
    """The example without its answer; null if the queue shows the whole example."""
    reason: str | None
    """Why an earlier label was sent back."""
    labels: list[Label]
    """Others' labels, if the queue is not blind."""


class Consensus(Shape, frozen=True, kw_only=True):
    """Number of examples by outcome, and the first 1,000 tied examples."""

    labelled: int
    """Examples that got a new label."""
    unchanged: int
    """Examples that already had the same label from the same votes."""
    too_few: int
    """Examples with fewer votes than `minimum`."""
    kept: int
    """Examples left alone because a person adjudicated them before."""
    tied: int
    """Examples that got no label because votes were tied."""
    honeypots: int
    """Examples with answers to a honeypot, which are no votes."""
    impersonated: int
    """Votes that somebody else gave in their annotator's name."""
    ties: list[ExampleTie]
    """The first 1,000 tied examples."""
    answered: int
    """Examples into whose answer the label was written; only with `write`."""
    refused: list[str]
    """The first 1,000 whose answer would not fit the task's schema; they keep the label beside the old answer."""


class ExampleInput(Shape, frozen=True, kw_only=True):
    """An example's input, without the answer."""

    messages: list[System | Developer | User | Assistant | ToolResult]
    """The messages before the answer."""
    tools: list[Tool] | None = None
    """The tools the model may call."""


class ExampleTie(Shape, frozen=True, kw_only=True):
    """An example that got no label, and its tied questions."""

    example_id: str
    """The example that got no label."""
    ties: list[Tie]
    """Its questions without a winner."""


class ExamplesQueued(Shape, frozen=True, kw_only=True):
    """How many examples were added to the queue, and how many more match."""

    added: int
    """Examples added to the queue."""
    honeypots: int
    """Honeypots added to the queue."""
    left: int
    """Matching examples that were not added; repeat the request for them."""


class HoneypotScore(Shape, frozen=True, kw_only=True):
    """An annotator's honeypot answers. The score starts at 0.5 and never reaches 0 or 1."""

    answered: int = 0
    """Honeypots answered."""
    right: int = 0
    """Honeypots answered correctly."""
    score: float = 0.5
    """(right + 1) / (answered + 2), so 0.5 if none were answered."""


class Label(Shape, frozen=True, kw_only=True):
    """An annotator's answers about an example."""

    id: str
    """The label's id."""
    version: int
    """Grows by 1 with every change."""
    dataset_id: str
    """The dataset the example is in."""
    example_id: str
    """The labeled example."""
    task_id: str
    """The task the label answers."""
    annotator: Annotator
    """Who labeled."""
    answers: dict[str, list[str]]
    """The chosen categories by question."""
    text: str | None
    """The free text the answers were read from; null if there was none or it was erased."""
    task_version: int
    """The task's version when the label was given."""
    example_version: int
    """The version of the example that the annotator saw."""
    queue_id: str | None
    """The queue it was given in; null if it was given outside a queue."""
    review: OneOf["accepted", "sent_back", "withdrawn"] | None
    """A reviewer's verdict, or that the annotator took it back; null until then. Only accepted labels and those
    without a review count.
    """
    reason: str | None
    """The reason given with the label."""
    given_at: dt.datetime
    """When it was given."""
    given_by: str
    """The member who sent it; another name than the annotator's means that it was given in another's name."""


class LabelBatch(Shape, frozen=True, kw_only=True):
    """The created labels, in the order of the request."""

    data: list[Label]
    """The labels, in the order of the request."""


class LabelPage(Shape, frozen=True, kw_only=True):
    """One page of labels, by example. All pages show the state of the first."""

    data: list[Label]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class MyQueue(Shape, frozen=True, kw_only=True):
    """A queue as one of its annotators sees it."""

    id: str
    """The queue's id, to claim examples."""
    name: str
    """The queue's name."""
    dataset: QueueDataset
    """The dataset its examples are from."""
    task: QueueTask
    """What to answer."""
    shows: OneOf["example", "input"]
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


class MyQueuePage(Shape, frozen=True, kw_only=True):
    """One page of your queues, the oldest first."""

    data: list[MyQueue]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class NewAnnotator(Shape, frozen=True, kw_only=True):
    """Who labels. Default: the API key, as a person. Anybody else needs the scope labels:impersonate."""

    name: str
    """The name of the person or model."""
    kind: OneOf["model", "person"] = "person"
    """Person or model."""


class NewHoneypot(Shape, frozen=True, kw_only=True):
    """An example with known answers. Annotators get it like any other."""

    example_id: str
    """The example to use as a honeypot."""
    answers: dict[str, list[str]] | None = None
    """The right categories by question of the task's ontology."""
    category: str | None = None
    """The right answer to the task's only question."""


class NewLabel(Shape, frozen=True, kw_only=True):
    """One annotator's label of an example. It replaces their earlier label."""

    example_id: str
    """The example to label."""
    annotator: NewAnnotator | None = None
    """Who labels. Default: the API key, as a person. Anybody else needs the scope labels:impersonate."""
    answers: dict[str, list[str]] | None = None
    """The chosen categories by question of the task's ontology."""
    category: str | None = None
    """The answer to the task's only question."""
    reason: str | None = None
    """Why; the label's history shows it."""
    text: str | None = None
    """Free text to read the answer from: the first category it names, else the fallback."""


class OpenAssignment(Shape, frozen=True, kw_only=True):
    """An assignment that waits for its annotator: reserved, sent back, or claimed with a running lease."""

    id: str
    """The assignment to submit, skip or release."""
    example_id: str
    """The example to label."""
    state: OneOf["accepted", "assigned", "claimed", "released", "sent_back", "skipped", "submitted"]
    """Assigned (reserved for you), sent back, or claimed."""
    leased_until: str | None
    """When the lease ends; null unless claimed."""
    reason: str | None
    """Why an earlier label was sent back."""
    content: Content | None
    """The whole example; null if the queue shows inputs only."""
    input: ExampleInput | None
    """The example without its answer; null if the queue shows the whole example."""


class Queue(Shape, frozen=True, kw_only=True):
    """A queue: annotators claim its examples under a lease, and `overlap` annotators label each example."""

    id: str
    """The queue's id."""
    dataset_id: str
    """The dataset its examples are from."""
    task_id: str
    """The task to label for."""
    name: str
    """Unique in the dataset."""
    overlap: int
    """How many annotators label each example."""
    lease_seconds: int
    """Seconds after which a claimed example is offered to others again."""
    blind: bool
    """True if annotators see others' labels of an example only after giving their own."""
    shows: OneOf["example", "input"]
    """What annotators see: the whole example, or its input without the answer."""
    annotators: list[str]
    """Who may claim; empty means everyone."""
    closed: bool
    """A closed queue offers no examples."""
    progress: QueueProgress
    """How far the queue is."""
    version: int
    """Grows by 1 with every change; for If-Match."""
    created_at: dt.datetime
    """When it was created."""
    created_by: str
    """Who created it."""
    updated_at: dt.datetime
    """When it last changed."""
    archived_at: dt.datetime | None
    """When it was archived; null unless it is."""


class QueueDataset(Shape, frozen=True, kw_only=True):
    """The dataset that a queue's examples are from."""

    id: str
    """The dataset's id, to claim examples."""
    name: str
    """The dataset's name."""


class QueuePage(Shape, frozen=True, kw_only=True):
    """One page of queues, the oldest first."""

    data: list[Queue]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class QueueProgress(Shape, frozen=True, kw_only=True):
    """A queue's progress. `done` and `labels` do not count honeypots."""

    examples: int
    """Examples in the queue, without honeypots."""
    honeypots: int
    """Honeypots in the queue."""
    done: int
    """Examples that have all their labels."""
    labels: int
    """Labels given so far, without those of honeypots."""


class QueueTask(Shape, frozen=True, kw_only=True):
    """What a queue's annotators are asked."""

    id: str
    """The task's id."""
    name: str
    """The task's name."""
    description: str | None
    """What the task is about."""
    instruction: str
    """What a good answer of the model does."""
    questions: list[Question]
    """The questions to answer for each example."""


class Tie(Shape, frozen=True, kw_only=True):
    """A question without a winner, and the weight behind each category."""

    question: str
    """The question without a winner."""
    weights: dict[str, float]
    """Total vote weight of each category."""


class Value(Shape, frozen=True, kw_only=True):
    """A measured value; null where it is undefined, with the reason."""

    value: float | None
    """The value; null where it is undefined."""
    reason: str | None = None
    """Why it is undefined."""
