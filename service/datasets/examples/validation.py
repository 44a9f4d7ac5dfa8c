"""Check examples against their dataset's task: its schema, and the requirements that a rating may have marks for."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal
from uuid import UUID

from service.datasets.examples.chat_content import (
    MAX_DEPTH,
    Content,
    build_too_deep_fault,
    find_text_faults,
    get_output_text,
    is_deeper_than,
    is_unanswered,
)
from service.datasets.examples.domain import Mismatch
from service.datasets.examples.ratings import Rating
from service.errors import Fault, Unprocessable
from service.json_pointers import pointer
from service.ledger.decider import StreamState
from service.tasks.domain import TaskState
from service.tasks.json_schema import encode_schema
from service.tasks.schema_checks import check_outputs

RuleBook = StreamState[TaskState]


def find_metadata_faults(value: dict[str, Any], *, at: str) -> list[Fault]:
    """Find why free-form JSON cannot be stored beside the content."""
    return [build_too_deep_fault(at)] if is_deeper_than(value, MAX_DEPTH) else list(find_text_faults(value, at=at))


async def find_schema_faults(
    workspace_id: UUID, content: Content, task: RuleBook | None, *, at: str = "/output"
) -> list[Fault]:
    """Find where the output does not match the task's schema; each pointer is below `at`."""
    [faults] = await find_all_schema_faults(workspace_id, [content], task, at=[at])
    return faults


async def find_all_schema_faults(
    workspace_id: UUID, contents: Sequence[Content], task: RuleBook | None, *, at: Sequence[str]
) -> list[list[Fault]]:
    """Find where each output does not match the task's schema; the pointers of each are below its `at`."""
    found: list[list[Fault]] = [[] for _ in contents]
    if task is None or task.state.output_schema is None:
        return found
    answered = [number for number, content in enumerate(contents) if not is_unanswered(content)]
    texts = [get_output_text(contents[number]) for number in answered]
    checked = await check_outputs(workspace_id, encode_schema(task.state.output_schema), texts)
    for number, faults in zip(answered, checked, strict=True):
        place = at[number]
        found[number] = [
            Fault(pointer=f"{place}{fault.pointer}", detail=fault.detail, code=fault.code) for fault in faults
        ]
    return found


def check_schema_faults(faults: Sequence[Fault], *, on_invalid: Literal["refuse", "mark"]) -> None:
    """Raises Unprocessable with each fault, unless the caller wants the example marked instead."""
    if faults and on_invalid == "refuse":
        raise Unprocessable("The output does not match the task's schema.", errors=faults)


def to_mismatches(faults: Iterable[Fault], *, at: str) -> tuple[Mismatch, ...]:
    """The marks to store with an example; their pointers are relative to `at`."""
    return tuple(Mismatch(pointer=fault.pointer.removeprefix(at), code=fault.code) for fault in faults)


def find_rating_faults(rating: Rating, task: RuleBook | None, *, at: str = "") -> list[Fault]:
    """Find marks for requirements that the task does not have, or of another type than it has."""
    types = {requirement.name: requirement.rating_type for requirement in task.state.requirements} if task else {}
    faults = []
    for name, mark in rating.requirements.items():
        mark_type = type(mark).__struct_config__.tag
        mark_pointer = at + pointer("requirements", name)
        if name not in types:
            detail = f"The dataset's task has no requirement named {name[:100]!r}."
            faults.append(Fault(pointer=mark_pointer, detail=detail, code="unknown_requirement"))
        elif types[name] != mark_type:
            detail = f"This requirement is rated as {types[name]}, not {mark_type}."
            faults.append(Fault(pointer=f"{mark_pointer}/type", detail=detail, code="rating_type"))
    return faults


def check_rating(rating: Rating, task: RuleBook | None) -> None:
    """Raises Unprocessable with each fault."""
    if faults := find_rating_faults(rating, task):
        raise Unprocessable("The rating does not fit the task's requirements; see `errors`.", errors=faults)
