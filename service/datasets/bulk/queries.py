"""Read bulk changes, and the examples that one is about, as they were at its moment."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, fetch_column, fetch_value
from service.datasets.bulk.actions.bulk_order import BulkOrder
from service.datasets.bulk.domain import OPEN_STAGES, BulkAdvanced, BulkStarted, BulkState
from service.datasets.bulk.projection import ENDS, bulk_changes
from service.datasets.examples.projection import examples, revisions
from service.datasets.examples.queries import find_search_end, select_revisions
from service.datasets.filters.conditions import build_condition
from service.datasets.filters.selection import Filter, Selection
from service.datasets.splits import Split
from service.ledger.decider import RecordedEvent
from service.ledger.readers.recorded_events import has_recorded
from service.ledger.tables import events
from service.ledger.texts import load_texts

_LOAD_LOGS = (
    "select stream_id, seq, version, type, data::text, actor, recorded_at from ledger.events"
    " where workspace_id = $1 and stream_id = any($2::uuid[]) and stream = 'example' order by stream_id, version"
)


class BulkTexts(msgspec.Struct, frozen=True, kw_only=True):
    """The order of a bulk change; the ids of the examples in ascending order, if they are listed; their new splits."""

    order: BulkOrder
    ids: Sequence[UUID] | None
    moves: Mapping[UUID, Split] = {}


def select_open() -> sa.Select[tuple[UUID, UUID]]:
    """Select the bulk changes of all workspaces that have not ended."""
    return sa.select(bulk_changes.c.workspace_id, bulk_changes.c.id).where(sa.text(f"state in {OPEN_STAGES}"))


async def list_bulk_ids(
    engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, *, before: UUID | None, limit: int
) -> list[UUID]:
    """List a page of the dataset's bulk changes, the newest first."""
    query = sa.select(bulk_changes.c.id).where(
        bulk_changes.c.workspace_id == workspace_id, bulk_changes.c.dataset_id == dataset_id
    )
    if before is not None:
        query = query.where(bulk_changes.c.id < before)
    return list(await fetch_column(engine, query.order_by(bulk_changes.c.id.desc()).limit(limit)))


async def find_open_undo(engine: AsyncEngine, workspace_id: UUID, undo_ids: Sequence[UUID]) -> UUID | None:
    """Find an undo of these that runs or has succeeded: whoever cancelled one may start another."""
    query = sa.select(bulk_changes.c.id).where(
        bulk_changes.c.workspace_id == workspace_id,
        bulk_changes.c.id == sa.func.any(sa.cast(list(undo_ids), ARRAY(sa.Uuid))),
        bulk_changes.c.state.in_((*OPEN_STAGES, "succeeded")),
    )
    undo_id: UUID | None = await fetch_value(engine, query.limit(1))
    return undo_id


async def find_running_bulk(engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, *, seq: int) -> UUID | None:
    """A bulk change that had changed some of its examples at `seq`, and not all; None if there was none."""
    start = events.alias("start")
    is_dry = sa.exists().where(
        start.c.workspace_id == workspace_id,
        start.c.stream_id == bulk_changes.c.id,
        start.c.type == BulkStarted.__name__,
        sa.cast(start.c.data, JSONB)["dry_run"].as_boolean(),
    )
    query = sa.select(bulk_changes.c.id).where(
        bulk_changes.c.workspace_id == workspace_id,
        bulk_changes.c.dataset_id == dataset_id,
        has_recorded(workspace_id, bulk_changes.c.id, (BulkAdvanced,), until=seq),
        ~has_recorded(workspace_id, bulk_changes.c.id, ENDS, until=seq),
        ~is_dry,
    )
    bulk_id: UUID | None = await fetch_value(engine, query.limit(1))
    return bulk_id


async def load_bulk_texts(engine: AsyncEngine, workspace_id: UUID, bulk_id: UUID, bulk: BulkState) -> BulkTexts:
    bodies = (await load_texts(engine, workspace_id, [bulk_id]))[bulk_id].bodies
    order = msgspec.json.decode(bodies[bulk.order], type=BulkOrder)
    if bulk.ids is not None:
        ids = msgspec.json.decode(bodies[bulk.ids], type=list[UUID])
        moves = msgspec.json.decode(bodies[bulk.moves], type=dict[UUID, Split]) if bulk.moves else {}
        return BulkTexts(order=order, ids=ids, moves=moves)
    return BulkTexts(order=order, ids=order.ids)


async def count_selected(engine: AsyncEngine, workspace_id: UUID, bulk: BulkState, order: BulkOrder) -> int:
    query = _select_meant(workspace_id, bulk, order).with_only_columns(sa.func.count(), maintain_column_froms=True)
    return int(await fetch_value(engine, query))


class IdPage(msgspec.Struct, frozen=True):
    """The next examples of a selection; `end` is the last that was looked at, None when there are no more."""

    ids: Sequence[UUID]
    end: UUID | None


async def list_next_ids(
    engine: AsyncEngine, workspace_id: UUID, bulk: BulkState, texts: BulkTexts, *, limit: int
) -> IdPage:
    """List the next examples after `bulk.through`, by id."""
    after = bulk.through
    if texts.ids is not None:
        first = bisect_right(texts.ids, after) if after else 0
        ids = texts.ids[first : first + limit]
        return IdPage(ids, ids[-1] if ids else None)
    selection = _selection(bulk, texts.order)
    end = None if texts.order.is_of_deleted else await find_search_end(engine, workspace_id, selection, after=after)
    query = _select_meant(workspace_id, bulk, texts.order)
    query = query.with_only_columns(revisions.c.example_id, maintain_column_froms=True)
    query = query.order_by(revisions.c.example_id).limit(limit)
    if after is not None:
        query = query.where(revisions.c.example_id > after)
    if end is not None:
        query = query.where(revisions.c.example_id <= end)
    ids = await fetch_column(engine, query)
    is_whole = len(ids) < limit  # so everything up to `end` was looked at
    return IdPage(ids, end if is_whole and end is not None else ids[-1] if ids else None)


def _selection(bulk: BulkState, order: BulkOrder) -> Selection:
    return Selection(dataset_id=bulk.dataset_id, seq=bulk.moment, filter=order.filter or Filter())


def _select_meant(workspace_id: UUID, bulk: BulkState, order: BulkOrder) -> sa.Select[Any]:
    """Select the revisions that were present at the moment, or the last ones of those that were deleted then."""
    if not order.is_of_deleted:
        return select_revisions(workspace_id, _selection(bulk, order))
    later = revisions.alias("later")
    has_later = sa.exists().where(
        later.c.workspace_id == revisions.c.workspace_id,
        later.c.dataset_id == revisions.c.dataset_id,
        later.c.example_id == revisions.c.example_id,
        later.c.seq_from >= revisions.c.seq_to,
        later.c.seq_from <= bulk.moment,
    )
    same_example = sa.and_(examples.c.workspace_id == revisions.c.workspace_id, examples.c.id == revisions.c.example_id)
    return (
        sa.select()
        .select_from(revisions)
        .join(examples, same_example)
        .where(
            revisions.c.workspace_id == workspace_id,
            revisions.c.dataset_id == bulk.dataset_id,
            revisions.c.seq_to <= bulk.moment,
            examples.c.erased_at.is_(None),
            sa.not_(has_later),
            build_condition((order.filter or Filter()).build_tree()),
        )
    )


async def load_logs(engine: AsyncEngine, workspace_id: UUID, ids: Sequence[UUID]) -> dict[UUID, list[RecordedEvent]]:
    """Load all events of each example; those that never were are missing."""
    logs: dict[UUID, list[RecordedEvent]] = {}
    for row in await fetch_all(engine, _LOAD_LOGS, (workspace_id, list(ids))):
        logs.setdefault(row[0], []).append(RecordedEvent(*row[1:]))
    return logs
