"""Read merges: which are open, what two datasets had in common last, and what both sides of one changed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, fetch_column, fetch_value, find_one
from service.datasets.domain import ForkedFrom
from service.datasets.examples.projection import examples
from service.datasets.filters.selection import Selection
from service.datasets.merges.domain import OPEN_STAGES, Decision, MergeBase, MergeState
from service.datasets.merges.projection import merges
from service.datasets.merges.three_way import GROUPS, MergeSides, ThreeWay
from service.datasets.projection import load_version
from service.datasets.versions.diff import SHOWN
from service.ledger.tables import contents
from service.ledger.texts import load_texts

IS_OPEN = sa.text(f"state in {OPEN_STAGES}")


def select_open() -> sa.Select[tuple[UUID, UUID]]:
    """Select the merges of all workspaces that have not ended."""
    return sa.select(merges.c.workspace_id, merges.c.id).where(IS_OPEN)


async def find_open_merge(engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID) -> UUID | None:
    """Find a merge or fork that is writing to the dataset."""
    query = sa.select(merges.c.id).where(
        merges.c.workspace_id == workspace_id, merges.c.dataset_id == dataset_id, ~merges.c.dry_run, IS_OPEN
    )
    merge_id: UUID | None = await fetch_value(engine, query.limit(1))
    return merge_id


async def list_merge_ids(
    engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, *, before: UUID | None, limit: int
) -> list[UUID]:
    """List a page of the merges into a dataset, and the fork that made it, the newest first."""
    query = sa.select(merges.c.id).where(merges.c.workspace_id == workspace_id, merges.c.dataset_id == dataset_id)
    if before is not None:
        query = query.where(merges.c.id < before)
    return list(await fetch_column(engine, query.order_by(merges.c.id.desc()).limit(limit)))


async def find_base(engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, other_id: UUID) -> MergeBase | None:
    """The state that two datasets had in common last: what the last merge between them took, or the fork."""
    pair = (merges.c.dataset_id, merges.c.source_id)
    query = sa.select(merges.c.source_id, merges.c.moment).where(
        merges.c.workspace_id == workspace_id,
        sa.tuple_(*pair).in_([(dataset_id, other_id), (other_id, dataset_id)]),
        merges.c.state == "succeeded",
        ~merges.c.dry_run,
    )
    row = await find_one(engine, query.order_by(merges.c.moment.desc(), merges.c.id.desc()).limit(1))
    return None if row is None else MergeBase(dataset_id=row.source_id, seq=row.moment)


async def load_decisions(
    engine: AsyncEngine, workspace_id: UUID, merge_id: UUID, merge: MergeState
) -> Sequence[Decision]:
    if merge.order.decisions is None:
        return ()
    bodies = (await load_texts(engine, workspace_id, [merge_id]))[merge_id].bodies
    return msgspec.json.decode(bodies[merge.order.decisions], type=list[Decision])


async def build_sides(
    engine: AsyncEngine,
    workspace_id: UUID,
    merge_id: UUID,
    merge: MergeState,
    *,
    seq: int,
    base: MergeBase | None,
    origin: ForkedFrom | None,
) -> MergeSides:
    """What the merge is about, with our side as it was at `seq`. `origin` is what our dataset was forked from."""
    order = merge.order
    theirs = Selection(dataset_id=order.source_id, seq=order.moment)
    if order.version is not None:
        version = await load_version(engine, workspace_id, order.source_id, order.version)
        theirs = version.selection()
    came_from = origin if origin and order.kind == "merge" and origin.dataset_id == order.source_id else None
    return MergeSides(
        workspace_id=workspace_id,
        theirs=theirs,
        ours=Selection(dataset_id=order.dataset_id, seq=seq),
        base=Selection(dataset_id=base.dataset_id, seq=base.seq) if base else None,
        excluded=Selection(dataset_id=came_from.dataset_id, seq=came_from.seq) if came_from else None,
        decisions=await load_decisions(engine, workspace_id, merge_id, merge),
        others=order.others,
    )


async def find_examples_of(engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, ids: Sequence[UUID]) -> set[UUID]:
    """Those of the ids that are examples of the dataset, and have not been erased."""
    query = sa.select(examples.c.id).where(
        examples.c.workspace_id == workspace_id,
        examples.c.dataset_id == dataset_id,
        examples.c.erased_at.is_(None),
        examples.c.id == sa.func.any(sa.cast(list(ids), ARRAY(sa.Uuid))),
    )
    return set(await fetch_column(engine, query))


async def list_conflicts(engine: AsyncEngine, sides: MergeSides, *, past: UUID | None, limit: int) -> Sequence[Any]:
    """The examples that both sides changed, by our example's id, with their three states and texts."""
    three_way = ThreeWay(sides)
    states = {"base": three_way.base, "ours": three_way.ours, "theirs": three_way.theirs}
    columns = [three_way.rows.c.own_id.label("example_id"), three_way.rows.c.their_id.label("source_example_id")]
    columns += [three_way.take.label("take"), three_way.is_deletion_conflict.label("deleted")]
    columns += [three_way.is_conflict(group).label(f"clash_{group}") for group in GROUPS]
    columns += [state[name].label(f"{side}_{name}") for side, state in states.items() for name in SHOWN]
    found = sa.select(*columns).select_from(three_way.rows).where(three_way.has_conflict).subquery("found")
    query = sa.select(found)
    for side in states:
        for field in ("content", "metadata"):
            text = contents.alias()
            is_text = sa.and_(
                text.c.workspace_id == sides.workspace_id,
                text.c.subject == found.c[f"{side}_example_id"],
                text.c.digest == found.c[f"{side}_{field}"],
            )
            query = query.outerjoin(text, is_text).add_columns(text.c.body.label(f"{side}_{field}_text"))
    if past is not None:
        query = query.where(found.c.example_id > past)
    return await fetch_all(engine, query.order_by(found.c.example_id).limit(limit))
