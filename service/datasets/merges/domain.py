"""Merges: started, planned, advanced chunk by chunk, and ended. A fork is the merge that fills a new dataset."""

from typing import Literal, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from service.datasets.examples.domain import Mismatch
from service.errors import Conflict, NotFound
from service.ledger.decider import Decider, Digest, Event, require_state
from service.operations.domain import NotCancellable

MergeKind = Literal["fork", "merge"]
MergeStage = Literal["queued", "running", "succeeded", "failed", "cancelled"]
OPEN_STAGES: tuple[MergeStage, ...] = ("queued", "running")
Side = Literal["ours", "theirs"]


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What to take for an example that both sides changed. It counts as long as the example is as it was at `seq`."""

    example_id: UUID
    take: Literal["ours", "theirs", "content"]
    seq: int
    content: Digest | None = None
    invalid: tuple[Mismatch, ...] = ()
    task_version: int | None = None
    unanswered: bool = False


class MergeBase(msgspec.Struct, frozen=True, kw_only=True):
    """The state that both sides had in common: that of a dataset at a seq."""

    dataset_id: UUID
    """The dataset."""
    seq: int
    """The position in the event log."""


class MergeStarted(Event):
    """What `source_id` was at `moment` comes into `dataset_id`. `decisions` is the digest of a text that lists them."""

    kind: MergeKind
    dataset_id: UUID
    source_id: UUID
    moment: int
    asked_in: str
    version: str | None = None
    decisions: Digest | None = None
    others: Side | None = None
    dry_run: bool = False
    continues: UUID | None = None
    reason: str | None = None


class MergePlanned(Event):
    """So many examples are meant, of the dataset as it was at `seq`. A merge that lost a race is planned again."""

    seq: int
    added: int = 0
    changed: int = 0
    deleted: int = 0
    conflicts: int = 0
    erased: int = 0
    base: MergeBase | None = None


class MergeAdvanced(Event):
    """The planned events up to this number are recorded."""

    through: int


class MergeSucceeded(Event):
    """The counts of the last plan, beside the `earlier` ones. Only a dry run leaves conflicts."""

    added: int = 0
    changed: int = 0
    deleted: int = 0
    conflicts: int = 0
    erased: int = 0
    earlier: int = 0


class MergeFailed(Event):
    """A merge that ended before it was done."""

    code: str
    """A word for programs."""
    detail: str
    """What went wrong, for people."""


class MergeCancelRequested(Event):
    """A worker stops after its chunk; what came over stays."""


class MergeCancelled(Event):
    done: int = 0


MergeEvent = (
    MergeStarted | MergePlanned | MergeAdvanced | MergeSucceeded | MergeFailed | MergeCancelRequested | MergeCancelled
)


class MergeState(msgspec.Struct, frozen=True, kw_only=True):
    """Of the planned events, those up to `through` are recorded, beside `earlier` ones of plans that lost a race."""

    order: MergeStarted
    stage: MergeStage = "queued"
    cancel_requested: bool = False
    plan: MergePlanned | None = None
    through: int = 0
    earlier: int = 0
    failure: MergeFailed | None = None

    @property
    def total(self) -> int:
        return self.plan.added + self.plan.changed + self.plan.deleted if self.plan else 0


def evolve(merge: MergeState | None, event: MergeEvent) -> MergeState:  # noqa: PLR0911 - one return an event
    if isinstance(event, MergeStarted):
        return MergeState(order=event)
    merge = require_state(merge)
    match event:
        case MergePlanned():
            return replace(merge, stage="running", plan=event, earlier=merge.earlier + merge.through, through=0)
        case MergeAdvanced():
            return replace(merge, through=event.through)
        case MergeSucceeded():
            return replace(merge, stage="succeeded")
        case MergeFailed():
            return replace(merge, stage="failed", failure=event)
        case MergeCancelRequested():
            return replace(merge, cancel_requested=True)
        case MergeCancelled():
            return replace(merge, stage="cancelled", cancel_requested=True)
        case _:
            assert_never(event)


MERGE: Decider[MergeState, MergeEvent] = Decider(
    "merge",
    events=(
        MergeStarted,
        MergePlanned,
        MergeAdvanced,
        MergeSucceeded,
        MergeFailed,
        MergeCancelRequested,
        MergeCancelled,
    ),
    evolve=evolve,
)


def finish(merge: MergeState, plan: MergePlanned) -> MergeEvent:
    """The event that ends a merge whose plan is carried out, or is only to be seen; undecided conflicts fail it."""
    if plan.conflicts and not merge.order.dry_run:
        detail = (
            f"{plan.conflicts} examples were changed on both sides and are not decided; nothing of the plan was made. "
            "List them with GET /v1/merges/{id}/conflicts, and send decisions to POST /v1/merges/{id}/decisions."
        )
        return MergeFailed(code="undecided", detail=detail)
    counts = {name: getattr(plan, name) for name in ("added", "changed", "deleted", "conflicts", "erased")}
    return MergeSucceeded(earlier=merge.earlier, **counts)


def cancel(merge: MergeState | None) -> list[MergeEvent]:
    """Stop the merge after its chunk. Raises NotCancellable once it has ended."""
    before = require_merge(merge)
    if before.stage == "cancelled" or (before.cancel_requested and before.stage in OPEN_STAGES):
        return []
    if before.stage not in OPEN_STAGES:
        raise NotCancellable(f"The {before.order.kind} has already {before.stage}.")
    return [MergeCancelRequested()]


def fail(merge: MergeState | None, *, code: str, detail: str) -> list[MergeEvent]:
    before = require_merge(merge)
    return [MergeFailed(code=code, detail=detail)] if before.stage in OPEN_STAGES else []


def require_undecided(merge: MergeState | None) -> MergeState:
    """Return the merge whose conflicts are to be decided. Raises Conflict for one that has none, or still runs."""
    before = require_merge(merge)
    if before.stage in OPEN_STAGES:
        raise Conflict("The merge still runs; decide its conflicts when it has ended.")
    if before.plan is None or not before.plan.conflicts:
        raise Conflict("The merge has no undecided conflicts; start another for what changed since.")
    return before


def require_merge(merge: MergeState | None) -> MergeState:
    if merge is None:
        raise NotFound("No such merge.")
    return merge
