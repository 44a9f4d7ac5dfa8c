"""An example in a queue: who has a slot of it, and until when.

All its slots are in one stream. If two annotators claim at once, the second to write conflicts and decides again,
so never more slots are taken than there are.
"""

from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from service.errors import Conflict, NotFound
from service.labeling.annotators import Annotator, build_assignment_id
from service.labeling.labels.domain import LabelDecided
from service.ledger.decider import Decider, Event, require_state
from service.tasks.ontology import Answers

AssignmentStatus = Literal["assigned", "claimed", "submitted", "accepted", "sent_back", "skipped", "released"]
RESERVED = ("assigned", "sent_back", "submitted", "accepted")  # slots that no lapsed lease frees
LABELED = ("submitted", "accepted")


class LeaseLapsed(Conflict):
    """The lease has lapsed and another annotator has the slot"""

    code = "lease_lapsed"


class ItemQueued(Event):
    """A honeypot has `known` answers and no `overlap`: every annotator may get it."""

    queue_id: UUID
    dataset_id: UUID
    example_id: UUID
    overlap: int | None = None
    known: Answers | None = None


class ItemAssigned(Event):
    assignment_id: UUID
    annotator: Annotator


class ItemClaimed(Event):
    """`until` is by the database's clock."""

    assignment_id: UUID
    annotator: Annotator
    until: datetime


class ItemSubmitted(Event):
    """`labelled` is how many slots have a label after this one."""

    assignment_id: UUID
    label_id: UUID
    labelled: int


class ItemWithdrawn(Event):
    """The annotator takes the label back and has the example again, `until` the new lease ends."""

    assignment_id: UUID
    labelled: int
    until: datetime
    reason: str | None = None


class ItemSkipped(Event):
    assignment_id: UUID
    reason: str | None = None


class ItemReleased(Event):
    assignment_id: UUID
    reason: str | None = None


class ItemAccepted(Event):
    assignment_id: UUID
    reason: str | None = None


class ItemSentBack(Event):
    assignment_id: UUID
    labelled: int
    reason: str | None = None


ItemEvent = (
    ItemQueued
    | ItemAssigned
    | ItemClaimed
    | ItemSubmitted
    | ItemWithdrawn
    | ItemSkipped
    | ItemReleased
    | ItemAccepted
    | ItemSentBack
)


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    annotator: Annotator
    state: AssignmentStatus
    until: datetime | None = None
    withdrawn: bool = False


class QueueItem(msgspec.Struct, frozen=True, kw_only=True):
    queue_id: UUID
    example_id: UUID
    overlap: int | None
    known: Answers | None
    slots: dict[UUID, Slot] = {}


def evolve(item: QueueItem | None, event: ItemEvent) -> QueueItem:  # noqa: PLR0911 - one return an event
    if isinstance(event, ItemQueued):
        return QueueItem(queue_id=event.queue_id, example_id=event.example_id, overlap=event.overlap, known=event.known)
    item = require_state(item)
    match event:
        case ItemAssigned():
            return _with_slot(item, event.assignment_id, Slot(annotator=event.annotator, state="assigned"))
        case ItemClaimed():
            slot = Slot(annotator=event.annotator, state="claimed", until=event.until)
            return _with_slot(item, event.assignment_id, slot)
        case ItemSubmitted():
            return _with_status(item, event.assignment_id, "submitted")
        case ItemWithdrawn():
            annotator = item.slots[event.assignment_id].annotator
            slot = Slot(annotator=annotator, state="claimed", until=event.until, withdrawn=True)
            return _with_slot(item, event.assignment_id, slot)
        case ItemSkipped():
            return _with_status(item, event.assignment_id, "skipped")
        case ItemReleased():
            return _with_status(item, event.assignment_id, "released")
        case ItemAccepted():
            return _with_status(item, event.assignment_id, "accepted")
        case ItemSentBack():
            return _with_status(item, event.assignment_id, "sent_back")
        case _:
            assert_never(event)


ITEM: Decider[QueueItem, ItemEvent] = Decider(
    "queue_item",
    events=(
        ItemQueued,
        ItemAssigned,
        ItemClaimed,
        ItemSubmitted,
        ItemWithdrawn,
        ItemSkipped,
        ItemReleased,
        ItemAccepted,
        ItemSentBack,
    ),
    evolve=evolve,
)


def assign(item: QueueItem | None, *, id_: UUID, annotator: Annotator, at: datetime) -> list[ItemEvent]:
    """Reserve a slot for this annotator. Raises Conflict if none is free."""
    current = _require_item(item)
    own_id = build_assignment_id(id_, annotator)
    if own_id in current.slots and current.slots[own_id].state not in {"released", "skipped"}:
        return []
    if not _has_free_slot(current, at, except_for=own_id):
        raise Conflict(f"Example {current.example_id} already has all its annotators in this queue.")
    return [ItemAssigned(assignment_id=own_id, annotator=annotator)]


def claim(item: QueueItem | None, *, id_: UUID, annotator: Annotator, until: datetime, at: datetime) -> list[ItemEvent]:
    """Take a slot. Records nothing if none is free, or if this annotator has, labeled or skipped the example."""
    current = _require_item(item)
    own_id = build_assignment_id(id_, annotator)
    slot = current.slots.get(own_id)
    if slot is not None:
        if slot.state in {*LABELED, "skipped"} or _is_leased(slot, at):
            return []
        if slot.state in RESERVED:
            return [ItemClaimed(assignment_id=own_id, annotator=annotator, until=until)]
    if not _has_free_slot(current, at, except_for=own_id):
        return []
    return [ItemClaimed(assignment_id=own_id, annotator=annotator, until=until)]


def submit(item: QueueItem | None, slot_id: UUID, *, label_id: UUID, at: datetime) -> list[ItemEvent]:
    """Submit the slot's label. Submitting again records nothing.

    Raises LeaseLapsed after the lease if no slot is free any more, Conflict if the slot was skipped or released.
    """
    current, slot = _require_item(item), _get_slot(item, slot_id)
    if slot.state in LABELED:
        return []
    if slot.state in {"skipped", "released"}:
        raise Conflict(f"This assignment was {slot.state}; claim the example again.")
    if slot.state == "claimed" and not _is_leased(slot, at) and not _has_free_slot(current, at, except_for=slot_id):
        raise LeaseLapsed("The lease has lapsed and another annotator took the example; claim another one.")
    return [ItemSubmitted(assignment_id=slot_id, label_id=label_id, labelled=_count_labeled(current) + 1)]


def withdraw(item: QueueItem | None, slot_id: UUID, *, until: datetime, reason: str | None) -> list[ItemEvent]:
    """Take the submitted label back and claim the example anew. Taking it back again records nothing.

    Raises LabelDecided if a reviewer accepted the label, Conflict if there is none.
    """
    current, slot = _require_item(item), _get_slot(item, slot_id)
    if slot.withdrawn:
        return []
    if slot.state == "accepted":
        raise LabelDecided("A reviewer has accepted this label; a reviewer can send it back.")
    if slot.state != "submitted":
        raise Conflict(f"No label to take back: the assignment is {slot.state}.")
    labelled = _count_labeled(current) - 1
    return [ItemWithdrawn(assignment_id=slot_id, labelled=labelled, until=until, reason=reason)]


def skip(item: QueueItem | None, slot_id: UUID, *, reason: str | None) -> list[ItemEvent]:
    """Give the slot up for good. Skipping again records nothing."""
    return _give_back(item, slot_id, ItemSkipped(assignment_id=slot_id, reason=reason), state="skipped")


def release(item: QueueItem | None, slot_id: UUID, *, reason: str | None) -> list[ItemEvent]:
    """Give the slot back; the same annotator may get the example again. Releasing again records nothing."""
    return _give_back(item, slot_id, ItemReleased(assignment_id=slot_id, reason=reason), state="released")


def accept(item: QueueItem | None, slot_id: UUID, *, reason: str | None) -> list[ItemEvent]:
    """Accept the label. Raises Conflict unless one was submitted. Accepting again records nothing."""
    slot = _get_slot(item, slot_id)
    if slot.state == "accepted":
        return []
    _require_label(slot)
    return [ItemAccepted(assignment_id=slot_id, reason=reason)]


def send_back(item: QueueItem | None, slot_id: UUID, *, reason: str) -> list[ItemEvent]:
    """Ask the same annotator again; the slot stays theirs. Raises Conflict unless a label was submitted."""
    slot = _get_slot(item, slot_id)
    if slot.state == "sent_back":
        return []
    _require_label(slot)
    return [ItemSentBack(assignment_id=slot_id, labelled=_count_labeled(_require_item(item)) - 1, reason=reason)]


def _require_item(item: QueueItem | None) -> QueueItem:
    if item is None:
        raise NotFound("No such example in this queue.")
    return item


def _get_slot(item: QueueItem | None, slot_id: UUID) -> Slot:
    slot = _require_item(item).slots.get(slot_id)
    if slot is None:
        raise NotFound("No such assignment.")
    return slot


def _require_label(slot: Slot) -> None:
    if slot.state not in LABELED:
        raise Conflict(f"No label to review: the assignment is {slot.state}.")


def _give_back(
    item: QueueItem | None, slot_id: UUID, event: ItemSkipped | ItemReleased, *, state: AssignmentStatus
) -> list[ItemEvent]:
    slot = _get_slot(item, slot_id)
    if slot.state == state:
        return []
    if slot.state in {*LABELED, "skipped", "released"}:
        raise Conflict(f"This assignment is already {slot.state}.")
    return [event]


def _is_leased(slot: Slot, at: datetime) -> bool:
    return slot.state == "claimed" and slot.until is not None and slot.until > at


def _has_free_slot(item: QueueItem, at: datetime, *, except_for: UUID) -> bool:
    """Whether the slots taken by others are fewer than the overlap."""
    others = [slot for id_, slot in item.slots.items() if id_ != except_for]
    taken = sum(slot.state in RESERVED or _is_leased(slot, at) for slot in others)
    return item.overlap is None or taken < item.overlap


def _count_labeled(item: QueueItem) -> int:
    return sum(slot.state in LABELED for slot in item.slots.values())


def _with_slot(item: QueueItem, slot_id: UUID, slot: Slot) -> QueueItem:
    return replace(item, slots={**item.slots, slot_id: slot})


def _with_status(item: QueueItem, slot_id: UUID, state: AssignmentStatus) -> QueueItem:
    slot = Slot(annotator=item.slots[slot_id].annotator, state=state)
    return _with_slot(item, slot_id, slot)
