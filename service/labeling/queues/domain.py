"""Queues: annotators claim a dataset's examples under a lease; `overlap` annotators label each example."""

from datetime import datetime
from typing import Any, Literal, assert_never
from uuid import UUID

import msgspec

from service.errors import Archived, Conflict, Fault, NotFound, Unprocessable
from service.ledger.decider import Decider, Event, require_state

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


class QueueArchived(Event):
    """Out of lists and closed to all work. `at` is the server's clock."""

    at: datetime
    reason: str | None = None


class QueueUnarchived(Event):
    reason: str | None = None


QueueEvent = QueueCreated | QueueEdited | QueueArchived | QueueUnarchived


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
    archived_at: datetime | None = None


CREATED_FIELDS = tuple(name for name in QueueState.__struct_fields__ if name not in {"closed", "archived_at"})
EDITABLE = ("name", "lease_seconds", "blind", "annotators", "closed")


def evolve(queue: QueueState | None, event: QueueEvent) -> QueueState:
    if isinstance(event, QueueCreated):
        return QueueState(**{name: getattr(event, name) for name in CREATED_FIELDS})
    queue = require_state(queue)
    match event:
        case QueueEdited():
            changes = {name: value for name in EDITABLE if (value := getattr(event, name)) is not None}
            return msgspec.structs.replace(queue, **changes)
        case QueueArchived(at=at):
            return msgspec.structs.replace(queue, archived_at=at)
        case QueueUnarchived():
            return msgspec.structs.replace(queue, archived_at=None)
        case _:
            assert_never(event)


QUEUE: Decider[QueueState, QueueEvent] = Decider(
    "queue", events=(QueueCreated, QueueEdited, QueueArchived, QueueUnarchived), evolve=evolve
)


def edit(queue: QueueState | None, changes: dict[str, Any], *, reason: str | None = None) -> list[QueueEvent]:
    """Change the given fields. Repeating it records nothing."""
    queue = require_active(queue)
    changed = {name: value for name, value in changes.items() if value != getattr(queue, name)}
    return [QueueEdited(reason=reason, **changed)] if changed else []


def archive(queue: QueueState | None, *, at: datetime, reason: str | None) -> list[QueueEvent]:
    """Take the queue out of lists and close it to all work. Repeating it records nothing."""
    return [] if _require_queue(queue).archived_at else [QueueArchived(at=at, reason=reason)]


def unarchive(queue: QueueState | None, *, reason: str | None) -> list[QueueEvent]:
    """Bring the queue back. Repeating it records nothing."""
    return [QueueUnarchived(reason=reason)] if _require_queue(queue).archived_at else []


def require_active(queue: QueueState | None) -> QueueState:
    """Return the queue to work on. Raises NotFound without one, Archived for an archived one."""
    if _require_queue(queue).archived_at:
        raise Archived("queue")
    return _require_queue(queue)


def _require_queue(queue: QueueState | None) -> QueueState:
    if queue is None:
        raise NotFound("No such queue.")
    return queue


def require_open(queue: QueueState, annotator: str) -> None:
    """Raises Conflict if the queue is closed, Unprocessable if the annotator may not claim from it."""
    if queue.closed:
        raise Conflict("This queue is closed.")
    if queue.annotators and annotator not in queue.annotators:
        detail = "This annotator may not claim from this queue; see its `annotators`."
        fault = Fault(pointer="/annotator", detail=detail, code="not_of_this_queue")
        raise Unprocessable(fault.detail, errors=[fault])
