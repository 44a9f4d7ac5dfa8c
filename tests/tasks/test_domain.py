"""Task definitions, decided on plain values."""

from typing import Any

import msgspec
import pytest

from service.errors import Invalid, NotFound
from service.tasks.domain import (
    TASK,
    Requirement,
    TaskCreated,
    TaskEdited,
    TaskEvent,
    TaskState,
    create,
    edit,
    evolve,
    find_faults,
)

NEWS = TaskState(
    name="news",
    instruction="Name the category of the headline.",
    categories=("sports", "politics"),
    fallback_category="UNABLE_TO_CLASSIFY",
    output_schema={"type": "object", "properties": {"n": {"const": 1}}},
)


def replayed(*events: TaskEvent) -> TaskState | None:
    """The state after events that went through the log as JSON."""
    task: TaskState | None = None
    for event in events:
        task = evolve(task, TASK.decode(type(event).__name__, msgspec.json.encode(event)))
    return task


def test_a_task_comes_back_from_its_events_as_it_was_defined() -> None:
    [created] = create(NEWS)
    assert isinstance(created, TaskCreated)
    assert replayed(created) == NEWS


def test_an_edit_says_only_what_it_changed() -> None:
    [edited] = edit(NEWS, {"instruction": "Do better.", "name": "news", "input_schema": None}, reason="too vague")
    assert edited == TaskEdited(changed=("instruction",), instruction="Do better.", reason="too vague")


def test_what_an_edit_empties_is_empty_afterwards() -> None:
    [created] = create(NEWS)
    [edited] = edit(NEWS, {"fallback_category": None, "categories": [], "output_schema": None}, reason=None)
    after = replayed(created, edited)
    assert after == msgspec.structs.replace(NEWS, fallback_category=None, categories=(), output_schema=None)


def test_repeating_an_edit_records_nothing() -> None:
    assert edit(NEWS, {"name": "news", "categories": ["sports", "politics"]}, reason="again") == []


def test_one_and_true_are_different_in_a_schema() -> None:
    [edited] = edit(NEWS, {"output_schema": {"type": "object", "properties": {"n": {"const": True}}}}, reason=None)
    assert isinstance(edited, TaskEdited)
    assert edited.changed == ("output_schema",)


def test_a_task_that_does_not_exist_cannot_be_edited() -> None:
    with pytest.raises(NotFound):
        edit(None, {"name": "x"}, reason=None)


def test_an_edit_must_leave_the_task_valid() -> None:
    with pytest.raises(Invalid) as refused:
        edit(NEWS, {"categories": []}, reason=None)
    assert [fault.pointer for fault in refused.value.errors] == ["/fallback_category"]


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"categories": ("a", "b", "a")}, ["/categories/2"]),
        ({"categories": (), "fallback_category": "NONE"}, ["/fallback_category"]),
        ({"requirements": [Requirement(name="tone", instruction=str(n)) for n in range(2)]}, ["/requirements/1/name"]),
        ({"input_schema": {"type": "nope"}}, ["/input_schema/type"]),
        (
            {"categories": ("a", "a"), "output_schema": {"items": {"$ref": "file:///x"}}},
            ["/categories/1", "/output_schema/items/$ref"],
        ),
    ],
)
def test_every_fault_of_a_definition_is_told_with_its_place(changes: dict[str, Any], pointers: list[str]) -> None:
    assert [fault.pointer for fault in find_faults(msgspec.structs.replace(NEWS, **changes))] == pointers


def test_the_fallback_may_also_be_one_of_the_categories() -> None:
    assert find_faults(msgspec.structs.replace(NEWS, categories=("sports", "OTHER"), fallback_category="OTHER")) == []
