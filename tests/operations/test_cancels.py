"""What may be cancelled, on plain values."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest

from service.ledger.store import Caller, Ledger
from service.operations.cancel_registry import needs_cancel
from service.operations.domain import NotCancellable, Operation, Progress


async def never(_: Ledger, __: Caller, ___: UUID) -> None:
    raise AssertionError


CANCELS = {"import": never}
RUNNING = Operation(
    id=UUID(int=1),
    kind="import",
    state="running",
    progress=Progress(done=1, total=None, unit="rows"),
    result=None,
    error=None,
    resource=None,
    cancel_requested=False,
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    created_by="ada",
    updated_at=datetime(2026, 1, 1, tzinfo=UTC),
    finished_at=None,
)


def test_what_runs_can_be_asked_to_stop() -> None:
    assert needs_cancel(RUNNING, CANCELS)


def test_asking_again_asks_nobody() -> None:
    assert not needs_cancel(msgspec.structs.replace(RUNNING, cancel_requested=True), CANCELS)
    assert not needs_cancel(msgspec.structs.replace(RUNNING, state="cancelled"), CANCELS)


@pytest.mark.parametrize("state", ["succeeded", "failed"])
def test_what_has_ended_otherwise_says_so(state: str) -> None:
    with pytest.raises(NotCancellable, match=state):
        needs_cancel(msgspec.structs.replace(RUNNING, state=state, cancel_requested=True), CANCELS)


def test_a_kind_without_a_way_to_stop_says_so() -> None:
    with pytest.raises(NotCancellable, match="export"):
        needs_cancel(msgspec.structs.replace(RUNNING, kind="export"), CANCELS)
