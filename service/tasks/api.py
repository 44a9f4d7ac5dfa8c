"""Tasks over HTTP."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, Router, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, PathParameter
from msgspec import UNSET, UnsetType

from service.access.auth import needs
from service.database.engine import new_id
from service.errors import NotFound
from service.http.as_of import AsOf, get_as_of
from service.http.bodies import JSON, NO_NUL, Body, Name, Reason, Text
from service.http.history_pages import HistoryPage, history
from service.http.pagination import Cursor, Limit, Named, Page, decode_cursor, page
from service.http.responses import IfMatch, answer, expected, reply, respond
from service.ledger.decider import StreamState
from service.ledger.store import Answer, Caller, Ledger
from service.tasks import domain as tasks
from service.tasks import projection as views
from service.tasks.domain import TASK, RatingType, Requirement
from service.tasks.ontology import Choice, Question

Instruction = Annotated[str, msgspec.Meta(min_length=1, max_length=20_000, pattern=NO_NUL)]
Number = Annotated[int, PathParameter(ge=1, lt=2**31, description="The version's number, as its ETag.")]
TaskName = Annotated[Name, msgspec.Meta(description="Unique in the workspace.")]
JsonSchema = Annotated[
    dict[str, Any],
    msgspec.Meta(
        description="A JSON Schema, of draft 2020-12 unless `$schema` names 2019-09, 07 or 06."
        " At most 64 KiB; references stay inside it."
    ),
]


class NewRequirement(Body):
    """One thing a good answer does. Priority 0 matters the most, 3 the least."""

    name: Annotated[Name, msgspec.Meta(description="Unique in the task; ratings are given by it.")]
    instruction: Instruction
    """What a good answer does, in words for people and models."""
    priority: Annotated[int, msgspec.Meta(ge=0, le=3)] = 1
    """0 matters the most, 3 the least."""
    rating_type: RatingType = "stars"
    """How it is rated: in stars, or as passed or failed."""


Requirements = Annotated[list[NewRequirement], msgspec.Meta(max_length=100)]
Categories = Annotated[list[Name], msgspec.Meta(max_length=1_000, description="The answers there are, each once.")]
Fallback = Annotated[
    Name, msgspec.Meta(description="The answer for what fits no category; it need not be listed as one.")
]


class NewCategory(Body):
    """One answer there is; `children` are asked only of what got it."""

    name: Name
    """Unique among the categories of its question."""
    description: Text | None = None
    """When this category is the right answer."""
    children: "Annotated[list[NewQuestion], msgspec.Meta(max_length=100)]" = []
    """Questions asked only of examples that got this category."""


class NewQuestion(Body):
    """What a label says of an example: one category or several. The fallback is for what fits none."""

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
        max_length=100, description="The questions that labels answer; `categories` are short for a single one."
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
    """What is to be different: an absent field stays as it is, null empties it."""

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


class TaskPage(Page[Task], frozen=True, kw_only=True):
    """One page of tasks, the oldest first."""


@post("/tasks", operation_id="create_task", summary="Define a task", guards=[needs("tasks:write")], tags=["tasks"])
async def create_task(
    data: JSON[NewTask], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[Task]:
    task_id = new_id()
    definition = msgspec.convert(msgspec.to_builtins(data), tasks.Task)

    def shown(stored: StreamState[tasks.Task]) -> Answer:
        return answer(_task(stored), status=201, version=stored.version, location=f"/v1/tasks/{task_id}")

    created = await ledger.change(TASK, task_id, lambda _: tasks.create(definition), caller=caller, answer=shown)
    return respond(shown(created), Task)


@get("/tasks", operation_id="list_tasks", summary="List tasks", guards=[needs("tasks:read")], tags=["tasks"])
async def list_tasks(
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    name: Named = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> TaskPage:
    after = decode_cursor(cursor, tuple[UUID])
    rows = await views.list_tasks(
        ledger.engine, caller.workspace_id, after=after[0] if after else None, limit=limit + 1, name=name
    )
    return page(TaskPage, [_listed(row) for row in rows], limit, key=lambda task: task.id)


@get(
    "/tasks/{task_id:uuid}",
    operation_id="get_task",
    summary="Read a task, as it is or was",
    guards=[needs("tasks:read")],
    tags=["tasks"],
)
async def get_task(
    task_id: FromPath[UUID], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger], as_of: AsOf = None
) -> Response[Task]:
    stored = await get_as_of(ledger, TASK, caller.workspace_id, task_id, as_of=as_of)
    return reply(_task(stored), version=stored.version)


@get(
    "/tasks/{task_id:uuid}/versions/{number:int}",
    operation_id="get_task_version",
    summary="Read a task as one of its versions had it",
    guards=[needs("tasks:read")],
    tags=["tasks"],
)
async def get_task_version(
    task_id: FromPath[UUID], number: Number, caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Task:
    """Each change makes a version; an example says which one it was checked against."""
    log = await ledger.load_events(caller.workspace_id, TASK.stream, task_id)
    stored = TASK.fold(task_id, log[:number])
    if stored is None or stored.version != number:
        raise NotFound(f"No such version of a task: {task_id}, {number}.")
    return _task(stored)


@patch(
    "/tasks/{task_id:uuid}",
    operation_id="update_task",
    summary="Change a task's definition",
    guards=[needs("tasks:write")],
    tags=["tasks"],
)
async def edit_task(
    task_id: FromPath[UUID],
    data: JSON[TaskChanges],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    if_match: IfMatch = None,
) -> Response[Task]:
    changes = msgspec.to_builtins(data)
    reason = changes.pop("reason", None)
    stored = await ledger.change(
        TASK,
        task_id,
        lambda task: tasks.edit(task, changes, reason=reason),
        caller=caller,
        expected=expected(if_match),
    )
    return reply(_task(stored), version=stored.version)


@get(
    "/tasks/{task_id:uuid}/history",
    operation_id="list_task_history",
    summary="Who changed a task, when and why",
    guards=[needs("tasks:read")],
    tags=["tasks"],
)
async def get_task_history(
    task_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    ledger: NamedDependency[Ledger],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> HistoryPage:
    return await history(ledger.engine, TASK, caller.workspace_id, task_id, limit=limit, cursor=cursor)


def _task(stored: StreamState[tasks.Task]) -> Task:
    definition = msgspec.structs.asdict(stored.state)
    envelope = ("id", "version", "created_at", "created_by", "updated_at", "updated_by")
    return Task(**definition, **{name: getattr(stored, name) for name in envelope})


def _listed(row: Any) -> Task:
    fields = {name: getattr(row, name) for name in Task.__struct_fields__}
    for name in ("input_schema", "output_schema"):
        fields[name] = msgspec.json.decode(fields[name]) if fields[name] is not None else None
    return Task(**fields)


router = Router(
    path="/", route_handlers=[create_task, list_tasks, get_task, get_task_version, edit_task, get_task_history]
)
