# Generated from openapi/openapi.json by `make clients`.
"""Structs of tasks."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tuneledger._shapes import OneOf, Shape
from tuneledger.types.shared import Fault, Question, Requirement


class FailingExample(Shape, frozen=True, kw_only=True):
    """An example that would not match; each pointer leads into the JSON of `/input` or of `/output`."""

    example_id: str
    """The example that would fail."""
    dataset_id: str
    """The dataset of the example."""
    version: int
    """The version of the example that was checked."""
    faults: list[Fault]
    """What fails, at most 20. Pointers start with `/input` or `/output`."""


class NewCategory(Shape, frozen=True, kw_only=True):
    """A possible answer; `children` are asked only when it was chosen."""

    name: str
    """Unique among the categories of its question."""
    children: list[NewQuestion] = []
    """Questions asked only of examples that got this category."""
    description: str | None = None
    """When this category is the right answer."""


class NewQuestion(Shape, frozen=True, kw_only=True):
    """A question about an example, answered with one category or several. The fallback is for what fits none."""

    name: str
    """Unique in the ontology; answers are given by it."""
    categories: list[NewCategory]
    """The answers to choose from, each once."""
    choice: OneOf["multiple", "single"] = "single"
    """Whether an answer is one category or several."""
    fallback: str | None = None
    """The answer for what fits no category."""
    instruction: str | None = None
    """How to answer the question."""
    required: bool = True
    """Whether a label has to answer this question."""


class NewRequirement(Shape, frozen=True, kw_only=True):
    """One thing a good answer does. Priority 0 matters the most, 3 the least."""

    name: str
    """Unique in the task; ratings are given by it."""
    instruction: str
    """What a good answer does, for people and models."""
    priority: int = 1
    """0 matters the most, 3 the least."""
    rating_type: OneOf["pass_fail", "pass_fail_critical", "stars"] = "stars"
    """How it is rated: in stars, or as passed or failed."""


class SchemaPreview(Shape, frozen=True, kw_only=True):
    """One page of the examples that would fail.

    `checked` and `failing` count all that were preview at for this answer, from the cursor on; `complete` says
    whether that is the end. `erased` ones have no text to be checked.
    """

    data: list[FailingExample]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    task_version: int
    """The version of the task that absent schemas were taken from."""
    seq: int
    """The position in the event log at which the examples were read."""
    checked: int
    """How many examples were checked for this page, from the cursor on."""
    failing: int
    """How many of the checked examples fail."""
    erased: int
    """How many examples have no text to check, because it was erased."""
    complete: bool
    """Whether all the remaining examples were preview at."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""


class Task(Shape, frozen=True, kw_only=True):
    """What a model is to do, what its input and output look like, and what makes an answer good."""

    id: str
    """The task's id."""
    name: str
    """Unique in the workspace."""
    instruction: str
    """What the model has to do."""
    description: str | None
    """Notes for people."""
    thinking_instruction: str | None
    """How the model should reason before it answers."""
    requirements: list[Requirement]
    """What makes an answer good; ratings refer to these."""
    input_schema: dict[str, Any] | None
    """What the input has to match; null for free text."""
    output_schema: dict[str, Any] | None
    """What the output has to match; null for free text."""
    categories: list[str]
    """Short for an ontology of one question with a single choice."""
    fallback_category: str | None
    """The answer for what fits no category."""
    ontology: list[Question]
    """The questions that labels answer."""
    version: int
    """Number of changes so far; also the ETag."""
    created_at: dt.datetime
    """When the task was created."""
    created_by: str
    """Who created the task."""
    updated_at: dt.datetime
    """When the task last changed."""
    updated_by: str
    """Who changed the task last."""
    archived_at: dt.datetime | None
    """When it was archived; null unless it is."""


class TaskPage(Shape, frozen=True, kw_only=True):
    """One page of tasks, the oldest first."""

    data: list[Task]
    """The items of this page."""
    next_cursor: str | None
    """Pass it as `cursor` to get the next page; null on the last page."""
    count: int | None = None
    """The number of all matches; present when the request asked for it."""
