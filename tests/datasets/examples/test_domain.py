"""What may happen to an example, on plain values."""

from typing import Any
from uuid import UUID

import msgspec
import pytest

from service.datasets.examples import domain as decide
from service.datasets.examples.domain import (
    CLEARED,
    EXAMPLE,
    ExampleAdded,
    ExampleDeleted,
    ExampleEdited,
    ExampleErased,
    ExampleEvent,
    ExampleLabelled,
    ExampleMerged,
    ExampleMoved,
    ExampleRated,
    ExampleRepaired,
    ExampleRestored,
    ExampleState,
    ExampleWithdrawn,
    Mismatch,
    at_revision,
    evolve,
    restore,
)
from service.datasets.examples.ratings import ExampleLabel, PassFail, Rating, Stars, Vote
from service.datasets.examples.sources import Source
from service.errors import Conflict, NotFound, Unprocessable
from service.ledger.decider import PENDING, StreamState

DATASET_ID = UUID(int=7)
IMPORT_ID = UUID(int=8)
OLD, NEW, ASKED, META = "aa" * 32, "bb" * 32, "cc" * 32, "dd" * 32
FOUR, TWO = (Rating(overall=Stars(value=value)) for value in (4, 2))
LABEL = ExampleLabel(answers={"category": ("sports",)}, rule="majority")
FAULT = (Mismatch(pointer="/zeta", code="required"),)


def added(**more: Any) -> ExampleAdded:
    return ExampleAdded(dataset_id=DATASET_ID, content=OLD, split="train", source=Source(type="human"), **more)


def after(*events: ExampleEvent) -> ExampleState:
    state: ExampleState | None = None
    for event in events:
        state = evolve(state, event)
    assert state is not None
    return state


def at(state: ExampleState, version: int) -> StreamState[ExampleState]:
    moment: dict[str, Any] = {"created_at": PENDING, "updated_at": PENDING, "created_by": "a", "updated_by": "a"}
    return StreamState(id=UUID(int=1), state=state, version=version, seq=version, **moment)


RATED = after(added(), ExampleRated(rater="ann", rating=FOUR, score=4.0))
DELETED = after(added(), ExampleDeleted())


@pytest.mark.parametrize("example", [None, DELETED])
def test_an_example_that_is_not_there_is_not_changed(example: ExampleState | None) -> None:
    with pytest.raises(NotFound):
        decide.edit(example, content=NEW)
    with pytest.raises(NotFound):
        decide.rate(example, rating=FOUR, rater="ann")
    with pytest.raises(NotFound):
        decide.repair(example, content=NEW, replacing=OLD, instruction=ASKED)


def test_an_edit_records_only_what_differs() -> None:
    example = after(added(tags=("a",), metadata=META))
    assert decide.edit(example, content=OLD, tags=("a", "b"), metadata=META, reason="more") == [
        ExampleEdited(tags=("a", "b"), reason="more")
    ]


def test_repeating_an_edit_records_nothing() -> None:
    example = after(added(tags=("a",), metadata=META))
    assert decide.edit(example, content=OLD, tags=("a",), metadata=META, reason="again") == []
    assert decide.edit(after(added()), metadata=CLEARED) == []
    assert decide.edit(example) == []


def test_an_edit_can_empty_tags_and_metadata() -> None:
    example = after(added(tags=("a",), metadata=META))
    [event] = decide.edit(example, tags=(), metadata=CLEARED)
    emptied = evolve(example, event)
    assert (emptied.tags, emptied.metadata, emptied.content) == ((), None, OLD)


def test_a_new_content_ends_ratings_repair_and_marks_of_the_old_one() -> None:
    example = after(
        added(invalid=FAULT),
        ExampleRepaired(content=NEW, replaced=OLD, instruction=ASKED, invalid=FAULT),
        ExampleRated(rater="ann", rating=FOUR, score=4.0),
    )
    [event] = decide.edit(example, content=META, task_version=3)
    edited = evolve(example, event)
    assert (edited.ratings, edited.score, edited.replaced, edited.instruction, edited.invalid) == (
        {},
        None,
        None,
        None,
        (),
    )
    assert isinstance(event, ExampleEdited)
    assert event.task_version == 3


def test_an_edit_of_tags_leaves_ratings_repair_and_marks() -> None:
    example = after(
        added(),
        ExampleRepaired(content=NEW, replaced=OLD, instruction=ASKED, invalid=FAULT),
        ExampleRated(rater="ann", rating=FOUR, score=4.0),
    )
    [event] = decide.edit(example, content=NEW, tags=("a",), task_version=3)
    edited = evolve(example, event)
    assert event == ExampleEdited(tags=("a",))
    assert (edited.score, edited.replaced, edited.invalid) == (4.0, OLD, FAULT)


def test_each_rater_has_one_rating_and_the_score_is_their_mean() -> None:
    [event] = decide.rate(RATED, rating=TWO, rater="ben", reason="dull")
    assert event == ExampleRated(rater="ben", rating=TWO, score=3.0, reason="dull")
    [again] = decide.rate(evolve(RATED, event), rating=TWO, rater="ann")
    assert evolve(evolve(RATED, event), again).ratings == {"ann": TWO, "ben": TWO}
    assert evolve(evolve(RATED, event), again).score == 2.0


def test_repeating_a_rating_records_nothing() -> None:
    assert decide.rate(RATED, rating=FOUR, rater="ann", reason="still good") == []


def test_a_rating_without_a_mark_is_refused() -> None:
    with pytest.raises(Unprocessable, match="needs"):
        decide.rate(RATED, rating=Rating(), rater="ann")


def test_a_rating_given_when_an_example_is_added_is_its_raters() -> None:
    example = after(added(rater="ann", rating=FOUR, score=4.0))
    assert (example.ratings, example.score) == ({"ann": FOUR}, 4.0)
    assert decide.rate(example, rating=FOUR, rater="ann") == []


def test_a_repair_keeps_what_it_replaced_and_ends_the_ratings_of_it() -> None:
    [event] = decide.repair(RATED, content=NEW, replacing=OLD, instruction=ASKED, invalid=FAULT, reason="longer")
    repaired = evolve(RATED, event)
    assert (repaired.content, repaired.replaced, repaired.instruction) == (NEW, OLD, ASKED)
    assert (repaired.ratings, repaired.score, repaired.invalid) == ({}, None, FAULT)


def test_repeating_a_repair_records_nothing() -> None:
    repaired = after(added(), ExampleRepaired(content=NEW, replaced=OLD, instruction=ASKED))
    assert decide.repair(repaired, content=NEW, replacing=NEW, instruction=ASKED) == []
    assert decide.repair(repaired, content=NEW, replacing=OLD, instruction=ASKED) == []


def test_a_repair_of_words_that_somebody_changed_meanwhile_is_refused() -> None:
    edited = after(added(), ExampleEdited(content=META))
    with pytest.raises(Conflict, match="edited"):
        decide.repair(edited, content=NEW, replacing=OLD, instruction=ASKED)


def test_a_restore_brings_back_every_field() -> None:
    marked = Rating(requirements={"tone": PassFail(value="pass")})
    then = after(added(tags=("a",), metadata=META, invalid=FAULT), ExampleRated(rater="ann", rating=marked, score=5.0))
    now = evolve(then, ExampleEdited(content=NEW, tags=(), metadata=CLEARED, invalid=()))
    [event] = restore(now, then=then, revision=2, reason="it was better")
    assert evolve(now, event) == then
    assert isinstance(event, ExampleRestored)
    assert (event.revision, event.reason) == (2, "it was better")


def test_a_restore_brings_back_a_deleted_example() -> None:
    [event] = restore(DELETED, then=after(added()), revision=1)
    assert evolve(DELETED, event) == after(added())


def test_restoring_what_is_there_records_nothing() -> None:
    assert restore(RATED, then=RATED, revision=2) == []


def test_a_deletion_cannot_be_restored() -> None:
    with pytest.raises(Unprocessable, match="deletion"):
        restore(after(added()), then=DELETED, revision=2)


def test_what_never_was_cannot_be_restored_nor_deleted() -> None:
    with pytest.raises(NotFound):
        restore(None, then=RATED, revision=1)
    with pytest.raises(NotFound):
        decide.delete(None)


def test_an_example_taken_back_with_its_import_stays_away() -> None:
    withdrawn = after(added(external_id="x"), ExampleWithdrawn(import_id=IMPORT_ID))
    assert (withdrawn.deleted, withdrawn.external_id) == (True, None)
    with pytest.raises(Conflict, match="import"):
        restore(withdrawn, then=after(added()), revision=1)
    with pytest.raises(NotFound):
        decide.rate(withdrawn, rating=FOUR, rater="ann")


def test_deleting_again_records_nothing() -> None:
    assert decide.delete(RATED, reason="old") == [ExampleDeleted(reason="old")]
    assert decide.delete(DELETED, reason="old") == []


def test_a_revision_that_is_not_there_yet_is_refused_with_its_field() -> None:
    assert at_revision(at(RATED, 2), 2) is RATED
    with pytest.raises(Unprocessable) as refused:
        at_revision(at(RATED, 2), 3)
    assert refused.value.errors[0].pointer == "/version"
    with pytest.raises(NotFound):
        at_revision(None, 1)


def test_every_event_says_the_same_after_the_log() -> None:
    recorded: list[ExampleEvent] = [
        added(tags=("a",), rater="ann", rating=FOUR, score=4.0, invalid=FAULT, external_id="x"),
        ExampleEdited(tags=(), metadata=CLEARED, invalid=()),
        ExampleRated(rater="ann", rating=Rating(requirements={"tone": PassFail(value="fail")}), score=2.0),
        ExampleRepaired(content=NEW, replaced=OLD, instruction=ASKED, invalid=FAULT),
        ExampleLabelled(label=LABEL, votes=(Vote(annotator="ann", answers=LABEL.answers, weight=0.5),)),
        ExampleMoved(split="test", bulk_id=IMPORT_ID),
        ExampleRestored(revision=1, content=OLD, tags=("a",), ratings={"ann": FOUR}, score=4.0, split="test"),
        ExampleMerged(merge_id=IMPORT_ID, source_id=IMPORT_ID, source_version=2, content=NEW, split="test", score=4.0),
        ExampleDeleted(reason="old"),
        ExampleWithdrawn(import_id=IMPORT_ID),
        ExampleErased(erasure_id=IMPORT_ID),
    ]
    assert {type(event).__name__ for event in recorded} == EXAMPLE.types
    for event in recorded:
        assert EXAMPLE.decode(type(event).__name__, msgspec.json.encode(event)) == event
