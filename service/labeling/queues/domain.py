"""Queues: annotators claim a dataset's examples under a lease; `overlap` annotators label each example."""

from typing import Any, Literal, assert_never
from uuid import UUID

import msgspec

from service.errors import Conflict, Fault, NotFound, Unprocessable
from service.ledger.decider import Decider, Event

Shows = Literal["example", "input"]


class QueueCreated(Event):
    """`shows`: annotators see the whole example, or its input without the answer. No `annotators` means anyone."""

    dataset_id: UUID
    task_id: UUID
    name: str
    overlap: int = 1
    lease_seconds: int = 1800
    blind: bool = True
    shows: Shows = "example"
    annotators: tuple[str, ...] = ()


class QueueEdited(Event):
    """Absent fields stay unchanged."""

    name: str | None = None
    lease_seconds: int | None = None
    blind: bool | None = None
    annotators: tuple[str, ...] | None = None
    closed: bool | None = None
    reason: str | None = None


QueueEvent = QueueCreated | QueueEdited


class QueueState(msgspec.Struct, frozen=True, kw_only=True):
    dataset_id: UUID
    task_id: UUID
    name: str
    overlap: int
    lease_seconds: int
    blind: bool
    shows: Shows
    annotators: tuple[str, ...]
    closed: bool = False


CREATED_FIELDS = tuple(name for name in QueueState.__struct_fields__ if name != "closed")
EDITABLE = ("name", "lease_seconds", "blind", "annotators", "closed")


def evolve(queue: QueueState | None, event: QueueEvent) -> QueueState:
    match event:
        case QueueCreated():
            return QueueState(**{name: getattr(event, name) for name in CREATED_FIELDS})
        case QueueEdited():
            assert queue is not None  # noqa: S101 - a stream begins with its creation
            changes = {name: value for name in EDITABLE if (value := getattr(event, name)) is not None}
            return msgspec.structs.replace(queue, **changes)
        case _:
            assert_never(event)


QUEUE: Decider[QueueState, QueueEvent] = Decider("queue", events=(QueueCreated, QueueEdited), evolve=evolve)


def edit(queue: QueueState | None, changes: dict[str, Any], *, reason: str | None = None) -> list[QueueEvent]:
    """Change the given fields. Repeating it records nothing."""
    if queue is None:
        raise NotFound("No such queue.")
    changed = {name: value for name, value in changes.items() if value != getattr(queue, name)}
    return [QueueEdited(reason=reason, **changed)] if changed else []


def require_open(queue: QueueState, annotator: str) -> None:
    """Raises Conflict if the queue is closed, Unprocessable if the annotator may not claim from it."""
    if queue.closed:
        raise Conflict("This queue is closed.")
    if queue.annotators and annotator not in queue.annotators:
        detail = "This annotator may not claim from this queue; see its `annotators`."
        fault = Fault(pointer="/annotator", detail=detail, code="not_of_this_queue")
        raise Unprocessable(fault.detail, errors=[fault])
