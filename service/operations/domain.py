"""Operations: work that outlives its request. The streams that do the work say how far it is; here it is only shown."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from service.errors import Conflict

OperationState = Literal["queued", "running", "succeeded", "failed", "cancelled"]
FINISHED: frozenset[OperationState] = frozenset({"succeeded", "failed", "cancelled"})


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
