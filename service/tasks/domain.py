"""Tasks: their events, their state, and the rules of a definition."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, Literal, assert_never

import msgspec

from service.errors import Archived, Fault, Invalid, NotFound
from service.ledger.decider import Decider, Event, require_state
from service.tasks import ontology
from service.tasks.json_schema import check_schema
from service.tasks.ontology import Question

RatingType = Literal["stars", "pass_fail", "pass_fail_critical"]
Schema = dict[str, Any]


class Requirement(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a good answer does, rated on its own. Priority 0 matters the most, 3 the least."""

    name: str
    """Unique in the task; ratings refer to it."""
    instruction: str
    """What a good answer does."""
    priority: int = 1
    """0 matters the most, 3 the least."""
    rating_type: RatingType = "stars"
    """How it is rated: in stars, or as passed or failed."""


class TaskState(msgspec.Struct, frozen=True, kw_only=True):
    """The definition of a task. The fallback is the answer for what fits no category; it need not be listed.

    `categories` are short for an ontology of one required question with a single choice.
    """

    name: str
    instruction: str
    description: str | None = None
    thinking_instruction: str | None = None
    requirements: tuple[Requirement, ...] = ()
    input_schema: Schema | None = None
    output_schema: Schema | None = None
    categories: tuple[str, ...] = ()
    fallback_category: str | None = None
    ontology: tuple[Question, ...] = ()
    archived_at: datetime | None = None

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions that a label of its examples answers."""
        return ontology.build_questions(self.ontology, categories=self.categories, fallback=self.fallback_category)


class TaskCreated(Event):
    name: str
    instruction: str
    description: str | None = None
    thinking_instruction: str | None = None
    requirements: tuple[Requirement, ...] = ()
    input_schema: Schema | None = None
    output_schema: Schema | None = None
    categories: tuple[str, ...] = ()
    fallback_category: str | None = None
    ontology: tuple[Question, ...] = ()


class TaskEdited(Event):
    """Only the fields named in `changed` changed; of those, an absent one was emptied."""

    changed: tuple[str, ...]
    name: str | None = None
    instruction: str | None = None
    description: str | None = None
    thinking_instruction: str | None = None
    requirements: tuple[Requirement, ...] = ()
    input_schema: Schema | None = None
    output_schema: Schema | None = None
    categories: tuple[str, ...] = ()
    fallback_category: str | None = None
    ontology: tuple[Question, ...] = ()
    reason: str | None = None


class TaskArchived(Event):
    """Out of lists and closed to changes. `at` is the server's clock."""

    at: datetime
    reason: str | None = None


class TaskUnarchived(Event):
    reason: str | None = None


TaskEvent = TaskCreated | TaskEdited | TaskArchived | TaskUnarchived
FIELDS = tuple(name for name in TaskState.__struct_fields__ if name != "archived_at")


def evolve(task: TaskState | None, event: TaskEvent) -> TaskState:
    match event:
        case TaskCreated():
            return TaskState(**{name: getattr(event, name) for name in FIELDS})
        case TaskEdited():
            changes = {name: getattr(event, name) for name in event.changed}
            return msgspec.structs.replace(require_state(task), **changes)
        case TaskArchived(at=at):
            return msgspec.structs.replace(require_state(task), archived_at=at)
        case TaskUnarchived():
            return msgspec.structs.replace(require_state(task), archived_at=None)
        case _:
            assert_never(event)


TASK: Decider[TaskState, TaskEvent] = Decider(
    "task", events=(TaskCreated, TaskEdited, TaskArchived, TaskUnarchived), evolve=evolve
)


def create(definition: TaskState) -> list[TaskEvent]:
    """Raises Invalid with every fault of the definition."""
    _check_definition(definition)
    return [TaskCreated(**{name: getattr(definition, name) for name in FIELDS})]


def edit(task: TaskState | None, changes: dict[str, Any], *, reason: str | None) -> list[TaskEvent]:
    """Replace the fields in `changes` (JSON values by name). Repeating it records nothing."""
    task = require_active(task)
    edited = msgspec.convert(msgspec.to_builtins(task) | changes, TaskState)
    changed = tuple(name for name in FIELDS if _is_different(getattr(task, name), getattr(edited, name)))
    if not changed:
        return []
    _check_definition(edited, changed)
    return [TaskEdited(changed=changed, reason=reason, **{name: getattr(edited, name) for name in changed})]


def archive(task: TaskState | None, *, at: datetime, reason: str | None) -> list[TaskEvent]:
    """Take the task out of lists and close it to changes. Repeating it records nothing."""
    return [] if _require_task(task).archived_at else [TaskArchived(at=at, reason=reason)]


def unarchive(task: TaskState | None, *, reason: str | None) -> list[TaskEvent]:
    """Bring the task back. Repeating it records nothing."""
    return [TaskUnarchived(reason=reason)] if _require_task(task).archived_at else []


def require_active(task: TaskState | None, *, pointer: str = "") -> TaskState:
    """Return the task to change or to attach. Raises NotFound without one, Archived for an archived one."""
    if _require_task(task).archived_at:
        raise Archived("task", pointer=pointer)
    return _require_task(task)


def _require_task(task: TaskState | None) -> TaskState:
    if task is None:
        raise NotFound("No such task.")
    return task


def find_faults(task: TaskState, changed: Collection[str] = FIELDS) -> list[Fault]:
    """Find everything that is wrong with a definition, each fault with its JSON pointer.

    Schemas that did not change are not checked: they may be from before a rule was made.
    """
    requirements = [requirement.name for requirement in task.requirements]
    faults = [*_find_duplicates(task.categories, at="/categories")]
    faults += _find_duplicates(requirements, at="/requirements", below="/name")
    if task.fallback_category is not None and not task.categories:
        detail = "A fallback needs categories; there are none."
        faults.append(Fault(pointer="/fallback_category", detail=detail))
    if task.ontology and task.categories:
        detail = "Give either categories or an ontology, not both."
        faults.append(Fault(pointer="/categories", detail=detail))
    faults += ontology.find_faults(task.ontology)
    for name in ("input_schema", "output_schema"):
        schema = getattr(task, name)
        if schema is not None and name in changed:
            faults += check_schema(schema, at=f"/{name}")
    return faults


def _check_definition(task: TaskState, changed: Collection[str] = FIELDS) -> None:
    faults = find_faults(task, changed)
    if faults:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise Invalid(f"The task is not valid: {faults[0].detail}{more}", errors=faults)


def _find_duplicates(names: tuple[str, ...] | list[str], *, at: str, below: str = "") -> Iterator[Fault]:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            yield Fault(pointer=f"{at}/{index}{below}", detail="Duplicate name.", code="duplicate")
        seen.add(name)


def _is_different(before: Any, after: Any) -> bool:
    """Compare as JSON, where 1, 1.0 and true are three values."""
    return msgspec.json.encode(before) != msgspec.json.encode(after)
