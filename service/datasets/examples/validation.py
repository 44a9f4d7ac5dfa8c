"""Examples against their dataset's task: its schemas, and the requirements a rating may speak of."""

from collections.abc import Iterable
from typing import Any, Literal

from service.datasets.examples.chat_content import (
    MAX_DEPTH,
    Content,
    build_too_deep_fault,
    find_text_faults,
    get_output_text,
    is_deeper_than,
)
from service.datasets.examples.domain import Mismatch
from service.datasets.examples.ratings import Rating
from service.errors import Fault, Unprocessable
from service.json_pointers import pointer
from service.ledger.decider import StreamState
from service.tasks.domain import TaskState
from service.tasks.json_schema import encode_schema, find_output_faults

RuleBook = StreamState[TaskState]


def metadata_faults(value: dict[str, Any], *, at: str) -> list[Fault]:
    """What keeps free-form JSON from being stored beside the content."""
    return [build_too_deep_fault(at)] if is_deeper_than(value, MAX_DEPTH) else list(find_text_faults(value, at=at))


def mismatches(content: Content, task: RuleBook | None, *, at: str) -> list[Fault]:
    """Where the output fails the task's schema, each with its pointer below `at`."""
    if task is None or task.state.output_schema is None:
        return []
    found = find_output_faults(encode_schema(task.state.output_schema), get_output_text(content))
    return [Fault(pointer=f"{at}{fault.pointer}", detail=fault.detail, code=fault.code) for fault in found]


def accepted(faults: Iterable[Fault], *, on_invalid: Literal["refuse", "mark"], at: str) -> tuple[Mismatch, ...]:
    """The marks to keep of an output that fails. Raises Unprocessable with each fault unless the caller wants marks."""
    found = list(faults)
    if found and on_invalid == "refuse":
        raise Unprocessable("The output does not match the task's schema.", errors=found)
    return tuple(Mismatch(pointer=fault.pointer.removeprefix(at), code=fault.code) for fault in found)


def rating_faults(rating: Rating, task: RuleBook | None, *, at: str = "") -> list[Fault]:
    """Marks for requirements that the task does not have, or in another kind than it asks for."""
    asked = {r.name: r.rating_type for r in task.state.requirements} if task else {}
    faults = []
    for name, mark in rating.requirements.items():
        kind = type(mark).__struct_config__.tag
        place = at + pointer("requirements", name)
        if name not in asked:
            detail = f"The dataset's task has no requirement named {name[:100]!r}."
            faults.append(Fault(pointer=place, detail=detail, code="unknown_requirement"))
        elif asked[name] != kind:
            detail = f"This requirement is rated as {asked[name]}, not {kind}."
            faults.append(Fault(pointer=f"{place}/type", detail=detail, code="rating_type"))
    return faults


def require_ratable(rating: Rating, task: RuleBook | None) -> None:
    """Raises Unprocessable with each fault."""
    faults = rating_faults(rating, task)
    if faults:
        raise Unprocessable("The rating does not fit the task's requirements.", errors=faults)
