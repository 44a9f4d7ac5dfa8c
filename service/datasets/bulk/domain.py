"""Bulk changes: started, planned, advanced in batches, and ended; each may be undone once by another."""

from typing import Literal, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from service.errors import Conflict, NotFound
from service.ledger.decider import Decider, Digest, Event, require_state
from service.operations.domain import NotCancellable

BulkStage = Literal["queued", "running", "succeeded", "failed", "cancelled"]
OPEN_STAGES: tuple[BulkStage, ...] = ("queued", "running")
SkipReason = Literal[
    "not_found",
    "deleted",
    "erased",
    "withdrawn",
    "changed_since",
    "too_many_tags",
    "no_match",
    "not_json",
    "invalid",
    "pinned",
]
MAX_SAMPLES = 20


class Skip(msgspec.Struct, frozen=True, kw_only=True):
    """An example that was selected and could not be changed."""

    example_id: UUID
    """The example."""
    reason: SkipReason
    """Why it was left as it is."""


class BulkStarted(Event):
    """Events of the change carry the request id `asked_in`. `order` is the digest of a text; `moment` fixes who."""

    dataset_id: UUID
    action: str
    order: Digest
    moment: int
    asked_in: str
    dry_run: bool = False
    undoes: UUID | None = None
    reason: str | None = None


class BulkPlanned(Event):
    """So many examples are meant; `ids` is the digest of a text that lists them, where the filter alone does not.

    `moves` is the digest of a text with the new split of each.
    """

    total: int
    ids: Digest | None = None
    moves: Digest | None = None


class BulkAdvanced(Event):
    """All examples up to `through` were looked at: `done` in this step, of which so many changed."""

    through: UUID
    done: int
    changed: int
    skipped: tuple[Skip, ...] = ()
    samples: tuple[UUID, ...] = ()


class BulkSucceeded(Event):
    """The counts of the whole, and the first that were skipped."""

    changed: int
    unchanged: int
    skipped: int
    first_skipped: tuple[Skip, ...] = ()


class BulkFailed(Event):
    """A bulk change that ended before it was done."""

    code: str
    """A word for programs."""
    detail: str
    """What went wrong, for people."""


class BulkCancelRequested(Event):
    """A worker stops after its batch; what was changed stays changed, and can be undone."""


class BulkCancelled(Event):
    changed: int = 0


class BulkUndoStarted(Event):
    undo_id: UUID


BulkEvent = (
    BulkStarted
    | BulkPlanned
    | BulkAdvanced
    | BulkSucceeded
    | BulkFailed
    | BulkCancelRequested
    | BulkCancelled
    | BulkUndoStarted
)


class BulkState(msgspec.Struct, frozen=True, kw_only=True):
    dataset_id: UUID
    action: str
    order: Digest
    moment: int
    asked_in: str
    dry_run: bool
    undoes: UUID | None
    reason: str | None
    stage: BulkStage = "queued"
    cancel_requested: bool = False
    total: int | None = None
    ids: Digest | None = None
    moves: Digest | None = None
    through: UUID | None = None
    done: int = 0
    changed: int = 0
    skipped: tuple[Skip, ...] = ()
    samples: tuple[UUID, ...] = ()
    failure: BulkFailed | None = None
    undo_ids: tuple[UUID, ...] = ()

    @property
    def unchanged(self) -> int:
        return self.done - self.changed - len(self.skipped)


def evolve(bulk: BulkState | None, event: BulkEvent) -> BulkState:  # noqa: PLR0911 - one return an event
    if isinstance(event, BulkStarted):
        return BulkState(**{name: getattr(event, name) for name in BulkStarted.__struct_fields__})
    bulk = require_state(bulk)
    match event:
        case BulkPlanned():
            return replace(bulk, stage="running", total=event.total, ids=event.ids, moves=event.moves)
        case BulkAdvanced():
            return replace(
                bulk,
                through=event.through,
                done=bulk.done + event.done,
                changed=bulk.changed + event.changed,
                skipped=bulk.skipped + event.skipped,
                samples=bulk.samples + event.samples,
            )
        case BulkSucceeded():
            return replace(bulk, stage="succeeded")
        case BulkFailed():
            return replace(bulk, stage="failed", failure=event)
        case BulkCancelRequested():
            return replace(bulk, cancel_requested=True)
        case BulkCancelled():
            return replace(bulk, stage="cancelled", cancel_requested=True)
        case BulkUndoStarted():
            return replace(bulk, undo_ids=(*bulk.undo_ids, event.undo_id))
        case _:
            assert_never(event)


BULK: Decider[BulkState, BulkEvent] = Decider(
    "bulk",
    events=(
        BulkStarted,
        BulkPlanned,
        BulkAdvanced,
        BulkSucceeded,
        BulkFailed,
        BulkCancelRequested,
        BulkCancelled,
        BulkUndoStarted,
    ),
    evolve=evolve,
)


def finish(bulk: BulkState) -> BulkEvent:
    """The event that ends a change which has looked at all of its examples."""
    return BulkSucceeded(
        changed=bulk.changed,
        unchanged=bulk.unchanged,
        skipped=len(bulk.skipped),
        first_skipped=bulk.skipped[:MAX_SAMPLES],
    )


def cancel(bulk: BulkState | None) -> list[BulkEvent]:
    """Stop the change after its batch. Raises NotCancellable once it has ended."""
    before = require_bulk(bulk)
    if before.stage == "cancelled" or (before.cancel_requested and before.stage in OPEN_STAGES):
        return []
    if before.stage not in OPEN_STAGES:
        raise NotCancellable(f"The bulk change has already {before.stage}.")
    return [BulkCancelRequested()]


def fail(bulk: BulkState | None, *, code: str, detail: str) -> list[BulkEvent]:
    before = require_bulk(bulk)
    return [BulkFailed(code=code, detail=detail)] if before.stage in OPEN_STAGES else []


def check_undoable(bulk: BulkState | None, *, open_undo: UUID | None) -> BulkState:
    """Return the change to undo. Raises Conflict while it runs, when it changed nothing, or was undone."""
    before = require_bulk(bulk)
    if before.stage in OPEN_STAGES:
        raise Conflict("The bulk change still runs; cancel it, or undo it when it has ended.")
    if before.dry_run or not before.changed:
        raise Conflict("The bulk change has changed nothing; there is nothing to undo.")
    if open_undo is not None:
        raise Conflict(f"The bulk change was undone by {open_undo}; undo that one to make the change again.")
    return before


def require_bulk(bulk: BulkState | None) -> BulkState:
    if bulk is None:
        raise NotFound("No such bulk change.")
    return bulk
