"""What a caller sends to change many examples, and what a bulk change looks like."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from service.datasets.bulk.actions.bulk_order import AnyAction, BulkOrder, RequestedAction, RestoreExamples
from service.datasets.bulk.domain import BulkFailed, BulkStage, BulkState, Skip
from service.datasets.filters.selection import Filter, FilterIn, to_filter
from service.errors import Fault, Invalid
from service.http.bodies import Body, Reason
from service.http.pagination import Page
from service.ledger.decider import StreamState

MAX_IDS = 20_000


class StartBulk(Body):
    """What to do, and with which examples: those that match a filter now, or those with these ids."""

    action: RequestedAction
    """What to do with each example."""
    filter: FilterIn | None = None
    """The examples that match, as an expression or as fields; an empty one matches all."""
    ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=MAX_IDS)] | None = None
    """The examples by id, instead of a filter."""
    dry_run: bool = False
    """Whether only to count what would change, and to show the first 20 examples before and after."""
    reason: Reason | None = None
    """Why; shown in the history of each example."""

    def build_order(self) -> BulkOrder:
        """Raises Invalid unless it has either a filter or ids."""
        if (self.filter is None) == (self.ids is None):
            detail = 'Give a filter or ids; an empty filter, "", means all examples of the dataset.'
            raise Invalid(detail, errors=[Fault(pointer="/filter", detail=detail, code="required")])
        return BulkOrder(
            action=self.action,
            filter=None if self.filter is None else to_filter(self.filter),
            ids=None if self.ids is None else sorted(set(self.ids)),
            is_of_deleted=isinstance(self.action, RestoreExamples),
        )


class RevertDataset(Body):
    """The moment that the dataset returns to."""

    to: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    """A version, which stands for the moment it was frozen, an RFC 3339 time or a seq."""
    dry_run: bool = False
    """Whether only to count what would change, and to show the first 20 examples before and after."""
    reason: Reason | None = None
    """Why; shown in the history of each example."""


class UndoBulk(Body):
    """Why the change is undone."""

    reason: Reason | None = None
    """Why; shown in the history of each example."""


class BulkSample(msgspec.Struct, frozen=True, kw_only=True):
    """An example as it is, and as the change would leave it; null for a deleted one."""

    example_id: UUID
    """The example."""
    before: dict[str, Any] | None
    """What it is now."""
    after: dict[str, Any] | None
    """What it would be."""


class BulkChange(msgspec.Struct, frozen=True, kw_only=True):
    """A change of many examples, as one operation with the same id."""

    id: UUID
    """The id of the change and of its operation."""
    dataset_id: UUID
    """The dataset."""
    action: AnyAction
    """What is done with each example."""
    filter: Filter | None
    """Which examples; null when they were given by id."""
    moment: int
    """The position in the event log at which the selection was fixed."""
    dry_run: bool
    """Whether it only counts."""
    state: BulkStage
    """How far it is."""
    total: int | None
    """How many examples are meant; null until they are counted."""
    done: int
    """How many of them were looked at."""
    changed: int
    """How many were changed, or would be."""
    unchanged: int
    """How many already were as they should be."""
    skipped: int
    """How many could not be changed."""
    first_skipped: list[Skip]
    """The first 20 of these, and why; the operation `list_skipped_examples` has all."""
    samples: list[BulkSample]
    """Of a dry run: the first 20 examples that would change."""
    undoes: UUID | None
    """The change that this one undoes."""
    undone_by: UUID | None
    """The last change that undoes this one."""
    failure: BulkFailed | None
    """Why it failed; null unless it did."""
    reason: str | None
    """Why it was made."""
    created_at: datetime
    """When it was requested."""
    created_by: str
    """Who requested it."""
    updated_at: datetime
    """When it last went on."""


class BulkChangePage(Page[BulkChange], frozen=True, kw_only=True):
    """One page of bulk changes, the newest first."""


class SkipPage(Page[Skip], frozen=True, kw_only=True):
    """One page of the examples that a bulk change could not change."""


def from_bulk(stored: StreamState[BulkState], order: BulkOrder, samples: list[BulkSample]) -> BulkChange:
    bulk = stored.state
    same = ("dataset_id", "moment", "dry_run", "total", "done", "changed", "unchanged", "undoes", "failure", "reason")
    return BulkChange(
        id=stored.id,
        action=order.action,
        filter=order.filter,
        state=bulk.stage,
        skipped=len(bulk.skipped),
        first_skipped=list(bulk.skipped[:20]),
        samples=samples,
        undone_by=bulk.undo_ids[-1] if bulk.undo_ids else None,
        created_at=stored.created_at,
        created_by=stored.created_by,
        updated_at=stored.updated_at,
        **{name: getattr(bulk, name) for name in same},
    )
