"""Task definitions: what can happen to one, and what makes one acceptable."""

from collections.abc import Iterator
from typing import Any, Literal, assert_never

import msgspec

from service.errors import Fault, Invalid, NotFound
from service.ledger.decider import Decider, Event
from service.tasks import ontology as questions
from service.tasks.json_schema import check_schema
from service.tasks.ontology import Question

RatingType = Literal["stars", "pass_fail", "pass_fail_critical"]
Schema = dict[str, Any]


class Requirement(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a good answer does, rated by its own measure. Priority 0 matters the most, 3 the least."""

    name: str
    """Unique in the task; ratings refer to it."""
    instruction: str
    """What a good answer does."""
    priority: int = 1
    """0 matters the most, 3 the least."""
    rating_type: RatingType = "stars"
    """How it is rated: in stars, or as passed or failed."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What a model is to do. The fallback is an answer for what fits no category; it need not be listed as one.

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

    @property
    def questions(self) -> tuple[Question, ...]:
        """What a label of its examples answers."""
        return questions.asked(self.ontology, categories=self.categories, fallback=self.fallback_category)


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
    """Only the fields named in `changed` say anything: of those, an absent one was emptied."""

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


TaskEvent = TaskCreated | TaskEdited
FIELDS = Task.__struct_fields__


def evolve(task: Task | None, event: TaskEvent) -> Task:
    match event:
        case TaskCreated():
            return Task(**{name: getattr(event, name) for name in FIELDS})
        case TaskEdited():
            assert task is not None  # noqa: S101 - a stream begins with its creation
            return msgspec.structs.replace(task, **{name: getattr(event, name) for name in event.changed})
        case _:
            assert_never(event)


TASK: Decider[Task, TaskEvent] = Decider("task", events=(TaskCreated, TaskEdited), evolve=evolve)


def create(definition: Task) -> list[TaskEvent]:
    """Raises Invalid with every fault of the definition."""
    _refuse_faulty(definition)
    return [TaskCreated(**{name: getattr(definition, name) for name in FIELDS})]


def edit(task: Task | None, changes: dict[str, Any], *, reason: str | None) -> list[TaskEvent]:
    """Put the fields of `changes` (JSON values by name) in place of the present ones. Repeating it records nothing."""
    if task is None:
        raise NotFound("No such task.")
    edited = msgspec.convert(msgspec.to_builtins(task) | changes, Task)
    changed = tuple(name for name in FIELDS if _differ(getattr(task, name), getattr(edited, name)))
    if not changed:
        return []
    _refuse_faulty(edited)
    return [TaskEdited(changed=changed, reason=reason, **{name: getattr(edited, name) for name in changed})]


def faults(task: Task) -> list[Fault]:
    """What makes a definition unacceptable, each with its JSON pointer."""
    found = [*_repeated(task.categories, at="/categories")]
    found += _repeated([requirement.name for requirement in task.requirements], at="/requirements", below="/name")
    if task.fallback_category is not None and not task.categories:
        detail = "A fallback is for what fits none of the categories; there are no categories."
        found.append(Fault(pointer="/fallback_category", detail=detail))
    if task.ontology and task.categories:
        detail = "Categories are short for an ontology of one question: give one of the two."
        found.append(Fault(pointer="/categories", detail=detail))
    found += questions.faults(task.ontology)
    for name in ("input_schema", "output_schema"):
        schema = getattr(task, name)
        if schema is not None:
            found += check_schema(schema, at=f"/{name}")
    return found


def _refuse_faulty(task: Task) -> None:
    found = faults(task)
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise Invalid(f"The task is not valid: {found[0].detail}{more}", errors=found)


def _repeated(names: tuple[str, ...] | list[str], *, at: str, below: str = "") -> Iterator[Fault]:
    first: set[str] = set()
    for place, name in enumerate(names):
        if name in first:
            yield Fault(pointer=f"{at}/{place}{below}", detail="This name is there twice.", code="duplicate")
        first.add(name)


def _differ(before: Any, after: Any) -> bool:
    """As JSON, where 1, 1.0 and true are three values."""
    return msgspec.json.encode(before) != msgspec.json.encode(after)
