"""Operations: work that outlives its request. The streams that do the work say how far it is; here it is only shown."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from service.errors import Conflict, Fault

OperationState = Literal["queued", "running", "succeeded", "failed", "cancelled"]
FINISHED: frozenset[OperationState] = frozenset({"succeeded", "failed", "cancelled"})


class NotCancellable(Conflict):
    """The operation cannot be cancelled"""

    code = "not_cancellable"


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How much of the work is done."""

    done: int
    """Units done so far."""
    total: int | None
    """Units in all. Null while unknown."""
    unit: str
    """What is counted, such as `rows` or `bytes`."""


class OperationError(msgspec.Struct, frozen=True, kw_only=True):
    """Why the operation failed."""

    code: str
    """Stable, for programs."""
    detail: str
    """What went wrong, for people."""
    errors: tuple[Fault, ...] = ()
    """The first faults of the rows, with their lines. Lists of operations leave them out."""


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """Work in the background."""

    id: UUID
    """The operation's id."""
    kind: str
    """What kind of work, such as `import`."""
    state: OperationState
    """`succeeded`, `failed` and `cancelled` are final."""
    progress: Progress
    """How much is done."""
    result: dict[str, Any] | None
    """What it produced. Null until it has succeeded."""
    error: OperationError | None
    """Why it failed. Null unless it failed."""
    resource: str | None
    """Path of what it creates or changes. Null when there is none."""
    cancel_requested: bool
    """True once a cancel was requested. The operation may still succeed."""
    created_at: datetime
    """When the work was requested."""
    created_by: str
    """Name of the member who requested it."""
    updated_at: datetime
    """When it last changed."""
    finished_at: datetime | None
    """When it ended. Null until then."""

    @property
    def finished(self) -> bool:
        return self.state in FINISHED
