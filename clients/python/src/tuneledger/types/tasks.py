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
    dataset_id: str
    version: int
    faults: list[Fault]


class NewCategory(Shape, frozen=True, kw_only=True):
    """One answer there is; `children` are asked only of what got it."""

    name: str
    children: list[NewQuestion] = []
    description: str | None = None


class NewQuestion(Shape, frozen=True, kw_only=True):
    """What a label says of an example: one category or several. The fallback is for what fits none."""

    name: str
    """Unique in the ontology; answers are given by it."""
    categories: list[NewCategory]
    choice: OneOf["multiple", "single"] = "single"
    fallback: str | None = None
    instruction: str | None = None
    required: bool = True


class NewRequirement(Shape, frozen=True, kw_only=True):
    """One thing a good answer does. Priority 0 matters the most, 3 the least."""

    name: str
    """Unique in the task; ratings are given by it."""
    instruction: str
    priority: int = 1
    rating_type: OneOf["pass_fail", "pass_fail_critical", "stars"] = "stars"


class SchemaPreview(Shape, frozen=True, kw_only=True):
    """One page of the examples that would fail.

    `checked` and `failing` count all that were looked at for this answer, from the cursor on; `complete` says
    whether that is the end. `erased` ones have no text to be checked.
    """

    data: list[FailingExample]
    next_cursor: str | None
    task_version: int
    seq: int
    checked: int
    failing: int
    erased: int
    complete: bool
    count: int | None = None


class Task(Shape, frozen=True, kw_only=True):
    """What a model is to do, what its input and output look like, and what makes an answer good."""

    id: str
    name: str
    instruction: str
    description: str | None
    thinking_instruction: str | None
    requirements: list[Requirement]
    input_schema: dict[str, Any] | None
    output_schema: dict[str, Any] | None
    categories: list[str]
    fallback_category: str | None
    ontology: list[Question]
    version: int
    created_at: dt.datetime
    created_by: str
    updated_at: dt.datetime
    updated_by: str


class TaskPage(Shape, frozen=True, kw_only=True):
    """One page of tasks, the oldest first."""

    data: list[Task]
    next_cursor: str | None
    count: int | None = None
