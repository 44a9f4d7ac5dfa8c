# Generated from openapi/openapi.json by `make clients`.
"""Structs of labels."""

from __future__ import annotations

import datetime as dt

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import Assistant, Content, Question, System, Tool, ToolResult, User


class Adjudication(Shape, frozen=True, kw_only=True):
    """A person's final word on one example."""

    example_id: str
    answers: dict[str, list[str]] | None = None
    category: str | None = None
    reason: str | None = None
    text: str | None = None


class AgreementPage(Shape, frozen=True, kw_only=True):
    """Rows of agreement; by example they come in pages, which all show the moment of the first."""

    data: list[AgreementRow]
    next_cursor: str | None
    count: int | None = None


class AgreementRow(Shape, frozen=True, kw_only=True):
    """Agreement on one question, over the examples that have at least two labels. `values` is by metric and version.

    What it is by is named: one of `example_id`, `annotator` (of a pair the first, with `other`) and `category`.
    """

    question: str
    examples: int
    labels: int
    values: dict[str, Value]
    annotator: Annotator | None = None
    category: str | None = None
    example_id: str | None = None
    other: Annotator | None = None


class Annotator(Shape, frozen=True, kw_only=True):
    """Who labels. A person and a model of the same name are two."""

    name: str
    kind: OneOf["model", "person"] = "person"


class AnnotatorList(Shape, frozen=True, kw_only=True):
    """Everyone who has had an example of the queue, by name."""

    data: list[AnnotatorWork]


class AnnotatorWork(Shape, frozen=True, kw_only=True):
    """An annotator's assignments in a queue by their state, and how honeypots were answered there."""

    annotator: Annotator
    states: dict[str, int]
    honeypots: HoneypotScore


class Assignment(Shape, frozen=True, kw_only=True):
    """An example that an annotator has, had or is to have. `reason` is why it was sent back, skipped or released."""

    id: str
    queue_id: str
    dataset_id: str
    example_id: str
    annotator: Annotator
    state: OneOf["accepted", "assigned", "claimed", "released", "sent_back", "skipped", "submitted"]
    leased_until: str | None
    label_id: str | None
    reason: str | None
    updated_at: dt.datetime


class AssignmentPage(Shape, frozen=True, kw_only=True):
    """One page of assignments, by id."""

    data: list[Assignment]
    next_cursor: str | None
    count: int | None = None


class Claimed(Shape, frozen=True, kw_only=True):
    """What was claimed, to be answered by the task's `questions`; no `data` when nothing is to be had."""

    data: list[ClaimedExample]
    questions: list[Question]


class ClaimedExample(Shape, frozen=True, kw_only=True):
    """An example to label, under this assignment, until the lease ends. `content` is all of it, or `input` its
    prompt.

    `reason` is why an earlier label was sent back; `labels` are those of others, where the queue is not blind.
    """

    assignment_id: str
    queue_id: str
    example_id: str
    annotator: Annotator
    leased_until: str
    content: Content | None
    input: ExampleInput | None
    reason: str | None
    labels: list[Label]


class Consensus(Shape, frozen=True, kw_only=True):
    """What came of it: examples that were `labelled`, that said so already, or had too few votes.

    `kept` were adjudicated before. `tied` examples got no label; the first 1,000 are told.
    """

    labelled: int
    unchanged: int
    too_few: int
    kept: int
    tied: int
    ties: list[ExampleTie]


class ExampleInput(Shape, frozen=True, kw_only=True):
    """An example's input, without the answer."""

    messages: list[System | User | Assistant | ToolResult]
    tools: list[Tool] | None = None


class ExampleTie(Shape, frozen=True, kw_only=True):
    """An example that got no label, and the questions that stand in its way."""

    example_id: str
    ties: list[Tie]


class ExamplesQueued(Shape, frozen=True, kw_only=True):
    """How many examples came into the queue, and how many of those asked for are left for another call."""

    added: int
    honeypots: int
    left: int


class HoneypotScore(Shape, frozen=True, kw_only=True):
    """`score` is (right + 1) / (answered + 2): ½ for who has answered none, and never certain."""

    answered: int = 0
    right: int = 0
    score: float = 0.5


class Label(Shape, frozen=True, kw_only=True):
    """What an annotator says of an example. `text` is what the answers were read from, null once erased.

    `example_version` is the version of the example that they saw, `review` a reviewer's verdict.
    """

    id: str
    version: int
    dataset_id: str
    example_id: str
    task_id: str
    annotator: Annotator
    answers: dict[str, list[str]]
    text: str | None
    task_version: int
    example_version: int
    queue_id: str | None
    review: OneOf["accepted", "sent_back"] | None
    reason: str | None
    given_at: dt.datetime
    given_by: str


class LabelBatch(Shape, frozen=True, kw_only=True):
    """The labels as they are now, in the order they were sent."""

    data: list[Label]


class LabelPage(Shape, frozen=True, kw_only=True):
    """One page of labels, by example; all pages show the moment of the first."""

    data: list[Label]
    next_cursor: str | None
    count: int | None = None


class NewAnnotator(Shape, frozen=True, kw_only=True):
    """Who labels; without one it is the API key, as a person."""

    name: str
    kind: OneOf["model", "person"] = "person"


class NewHoneypot(Shape, frozen=True, kw_only=True):
    """An example whose right answers are known; annotators get it like any other."""

    example_id: str
    answers: dict[str, list[str]] | None = None
    category: str | None = None


class NewLabel(Shape, frozen=True, kw_only=True):
    """One annotator's label of an example; it takes the place of the one they gave before."""

    example_id: str
    annotator: NewAnnotator | None = None
    answers: dict[str, list[str]] | None = None
    category: str | None = None
    reason: str | None = None
    text: str | None = None


class Queue(Shape, frozen=True, kw_only=True):
    """Examples that annotators take in turn: `overlap` of them each, for as long as a lease lasts."""

    id: str
    dataset_id: str
    task_id: str
    name: str
    overlap: int
    lease_seconds: int
    blind: bool
    shows: OneOf["example", "input"]
    annotators: list[str]
    closed: bool
    progress: QueueProgress
    version: int
    created_at: dt.datetime
    created_by: str
    updated_at: dt.datetime


class QueuePage(Shape, frozen=True, kw_only=True):
    """One page of queues, the oldest first."""

    data: list[Queue]
    next_cursor: str | None
    count: int | None = None


class QueueProgress(Shape, frozen=True, kw_only=True):
    """`done` examples have all their labels; `labels` counts those given so far. Honeypots are beside the count."""

    examples: int
    honeypots: int
    done: int
    labels: int


class Tie(Shape, frozen=True, kw_only=True):
    """A question without a winner, and the weight behind each category."""

    question: str
    weights: dict[str, float]


class Value(Shape, frozen=True, kw_only=True):
    """A measured value; null where it is undefined, with the reason."""

    value: float | None
    reason: str | None = None
