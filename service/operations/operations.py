"""Operations: work that outlives its request. The streams that do the work say how far it is; here it is only shown."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from service.errors import Conflict
from service.ledger.store import Caller, Ledger

OperationState = Literal["queued", "running", "succeeded", "failed", "cancelled"]
FINISHED: frozenset[OperationState] = frozenset({"succeeded", "failed", "cancelled"})

# By kind: asks the stream behind an operation to stop. It may still end well.
Cancels = Mapping[str, Callable[[Ledger, Caller, UUID], Awaitable[object]]]


class NotCancellable(Conflict):
    """The operation cannot be cancelled"""

    code = "not_cancellable"


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How much is done; `total` is null while it is not known. `unit` says of what: `rows`, `bytes`."""

    done: int
    total: int | None
    unit: str


class OperationError(msgspec.Struct, frozen=True, kw_only=True):
    """Why it failed: `code` is stable and for programs, `detail` for people."""

    code: str
    detail: str


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """Work in the background. `resource` is the path of what it makes; `result` is there once it has succeeded."""

    id: UUID
    kind: str
    state: OperationState
    progress: Progress
    result: dict[str, Any] | None
    error: OperationError | None
    resource: str | None
    cancel_requested: bool
    created_at: datetime
    created_by: str
    updated_at: datetime
    finished_at: datetime | None

    @property
    def finished(self) -> bool:
        return self.state in FINISHED


def require_cancellable(operation: Operation, cancels: Cancels) -> bool:
    """Whether there is anything left to ask for. Raises NotCancellable when it has ended otherwise, or never can be."""
    if operation.state == "cancelled" or (operation.cancel_requested and not operation.finished):
        return False
    if operation.finished:
        raise NotCancellable(f"The operation has already {operation.state}.")
    if operation.kind not in cancels:
        raise NotCancellable(f"An operation of the kind {operation.kind} cannot be cancelled.")
    return True
