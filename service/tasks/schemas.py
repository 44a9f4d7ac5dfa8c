"""What a task looks like over HTTP, and the bodies that create or change one."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from service.http.bodies import NO_NUL, Body, Name, Reason, Text
from service.http.pagination import Page
from service.ledger.decider import StreamState
from service.tasks.domain import RatingType, Requirement, TaskState
from service.tasks.ontology import Choice, Question

Instruction = Annotated[str, msgspec.Meta(min_length=1, max_length=20_000, pattern=NO_NUL)]
TaskName = Annotated[Name, msgspec.Meta(description="Unique in the workspace.")]
JsonSchema = Annotated[
    dict[str, Any],
    msgspec.Meta(
        description="A JSON Schema, of draft 2020-12 unless `$schema` names 2019-09, 07 or 06."
        " At most 64 KiB, 20,000 values and 100 patterns, without look-around or back-references;"
        " references stay inside it."
    ),
]


class NewRequirement(Body):
    """One thing a good answer does. Priority 0 matters the most, 3 the least."""

    name: Annotated[Name, msgspec.Meta(description="Unique in the task; ratings are given by it.")]
    instruction: Instruction
    """What a good answer does, for people and models."""
    priority: Annotated[int, msgspec.Meta(ge=0, le=3)] = 1
    """0 matters the most, 3 the least."""
    rating_type: RatingType = "stars"
    """How it is rated: in stars, or as passed or failed."""


Requirements = Annotated[list[NewRequirement], msgspec.Meta(max_length=100)]
Categories = Annotated[list[Name], msgspec.Meta(max_length=1_000, description="The possible answers, each once.")]
Fallback = Annotated[
    Name, msgspec.Meta(description="The answer for what fits no category; it need not be listed as one.")
]


class NewCategory(Body):
    """A possible answer; `children` are asked only when it was chosen."""

    name: Name
    """Unique among the categories of its question."""
    description: Text | None = None
    """When this category is the right answer."""
    children: "Annotated[list[NewQuestion], msgspec.Meta(max_length=100)]" = []
    """Questions asked only of examples that got this category."""


class NewQuestion(Body):
    """A question about an example, answered with one category or several. The fallback is for what fits none."""

    name: Annotated[Name, msgspec.Meta(description="Unique in the ontology; answers are given by it.")]
    categories: Annotated[list[NewCategory], msgspec.Meta(min_length=1, max_length=1_000)]
    """The answers to choose from, each once."""
    choice: Choice = "single"
    """Whether an answer is one category or several."""
    required: bool = True
    """Whether a label has to answer this question."""
    fallback: Fallback | None = None
    """The answer for what fits no category."""
    instruction: Text | None = None
    """How to answer the question."""


Ontology = Annotated[
    list[NewQuestion],
    msgspec.Meta(
        max_length=100, description="The questions that labels answer. For a single question, use `categories`."
    ),
]


class NewTask(Body):
    name: TaskName
    instruction: Instruction
    """What the model has to do."""
    description: Text | None = None
    """Notes for people."""
    thinking_instruction: Text | None = None
    """How the model should reason before it answers."""
    requirements: Requirements = []
    """What makes an answer good; ratings refer to these."""
    input_schema: JsonSchema | None = None
    """What the input has to match; null for free text."""
    output_schema: JsonSchema | None = None
    """What the output has to match; null for free text."""
    categories: Categories = []
    """Short for an ontology of one question with a single choice."""
    fallback_category: Fallback | None = None
    """The answer for what fits no category."""
    ontology: Ontology = []
    """The questions that labels answer."""


class TaskChanges(Body):
    """The fields to change: an absent field stays as it is, null empties it."""

    name: TaskName | UnsetType = UNSET
    instruction: Instruction | UnsetType = UNSET
    """What the model has to do."""
    description: Text | UnsetType | None = UNSET
    """Notes for people."""
    thinking_instruction: Text | UnsetType | None = UNSET
    """How the model should reason before it answers."""
    requirements: Requirements | UnsetType = UNSET
    """What makes an answer good; ratings refer to these."""
    input_schema: JsonSchema | UnsetType | None = UNSET
    """What the input has to match; null for free text."""
    output_schema: JsonSchema | UnsetType | None = UNSET
    """What the output has to match; null for free text."""
    categories: Categories | UnsetType = UNSET
    """Short for an ontology of one question with a single choice."""
    fallback_category: Fallback | UnsetType | None = UNSET
    """The answer for what fits no category."""
    ontology: Ontology | UnsetType = UNSET
    """The questions that labels answer."""
    reason: Reason | None = None
    """Why; shown in the history."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What a model is to do, what its input and output look like, and what makes an answer good."""

    id: UUID
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
    created_at: datetime
    """When the task was created."""
    created_by: str
    """Who created the task."""
    updated_at: datetime
    """When the task last changed."""
    updated_by: str
    """Who changed the task last."""
    archived_at: datetime | None
    """When it was archived; null unless it is."""


class TaskPage(Page[Task], frozen=True, kw_only=True):
    """One page of tasks, the oldest first."""


def from_state(stored: StreamState[TaskState]) -> Task:
    definition = msgspec.structs.asdict(stored.state)
    envelope = ("id", "version", "created_at", "created_by", "updated_at", "updated_by")
    return Task(**definition, **{name: getattr(stored, name) for name in envelope})


def from_row(row: Any) -> Task:
    fields = {name: getattr(row, name) for name in Task.__struct_fields__}
    for name in ("input_schema", "output_schema"):
        fields[name] = msgspec.json.decode(fields[name]) if fields[name] is not None else None
    return Task(**fields)
