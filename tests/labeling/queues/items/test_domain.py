"""Places in a queue, on plain values: no two writers can have decided on the same version."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from service.errors import Conflict, NotFound
from service.labeling.annotators import Annotator, build_assignment_id, build_label_id
from service.labeling.queues.items import domain
from service.labeling.queues.items.domain import (
    ITEM,
    ItemAccepted,
    ItemAssigned,
    ItemClaimed,
    ItemEvent,
    ItemQueued,
    ItemReleased,
    ItemSentBack,
    ItemSkipped,
    ItemSubmitted,
    ItemWithdrawn,
    LeaseLapsed,
    QueueItem,
    evolve,
)

QUEUE, EXAMPLE, TASK, ITEM_ID = (UUID(int=number) for number in range(1, 5))
ANN, BEN, CEM = (Annotator(name=name) for name in ("ann", "ben", "cem"))
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOON, LATER = NOW + timedelta(minutes=5), NOW + timedelta(hours=1)


def slot_id(annotator: Annotator) -> UUID:
    return build_assignment_id(ITEM_ID, annotator)


def build_item(overlap: int | None = 1) -> QueueItem:
    return evolve(None, ItemQueued(queue_id=QUEUE, dataset_id=QUEUE, example_id=EXAMPLE, overlap=overlap))


def apply(item: QueueItem, events: list[ItemEvent]) -> QueueItem:
    for event in events:
        item = evolve(item, event)
    return item


def claim(item: QueueItem | None, who: Annotator, *, at: datetime = NOW) -> list[ItemEvent]:
    return domain.claim(item, id_=ITEM_ID, annotator=who, until=at + timedelta(minutes=5), at=at)


def submit(item: QueueItem, who: Annotator, *, at: datetime = NOW) -> list[ItemEvent]:
    return domain.submit(item, slot_id(who), label_id=build_label_id(EXAMPLE, TASK, who), at=at)


CLAIMED = apply(build_item(), claim(build_item(), ANN))
LABELLED = apply(CLAIMED, submit(CLAIMED, ANN))


def test_a_place_is_had_by_one_at_a_time() -> None:
    assert claim(CLAIMED, BEN) == []
    assert claim(CLAIMED, ANN) == []
    [taken] = claim(CLAIMED, BEN, at=SOON)
    assert isinstance(taken, ItemClaimed)


def test_a_lease_ends_at_its_end_and_not_before() -> None:
    assert claim(CLAIMED, BEN, at=SOON - timedelta(microseconds=1)) == []
    assert claim(CLAIMED, BEN, at=SOON) != []


def test_who_has_labelled_or_skipped_it_never_gets_it_again() -> None:
    assert claim(apply(build_item(5), [*claim(build_item(5), ANN)]), BEN) != []
    two = apply(build_item(2), claim(build_item(2), ANN))
    assert claim(apply(two, submit(two, ANN)), ANN, at=LATER) == []
    assert claim(apply(two, domain.skip(two, slot_id(ANN), reason="x")), ANN, at=LATER) == []
    assert claim(apply(two, domain.release(two, slot_id(ANN), reason=None)), ANN) != []


def test_a_late_label_is_taken_as_long_as_nobody_else_has_the_place() -> None:
    [taken] = submit(CLAIMED, ANN, at=LATER)
    assert isinstance(taken, ItemSubmitted)
    assert taken.labelled == 1
    lost = apply(CLAIMED, claim(CLAIMED, BEN, at=SOON))
    with pytest.raises(LeaseLapsed):
        submit(lost, ANN, at=SOON)
    assert submit(lost, ANN, at=LATER) != []  # Ben's lease has lapsed, too


def test_a_honeypot_has_a_place_for_everyone() -> None:
    honeypot = build_item(None)
    for who in (ANN, BEN, CEM):
        honeypot = apply(honeypot, claim(honeypot, who))
        honeypot = apply(honeypot, submit(honeypot, who))
    assert {each.state for each in honeypot.slots.values()} == {"submitted"}


def test_what_was_sent_back_is_kept_for_its_annotator() -> None:
    [back] = domain.send_back(LABELLED, slot_id(ANN), reason="look again")
    assert isinstance(back, ItemSentBack)
    assert back.labelled == 0
    returned = apply(LABELLED, [back])
    assert claim(returned, BEN, at=LATER) == []
    assert claim(returned, ANN, at=LATER) != []
    assert submit(returned, ANN, at=LATER) != []
    assert domain.send_back(returned, slot_id(ANN), reason="again") == []
    with pytest.raises(Conflict):
        domain.accept(returned, slot_id(ANN), reason=None)


def test_a_place_is_kept_for_whom_it_is_assigned_to() -> None:
    [event] = domain.assign(build_item(), id_=ITEM_ID, annotator=ANN, at=NOW)
    item = apply(build_item(), [event])
    assert domain.assign(item, id_=ITEM_ID, annotator=ANN, at=NOW) == []
    assert claim(item, BEN, at=LATER) == []
    assert claim(item, ANN, at=LATER) != []
    with pytest.raises(Conflict):
        domain.assign(item, id_=ITEM_ID, annotator=BEN, at=NOW)
    skipped = apply(item, domain.skip(item, slot_id(ANN), reason="x"))
    assert domain.assign(skipped, id_=ITEM_ID, annotator=ANN, at=NOW) != []


def test_repeating_anything_records_nothing() -> None:
    assert submit(LABELLED, ANN) == []
    accepted = apply(LABELLED, domain.accept(LABELLED, slot_id(ANN), reason=None))
    assert domain.accept(accepted, slot_id(ANN), reason=None) == []
    for act, name in ((domain.skip, "skipped"), (domain.release, "released")):
        done = apply(CLAIMED, act(CLAIMED, slot_id(ANN), reason=None))
        assert act(done, slot_id(ANN), reason=None) == []
        assert done.slots[slot_id(ANN)].state == name
        with pytest.raises(Conflict):
            submit(done, ANN)
        with pytest.raises(Conflict):
            act(LABELLED, slot_id(ANN), reason=None)


def test_what_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        claim(None, ANN)
    with pytest.raises(NotFound):
        domain.skip(CLAIMED, slot_id(BEN), reason="x")


def test_every_event_says_the_same_after_the_log() -> None:
    recorded: list[ItemEvent] = [
        ItemQueued(queue_id=QUEUE, dataset_id=QUEUE, example_id=EXAMPLE, known={"category": ("a",)}),
        ItemAssigned(assignment_id=slot_id(ANN), annotator=ANN),
        ItemClaimed(assignment_id=slot_id(ANN), annotator=ANN, until=NOW),
        ItemSubmitted(assignment_id=slot_id(ANN), label_id=EXAMPLE, labelled=1),
        ItemWithdrawn(assignment_id=slot_id(ANN), labelled=0, until=NOW, reason="x"),
        ItemSkipped(assignment_id=slot_id(ANN), reason="x"),
        ItemReleased(assignment_id=slot_id(ANN)),
        ItemAccepted(assignment_id=slot_id(ANN)),
        ItemSentBack(assignment_id=slot_id(ANN), labelled=0, reason="x"),
    ]
    assert {type(event).__name__ for event in recorded} == ITEM.types
    assert [ITEM.decode(type(event).__name__, msgspec.json.encode(event)) for event in recorded] == recorded
