"""An example in a queue: who has it and until when. Everything about its places is decided on this one stream.

So two annotators who claim at once never take more places than there are: the one who writes second decides again.
"""

from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from service.errors import Conflict, NotFound
from service.labeling.annotators import Annotator, assignment_id
from service.ledger.decider import Decider, Event
from service.tasks.ontology import Answers

PlaceState = Literal["assigned", "claimed", "submitted", "accepted", "sent_back", "skipped", "released"]
KEPT = ("assigned", "sent_back", "submitted", "accepted")  # places that no lapse gives away
LABELLED = ("submitted", "accepted")


class LeaseLapsed(Conflict):
    """The lease has lapsed and another annotator has the place"""

    code = "lease_lapsed"


class ItemQueued(Event):
    """A honeypot has the `known` answers and as many places as there are annotators: no overlap."""

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
    """`labelled` is how many places have a label after this one."""

    assignment_id: UUID
    label_id: UUID
    labelled: int


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
    ItemQueued | ItemAssigned | ItemClaimed | ItemSubmitted | ItemSkipped | ItemReleased | ItemAccepted | ItemSentBack
)


class Place(msgspec.Struct, frozen=True, kw_only=True):
    annotator: Annotator
    state: PlaceState
    until: datetime | None = None


class Item(msgspec.Struct, frozen=True, kw_only=True):
    queue_id: UUID
    example_id: UUID
    overlap: int | None
    known: Answers | None
    places: dict[UUID, Place] = {}


def evolve(item: Item | None, event: ItemEvent) -> Item:  # noqa: PLR0911 - one return an event
    if isinstance(event, ItemQueued):
        return Item(queue_id=event.queue_id, example_id=event.example_id, overlap=event.overlap, known=event.known)
    assert item is not None  # noqa: S101 - a stream begins with its queueing
    match event:
        case ItemAssigned():
            return _taken(item, event.assignment_id, Place(annotator=event.annotator, state="assigned"))
        case ItemClaimed():
            place = Place(annotator=event.annotator, state="claimed", until=event.until)
            return _taken(item, event.assignment_id, place)
        case ItemSubmitted():
            return _moved(item, event.assignment_id, "submitted")
        case ItemSkipped():
            return _moved(item, event.assignment_id, "skipped")
        case ItemReleased():
            return _moved(item, event.assignment_id, "released")
        case ItemAccepted():
            return _moved(item, event.assignment_id, "accepted")
        case ItemSentBack():
            return _moved(item, event.assignment_id, "sent_back")
        case _:
            assert_never(event)


ITEM: Decider[Item, ItemEvent] = Decider(
    "queue_item",
    events=(
        ItemQueued,
        ItemAssigned,
        ItemClaimed,
        ItemSubmitted,
        ItemSkipped,
        ItemReleased,
        ItemAccepted,
        ItemSentBack,
    ),
    evolve=evolve,
)


def assign(item: Item | None, *, id_: UUID, annotator: Annotator, at: datetime) -> list[ItemEvent]:
    """Keep a place for this annotator until they have it. Raises Conflict when no place is left."""
    there = _present(item)
    taken = assignment_id(id_, annotator)
    if taken in there.places and there.places[taken].state not in {"released", "skipped"}:
        return []
    if not _has_room(there, at, beside=taken):
        raise Conflict(f"Example {there.example_id} has no place left in this queue.")
    return [ItemAssigned(assignment_id=taken, annotator=annotator)]


def claim(item: Item | None, *, id_: UUID, annotator: Annotator, until: datetime, at: datetime) -> list[ItemEvent]:
    """Take a place; nothing when it is not to be had: none is left, or this annotator has had it or has it now."""
    there = _present(item)
    taken = assignment_id(id_, annotator)
    place = there.places.get(taken)
    if place is not None:
        if place.state in {*LABELLED, "skipped"} or _held(place, at):
            return []
        if place.state in KEPT:
            return [ItemClaimed(assignment_id=taken, annotator=annotator, until=until)]
    if not _has_room(there, at, beside=taken):
        return []
    return [ItemClaimed(assignment_id=taken, annotator=annotator, until=until)]


def submit(item: Item | None, place_id: UUID, *, label_id: UUID, at: datetime) -> list[ItemEvent]:
    """Fill the place. After its lease only while nobody else has the last one: raises LeaseLapsed otherwise.

    Submitting again records nothing here. Raises Conflict for a place that was given back.
    """
    there, place = _present(item), _place(item, place_id)
    if place.state in LABELLED:
        return []
    if place.state in {"skipped", "released"}:
        raise Conflict(f"This assignment was {place.state}; claim again.")
    if place.state == "claimed" and not _held(place, at) and not _has_room(there, at, beside=place_id):
        raise LeaseLapsed("The lease has lapsed, and another annotator has taken the place.")
    return [ItemSubmitted(assignment_id=place_id, label_id=label_id, labelled=_labelled(there) + 1)]


def skip(item: Item | None, place_id: UUID, *, reason: str | None) -> list[ItemEvent]:
    """Leave it to others for good. Skipping again records nothing."""
    return _given_back(item, place_id, ItemSkipped(assignment_id=place_id, reason=reason), state="skipped")


def release(item: Item | None, place_id: UUID, *, reason: str | None) -> list[ItemEvent]:
    """Give the place back; it may be offered to the same annotator again. Releasing again records nothing."""
    return _given_back(item, place_id, ItemReleased(assignment_id=place_id, reason=reason), state="released")


def accept(item: Item | None, place_id: UUID, *, reason: str | None) -> list[ItemEvent]:
    """Raises Conflict unless a label was submitted. Accepting again records nothing."""
    place = _place(item, place_id)
    if place.state == "accepted":
        return []
    _require_label(place)
    return [ItemAccepted(assignment_id=place_id, reason=reason)]


def send_back(item: Item | None, place_id: UUID, *, reason: str) -> list[ItemEvent]:
    """Ask the same annotator again; the place stays theirs. Raises Conflict unless a label was submitted."""
    place = _place(item, place_id)
    if place.state == "sent_back":
        return []
    _require_label(place)
    return [ItemSentBack(assignment_id=place_id, labelled=_labelled(_present(item)) - 1, reason=reason)]


def _present(item: Item | None) -> Item:
    if item is None:
        raise NotFound("The queue has no such example.")
    return item


def _place(item: Item | None, place_id: UUID) -> Place:
    place = _present(item).places.get(place_id)
    if place is None:
        raise NotFound("No such assignment.")
    return place


def _require_label(place: Place) -> None:
    if place.state not in LABELLED:
        raise Conflict(f"There is no label to review: the assignment is {place.state}.")


def _given_back(
    item: Item | None, place_id: UUID, event: ItemSkipped | ItemReleased, *, state: PlaceState
) -> list[ItemEvent]:
    place = _place(item, place_id)
    if place.state == state:
        return []
    if place.state in {*LABELLED, "skipped", "released"}:
        raise Conflict(f"This assignment is already {place.state}.")
    return [event]


def _held(place: Place, at: datetime) -> bool:
    return place.state == "claimed" and place.until is not None and place.until > at


def _has_room(item: Item, at: datetime, *, beside: UUID) -> bool:
    """Whether a place is left besides those that others have."""
    others = [place for id_, place in item.places.items() if id_ != beside]
    return item.overlap is None or sum(place.state in KEPT or _held(place, at) for place in others) < item.overlap


def _labelled(item: Item) -> int:
    return sum(place.state in LABELLED for place in item.places.values())


def _taken(item: Item, place_id: UUID, place: Place) -> Item:
    return replace(item, places={**item.places, place_id: place})


def _moved(item: Item, place_id: UUID, state: PlaceState) -> Item:
    return _taken(item, place_id, replace(item.places[place_id], state=state, until=None))
