"""What may happen to a dataset, on plain values."""

from typing import Any
from uuid import UUID

import pytest

from service.datasets import domain as decide
from service.datasets.domain import (
    DatasetCreated,
    DatasetEdited,
    DatasetEvent,
    DatasetState,
    DatasetVersionFrozen,
    SplitPolicyChanged,
    evolve,
)
from service.datasets.splits import SplitPolicy
from service.errors import Conflict, NotFound, Unprocessable

TASK_ID = UUID(int=3)
HALVES = SplitPolicy(train=0.5, validation=0.5, test=0.0)


def after(*events: DatasetEvent) -> DatasetState:
    state: DatasetState | None = None
    for event in (DatasetCreated(name="news"), *events):
        state = evolve(state, event)
    assert state is not None
    return state


def frozen(**changes: Any) -> DatasetVersionFrozen:
    values: dict[str, Any] = {"name": "v1", "moment": 9, "digest": "aa", "examples": 1, "splits": {"train": 1}}
    return DatasetVersionFrozen(**values | changes)


def test_what_is_created_is_what_was_asked_for() -> None:
    [event] = decide.create(name="news", description="of 2026", task_id=TASK_ID, split_policy=HALVES)
    dataset = evolve(None, event)
    assert dataset == DatasetState(name="news", description="of 2026", task_id=TASK_ID, split_policy=HALVES)


def test_a_dataset_is_not_created_with_shares_that_do_not_sum_to_one() -> None:
    with pytest.raises(Unprocessable):
        decide.create(name="news", split_policy=SplitPolicy(train=0.9, validation=0.9, test=0.0))


def test_an_edit_records_only_what_differs() -> None:
    assert decide.edit(after(), name="news", description="x", task_id=None, reason="why") == [
        DatasetEdited(description="x", reason="why")
    ]
    assert decide.edit(after(), name="news", reason="why") == []


def test_an_edit_leaves_what_it_does_not_name() -> None:
    edited = after(DatasetEdited(task_id=TASK_ID), DatasetEdited(name="old news"))
    assert (edited.name, edited.task_id, edited.description) == ("old news", TASK_ID, "")


def test_a_split_policy_is_changed_once_and_must_be_whole() -> None:
    [event] = decide.change_split_policy(after(), split_policy=HALVES, reason="no test")
    assert event == SplitPolicyChanged(split_policy=HALVES, reason="no test")
    assert decide.change_split_policy(after(event), split_policy=HALVES) == []
    with pytest.raises(Unprocessable):
        decide.change_split_policy(after(), split_policy=SplitPolicy(train=0.0, validation=0.0, test=0.0))


def test_a_version_is_frozen_once() -> None:
    [event] = decide.freeze(after(), frozen=frozen(), unfinished=None)
    assert after(event).versions == {"v1"}
    with pytest.raises(Conflict) as refused:
        decide.freeze(after(event), frozen=frozen(moment=10), unfinished=None)
    assert (refused.value.errors[0].pointer, refused.value.errors[0].code) == ("/name", "taken")
    assert decide.freeze(after(event), frozen=frozen(name="v2"), unfinished=None) == [frozen(name="v2")]


def test_an_empty_version_is_refused() -> None:
    with pytest.raises(Unprocessable, match="needs at least one"):
        decide.freeze(after(), frozen=frozen(examples=0, splits={}), unfinished=None)


def test_nothing_is_frozen_while_an_import_is_half_way_in() -> None:
    with pytest.raises(Conflict, match="Import 1 is adding examples"):
        decide.freeze(after(), frozen=frozen(), unfinished="Import 1 is adding examples")


def test_a_dataset_that_never_was_is_not_changed() -> None:
    with pytest.raises(NotFound):
        decide.edit(None, name="news")
    with pytest.raises(NotFound):
        decide.change_split_policy(None, split_policy=HALVES)
    with pytest.raises(NotFound):
        decide.freeze(None, frozen=frozen(), unfinished=None)
