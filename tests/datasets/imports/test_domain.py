"""What may happen to an import, on plain values: in whole, or not at all."""

from typing import Any
from uuid import UUID

import pytest

from service.datasets.imports import domain as decide
from service.datasets.imports.domain import (
    ImportAdvanced,
    ImportCancelled,
    ImportCancelRequested,
    ImportEvent,
    ImportFailed,
    ImportStaged,
    ImportStarted,
    ImportState,
    ImportSucceeded,
    OnError,
    evolve,
)
from service.errors import NotFound
from service.operations.domain import NotCancellable

STAGED = ImportStaged(rows=10, bad=0, bytes=99)
SOME_BAD = ImportStaged(rows=8, bad=2, bytes=99, errors=("aa",))
ADVANCED = ImportAdvanced(through=6, added=4)
BROKEN = ImportFailed(code="malformed", detail="not JSON", line=3)
ENDS: tuple[ImportEvent, ...] = (
    ImportSucceeded(added=4, duplicates=6),
    ImportFailed(code="bad_rows", detail="2 of 10"),
    ImportCancelled(),
)


def after(*events: ImportEvent, on_error: OnError = "abort") -> ImportState:
    started = ImportStarted(
        dataset_id=UUID(int=7), format="alpaca", on_error=on_error, asked_by="ann", asked_in="r1", name="a.json"
    )
    state = evolve(None, started)
    for event in events:
        state = evolve(state, event)
    return state


def test_a_good_file_waits_to_be_added() -> None:
    assert decide.finish_upload(after(), staging=STAGED) == [STAGED]
    waiting = after(STAGED)
    assert (waiting.state, waiting.rows, waiting.bad, waiting.bytes) == ("staged", 10, 0, 99)


def test_one_bad_row_ends_an_import_that_aborts() -> None:
    [event] = decide.finish_upload(after(), staging=SOME_BAD)
    assert isinstance(event, ImportFailed)
    assert (event.code, event.rows, event.bad, event.errors) == ("bad_rows", 8, 2, ("aa",))
    ended = after(event)
    assert (ended.state, ended.bad, ended.errors, ended.added) == ("failed", 2, ("aa",), 0)


def test_bad_rows_are_skipped_when_that_was_asked_for() -> None:
    assert decide.finish_upload(after(on_error="skip"), staging=SOME_BAD) == [SOME_BAD]
    [none_good] = decide.finish_upload(after(on_error="skip"), staging=ImportStaged(rows=0, bad=2, bytes=99))
    assert isinstance(none_good, ImportFailed)
    assert none_good.code == "bad_rows"


def test_a_file_that_came_too_late_changes_nothing() -> None:
    assert decide.finish_upload(after(ImportCancelled()), staging=STAGED) == []
    assert decide.finish_upload(after(BROKEN), staging=STAGED) == []


def test_an_import_fails_only_while_nothing_of_it_is_in() -> None:
    assert decide.fail(after(), failure=BROKEN) == [BROKEN]
    assert decide.fail(after(STAGED), failure=BROKEN) == [BROKEN]
    assert decide.fail(after(STAGED, ADVANCED), failure=BROKEN) == []


def test_what_was_there_before_counts_as_duplicates() -> None:
    through = after(STAGED, ADVANCED, ImportAdvanced(through=10, added=7))
    [event] = decide.finish(through)
    assert event == ImportSucceeded(added=7, duplicates=3)
    ended = evolve(through, event)
    assert (ended.state, ended.added, ended.reconciled.unchanged) == ("succeeded", 7, 3)


@pytest.mark.parametrize("end", ENDS)
def test_what_has_ended_stays_as_it_ended(end: ImportEvent) -> None:
    ended = after(STAGED, end)
    assert decide.finish(ended) == []
    assert decide.fail(ended, failure=BROKEN) == []
    assert decide.fail_staging(ended, detail="gone") == []
    assert decide.finish_withdrawal(ended, examples=4) == []
    assert decide.finish_upload(ended, staging=STAGED) == []


def test_a_cancel_ends_at_once_what_has_added_nothing() -> None:
    assert decide.cancel(after()) == [ImportCancelled()]
    assert decide.cancel(after(STAGED)) == [ImportCancelled()]


def test_a_cancel_half_way_takes_everything_back_first() -> None:
    [event] = decide.cancel(after(STAGED, ADVANCED))
    stopping = after(STAGED, ADVANCED, event)
    assert (event, stopping.state) == (ImportCancelRequested(), "withdrawing")
    assert decide.cancel(stopping) == []
    assert decide.finish(stopping) == []
    [end] = decide.finish_withdrawal(stopping, examples=4)
    assert end == ImportCancelled(withdrawn=4)
    assert (evolve(stopping, end).state, evolve(stopping, end).added) == ("cancelled", 0)


@pytest.mark.parametrize("end", ENDS[:2])
def test_what_has_ended_otherwise_cannot_be_cancelled(end: ImportEvent) -> None:
    with pytest.raises(NotCancellable):
        decide.cancel(after(STAGED, end))
    assert decide.cancel(after(ImportCancelled())) == []


def test_rows_that_are_lost_fail_the_import_and_take_back_what_is_in() -> None:
    [at_once] = decide.fail_staging(after(STAGED), detail="gone")
    assert at_once == ImportFailed(code="staging_lost", detail="gone")
    [event] = decide.fail_staging(after(STAGED, ADVANCED), detail="gone")
    losing = after(STAGED, ADVANCED, event)
    [end] = decide.finish_withdrawal(losing, examples=4)
    assert end == ImportFailed(code="staging_lost", detail="gone")
    assert evolve(losing, end).added == 0
    assert decide.fail_staging(after(), detail="gone") == []


def test_an_import_that_never_was_is_refused() -> None:
    decisions: list[Any] = [decide.finish, decide.cancel]
    for decision in decisions:
        with pytest.raises(NotFound):
            decision(None)
    with pytest.raises(NotFound):
        decide.fail(None, failure=BROKEN)
