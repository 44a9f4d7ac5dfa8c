"""What a caller sends to fork and to merge, and what a merge and its conflicts look like."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from service.datasets.examples.chat_content import Content
from service.datasets.merges.domain import MergeFailed, MergeKind, MergeStage, MergeState
from service.datasets.merges.domain import Side as MergeSide
from service.datasets.merges.three_way import GROUPS, Group
from service.datasets.versions.diff import Side, to_side
from service.errors import Fault, Invalid
from service.http.bodies import Body, Name, Reason, Text
from service.http.pagination import Page
from service.ledger.decider import StreamState

MAX_DECISIONS = 20_000


class ForkDataset(Body):
    """What the new dataset is called, and which state of this one it begins with."""

    name: Annotated[Name, msgspec.Meta(description="Unique in the workspace.")]
    description: Text | None = None
    """Notes for people; by default those of this dataset."""
    at: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None = None
    """A version, which has its examples alone, an RFC 3339 time or a seq. Default: now."""
    reason: Reason | None = None
    """Why; shown in the history of each example that a merge changes."""


class MergeDecision(Body):
    """What to take for one example that both sides changed."""

    example_id: UUID
    """The example of this dataset, as the conflict names it."""
    take: Literal["ours", "theirs", "content"]
    """Ours is this dataset, theirs the one that is merged into it. `content` takes the content given here."""
    content: Content | None = None
    """The content to take, with `content`. Other fields that both sides changed stay as ours."""


class Decide(Body):
    """Decisions about conflicts."""

    decisions: Annotated[list[MergeDecision], msgspec.Meta(max_length=MAX_DECISIONS)] = []
    """Example by example. A decision counts as long as our example is as it is now."""
    others: MergeSide | None = None
    """What to take for all other conflicts. Default: nothing; a merge with undecided conflicts changes nothing."""

    def check_decisions(self) -> None:
        """Raises Invalid for content without `content`, the other way round, and for an example decided twice."""
        faults, seen = [], set[UUID]()
        for number, decision in enumerate(self.decisions):
            if (decision.content is not None) != (decision.take == "content"):
                detail = "Send content with `take: content`, and only then."
                faults.append(Fault(pointer=f"/decisions/{number}/content", detail=detail, code="required"))
            if decision.example_id in seen:
                detail = "This example is decided twice."
                faults.append(Fault(pointer=f"/decisions/{number}/example_id", detail=detail, code="repeated"))
            seen.add(decision.example_id)
        if faults:
            raise Invalid("The decisions are invalid; see `errors`.", errors=faults)


class StartMerge(Decide, kw_only=True):
    """What to merge into the dataset, and what to take where both sides changed an example."""

    source_id: UUID
    """The dataset whose changes come over: a fork of this one, or the one that this was forked from."""
    dry_run: bool = False
    """Whether only to count what would come over, and to list the conflicts."""
    reason: Reason | None = None
    """Why; shown in the history of each example."""


class Merge(msgspec.Struct, frozen=True, kw_only=True):
    """A merge, or the fork that made a dataset, as one operation with the same id. Counts are of the last plan."""

    id: UUID
    """The id of the merge and of its operation."""
    kind: MergeKind
    """`fork` for that which filled a new dataset."""
    dataset_id: UUID
    """The dataset that examples come into."""
    source_id: UUID
    """The dataset that they come from."""
    moment: int
    """The position in the event log whose state comes over."""
    dry_run: bool
    """Whether it only counts."""
    state: MergeStage
    """How far it is."""
    added: int
    """How many examples are added."""
    changed: int
    """How many are changed."""
    deleted: int
    """How many are deleted."""
    conflicts: int
    """How many were changed on both sides and are not decided."""
    erased: int
    """How many were erased on one side; these stay as they are."""
    done: int
    """How many examples have been added, changed or deleted so far."""
    continues: UUID | None
    """The merge whose decisions it goes on with."""
    failure: MergeFailed | None
    """Why it failed; null unless it did."""
    reason: str | None
    """Why it was made."""
    created_at: datetime
    """When it was requested."""
    created_by: str
    """Who requested it."""
    updated_at: datetime
    """When it last went on."""


class MergePage(Page[Merge], frozen=True, kw_only=True):
    """One page of merges into a dataset, the newest first."""


class MergeConflict(msgspec.Struct, frozen=True, kw_only=True):
    """An example that both sides changed. A side is null where the example was deleted or never was."""

    example_id: UUID
    """The example of this dataset; decisions name it."""
    source_example_id: UUID
    """Its counterpart in the other dataset."""
    fields: list[Group | Literal["deleted"]]
    """What both changed: the answer with its ratings and label, tags, metadata, split; or one of them deleted it."""
    base: Side | None
    """What it was when both sides were the same. Null if both added it."""
    ours: Side | None
    """What it is here."""
    theirs: Side | None
    """What it is there."""
    decision: Literal["ours", "theirs", "content"] | None
    """What was decided. Null if nothing was."""


class ConflictPage(Page[MergeConflict], frozen=True, kw_only=True):
    """One page of conflicts, by our example's id."""


def from_merge(stored: StreamState[MergeState]) -> Merge:
    merge, order = stored.state, stored.state.order
    same = ("kind", "dataset_id", "source_id", "moment", "dry_run", "continues", "reason")
    counts = ("added", "changed", "deleted", "conflicts", "erased")
    fields: dict[str, Any] = {name: getattr(order, name) for name in same}
    fields |= {name: getattr(merge.plan, name, 0) for name in counts}
    return Merge(
        id=stored.id,
        state=merge.stage,
        done=merge.earlier + merge.through,
        failure=merge.failure,
        created_at=stored.created_at,
        created_by=stored.created_by,
        updated_at=stored.updated_at,
        **fields,
    )


def from_conflict(row: Any) -> MergeConflict:
    sides = {side: to_side(row, side) for side in ("base", "ours", "theirs") if getattr(row, f"{side}_version")}
    clashes: list[Any] = [group for group in GROUPS if getattr(row, f"clash_{group}")]
    return MergeConflict(
        example_id=row.example_id,
        source_example_id=row.source_example_id,
        fields=["deleted"] if row.deleted else clashes,
        base=sides.get("base"),
        ours=sides.get("ours"),
        theirs=sides.get("theirs"),
        decision=row.take,
    )
