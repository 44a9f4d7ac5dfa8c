"""Read queues: their progress, what an annotator may claim, and the answers to honeypots."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, fetch_value, find_one
from service.datasets.examples.projection import revisions
from service.datasets.examples.queries import content_texts, select_revisions
from service.datasets.filters.selection import Selection
from service.datasets.projection import datasets
from service.errors import NotFound
from service.labeling.annotators import Annotator, build_assignment_id
from service.labeling.labels.projection import labels
from service.labeling.queues.items.domain import LABELED, RESERVED
from service.labeling.queues.projection import assignments, items, queues
from service.ledger.leases import NOW
from service.tasks.ontology import Answers

QueueId = UUID | sa.ColumnElement[UUID]


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """An example that an annotator may claim: its item in the queue, and its content as JSON."""

    item_id: UUID
    example_id: UUID
    content: bytes
    reason: str | None = None


async def read_clock(engine: AsyncEngine) -> datetime:
    """Read the database's clock, which all leases use."""
    now: datetime = await fetch_value(engine, sa.select(NOW))
    return now


async def list_queues(
    engine: AsyncEngine,
    workspace_id: UUID,
    dataset_id: UUID,
    *,
    archived: bool | None,
    after: UUID | None,
    limit: int,
) -> Sequence[Any]:
    """List a page of a dataset's queues, the oldest first; `archived` says which, None means all."""
    query = (
        _select_with_progress(workspace_id).where(queues.c.dataset_id == dataset_id).order_by(queues.c.id).limit(limit)
    )
    if archived is not None:
        query = query.where(queues.c.archived_at.is_not(None) == archived)
    return await fetch_all(engine, query if after is None else query.where(queues.c.id > after))


async def get_queue(engine: AsyncEngine, workspace_id: UUID, queue_id: UUID) -> Any:
    """Get a queue with its progress. Raises NotFound."""
    row = await find_one(engine, _select_with_progress(workspace_id).where(queues.c.id == queue_id))
    if row is None:
        raise NotFound(f"No such queue: {queue_id}.")
    return row


async def list_open_queues(engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID) -> list[UUID]:
    """List the dataset's open queues, two at most."""
    query = sa.select(queues.c.id).where(
        queues.c.workspace_id == workspace_id,
        queues.c.dataset_id == dataset_id,
        sa.not_(queues.c.closed),
        queues.c.archived_at.is_(None),
    )
    return [row.id for row in await fetch_all(engine, query.limit(2))]


async def list_queued_examples(engine: AsyncEngine, workspace_id: UUID, queue_id: UUID) -> set[UUID]:
    """List the examples that are in the queue."""
    query = sa.select(items.c.example_id).where(items.c.workspace_id == workspace_id, items.c.queue_id == queue_id)
    return {row.example_id for row in await fetch_all(engine, query)}


async def find_matching(
    engine: AsyncEngine, workspace_id: UUID, selection: Selection, *, excluding: Sequence[UUID], limit: int
) -> tuple[list[UUID], int]:
    """Find the first examples of a selection by id, without those `excluding`, and count how many more match."""
    others = revisions.c.example_id != sa.func.all(sa.cast(list(excluding), ARRAY(sa.Uuid)))
    query = select_revisions(workspace_id, selection).where(others)
    counting = query.with_only_columns(sa.func.count().label("number"), maintain_column_froms=True)
    ids = query.with_only_columns(revisions.c.example_id, maintain_column_froms=True)
    matching = [row.example_id for row in await fetch_all(engine, ids.order_by(revisions.c.example_id).limit(limit))]
    return matching, await fetch_value(engine, counting) - len(matching)


async def find_offers(
    engine: AsyncEngine, workspace_id: UUID, queue_id: UUID, annotator: Annotator, *, limit: int
) -> list[Offer]:
    """Find what the annotator may claim: first what is reserved for them, then items with a free slot.

    Each annotator starts at another item. Honeypots are mixed in by id, and left out when nothing else is free.
    """
    reserved = await fetch_all(engine, _select_reserved(workspace_id, queue_id, annotator).limit(limit))
    start = build_assignment_id(queue_id, annotator)
    free: list[Any] = []
    for honeypots in (False, True):
        query = _select_free(workspace_id, queue_id, annotator, honeypots=honeypots)
        rows_of_kind = list(await fetch_all(engine, query.where(items.c.id >= start).limit(limit)))
        if len(rows_of_kind) < limit:
            rows_of_kind += await fetch_all(engine, query.where(items.c.id < start).limit(limit - len(rows_of_kind)))
        if not rows_of_kind and not honeypots:
            break
        free += rows_of_kind
    free.sort(key=lambda row: (row.id < start, row.id))
    return [
        Offer(item_id=row.id, example_id=row.example_id, content=bytes(row.body), reason=row.reason)
        for row in [*reserved, *free]
    ]


async def get_assignment(engine: AsyncEngine, workspace_id: UUID, id_: UUID) -> Any:
    """Get an assignment. Raises NotFound."""
    row = await find_one(engine, _select_assignments(workspace_id).where(assignments.c.id == id_))
    if row is None:
        raise NotFound(f"No such assignment: {id_}.")
    return row


async def list_assignments(
    engine: AsyncEngine,
    workspace_id: UUID,
    queue_id: UUID,
    *,
    state: str | None,
    annotator: str | None,
    after: UUID | None,
    limit: int,
) -> Sequence[Any]:
    """List a page of a queue's assignments, by id."""
    query = (
        _select_assignments(workspace_id).where(items.c.queue_id == queue_id).order_by(assignments.c.id).limit(limit)
    )
    if state is not None:
        query = query.where(assignments.c.state == state)
    if annotator is not None:
        query = query.where(assignments.c.annotator == annotator)
    if after is not None:
        query = query.where(assignments.c.id > after)
    return await fetch_all(engine, query.order_by(assignments.c.id).limit(limit))


async def count_assignments(engine: AsyncEngine, workspace_id: UUID, queue_id: UUID) -> Sequence[Any]:
    """Count each annotator's assignments by state."""
    names = (assignments.c.annotator, assignments.c.kind)
    query = (
        sa.select(*names, assignments.c.state, sa.func.count().label("number"))
        .join(items, _same_item())
        .where(items.c.workspace_id == workspace_id, items.c.queue_id == queue_id)
        .group_by(*names, assignments.c.state)
    )
    return await fetch_all(engine, query)


async def list_honeypot_answers(
    engine: AsyncEngine, workspace_id: UUID, *, dataset_id: UUID, task_id: UUID, queue_id: UUID | None = None
) -> list[tuple[Annotator, Answers, Answers]]:
    """List (annotator, known answers, their answers) for one task, in one queue or in the whole dataset."""
    query = (
        sa.select(labels.c.annotator, labels.c.kind, items.c.known, labels.c.answers)
        .join(
            items,
            sa.and_(
                items.c.workspace_id == labels.c.workspace_id,
                items.c.queue_id == labels.c.queue_id,
                items.c.example_id == labels.c.example_id,
            ),
        )
        .where(
            labels.c.workspace_id == workspace_id,
            labels.c.dataset_id == dataset_id,
            labels.c.task_id == task_id,
            labels.c.seq_to.is_(None),
            labels.c.review.is_distinct_from("withdrawn"),
            items.c.known.is_not(None),
        )
    )
    rows = await fetch_all(engine, query if queue_id is None else query.where(items.c.queue_id == queue_id))
    return [
        (
            Annotator(name=row.annotator, kind=row.kind),
            *(msgspec.convert((row.known, row.answers), (tuple[Answers, Answers]))),
        )
        for row in rows
    ]


async def list_annotator_queues(
    engine: AsyncEngine, workspace_id: UUID, annotator: Annotator, *, after: UUID | None, limit: int
) -> Sequence[Any]:
    """List a page of the queues where the annotator may claim or has open assignments, with what is left for them."""
    may_claim = sa.and_(
        sa.not_(queues.c.closed),
        datasets.c.archived_at.is_(None),
        sa.or_(sa.func.cardinality(queues.c.annotators) == 0, queues.c.annotators.any_() == annotator.name),
    )
    own = _select_own(workspace_id, annotator).where(items.c.queue_id == queues.c.id)
    in_queue = {
        "reserved": _count(_select_reserved(workspace_id, queues.c.id, annotator)),
        "free": _count(_select_free(workspace_id, queues.c.id, annotator, honeypots=False)),
        "free_honeypots": _count(_select_free(workspace_id, queues.c.id, annotator, honeypots=True)),
        "labeled": _count(own.where(assignments.c.state.in_(LABELED))),
        "open": _count(own.where(_is_open())),
    }
    is_dataset = sa.and_(datasets.c.workspace_id == queues.c.workspace_id, datasets.c.id == queues.c.dataset_id)
    counted = [count.label(name) for name, count in in_queue.items()]
    has_open = own.where(_is_open()).correlate(queues).exists()
    listed = (
        sa.select(queues, datasets.c.name.label("dataset_name"), may_claim.label("may_claim"), *counted)
        .join(datasets, is_dataset)
        .where(queues.c.workspace_id == workspace_id, queues.c.archived_at.is_(None), sa.or_(may_claim, has_open))
    )
    query = listed.order_by(queues.c.id).limit(limit)
    return await fetch_all(engine, query if after is None else query.where(queues.c.id > after))


async def list_open_assignments(
    engine: AsyncEngine, workspace_id: UUID, annotator: Annotator, queue_ids: Sequence[UUID], *, limit: int
) -> Sequence[Any]:
    """List the annotator's open assignments with their examples' content, the first `limit` of each queue."""
    place = sa.func.row_number().over(partition_by=items.c.queue_id, order_by=assignments.c.id).label("place")
    in_queues = items.c.queue_id == sa.func.any(sa.cast(list(queue_ids), ARRAY(sa.Uuid)))
    query = (
        _select_contents(assignments, items.c.queue_id, items.c.example_id, place)
        .join(assignments, _same_item())
        .where(in_queues, *_is_own(workspace_id, annotator), _is_open())
        .subquery()
    )
    return await fetch_all(engine, sa.select(query).where(query.c.place <= limit).order_by(query.c.place))


def _select_with_progress(workspace_id: UUID) -> sa.Select[Any]:
    here = (items.c.workspace_id == queues.c.workspace_id, items.c.queue_id == queues.c.id)
    counts = {
        "examples": sa.func.count().filter(items.c.known.is_(None)),
        "honeypots": sa.func.count().filter(items.c.known.is_not(None)),
        "done": sa.func.count().filter(items.c.labelled >= items.c.overlap),
        "labels": sa.func.coalesce(sa.func.sum(items.c.labelled).filter(items.c.known.is_(None)), 0),
    }
    counted = sa.select(*[count.label(name) for name, count in counts.items()]).where(*here).lateral("progress")
    return sa.select(queues, *counted.c).join(counted, sa.true()).where(queues.c.workspace_id == workspace_id)


def _same_item() -> sa.ColumnElement[bool]:
    return sa.and_(items.c.workspace_id == assignments.c.workspace_id, items.c.id == assignments.c.item_id)


def _select_assignments(workspace_id: UUID) -> sa.Select[Any]:
    return (
        sa.select(assignments, items.c.queue_id, items.c.example_id, items.c.dataset_id)
        .join(items, _same_item())
        .where(assignments.c.workspace_id == workspace_id)
    )


def _is_own(workspace_id: UUID, annotator: Annotator) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        assignments.c.workspace_id == workspace_id,
        assignments.c.annotator == annotator.name,
        assignments.c.kind == annotator.kind,
    )


def _is_open() -> sa.ColumnElement[bool]:
    """Match the assignments that wait for their annotator: reserved, sent back, or claimed under a running lease."""
    is_leased = sa.and_(assignments.c.state == "claimed", assignments.c.leased_until > NOW)
    return sa.or_(assignments.c.state.in_(["assigned", "sent_back"]), is_leased)


def _select_own(workspace_id: UUID, annotator: Annotator) -> sa.Select[Any]:
    return sa.select(assignments.c.id).join(items, _same_item()).where(*_is_own(workspace_id, annotator))


def _count(query: sa.Select[Any]) -> sa.ScalarSelect[int]:
    """Count the rows of a query about the queue of the enclosing statement."""
    rows = query.order_by(None).correlate(queues).subquery()
    return sa.select(sa.func.count()).select_from(rows).scalar_subquery()


def _select_offers(workspace_id: UUID, queue_id: QueueId, reason: Any) -> sa.Select[Any]:
    return (
        _select_contents(items.c.id, items.c.example_id, reason.label("reason"))
        .where(items.c.workspace_id == workspace_id, items.c.queue_id == queue_id)
        .order_by(items.c.id)
    )


def _select_contents(*columns: Any) -> sa.Select[Any]:
    """Select the items whose examples still exist, with the examples' content."""
    is_current = sa.and_(
        revisions.c.workspace_id == items.c.workspace_id,
        revisions.c.dataset_id == items.c.dataset_id,
        revisions.c.example_id == items.c.example_id,
        revisions.c.seq_to.is_(None),
    )
    is_content = sa.and_(
        content_texts.c.workspace_id == revisions.c.workspace_id,
        content_texts.c.subject == revisions.c.example_id,
        content_texts.c.digest == revisions.c.content,
    )
    return (
        sa.select(*columns, content_texts.c.body)
        .select_from(items)
        .join(revisions, is_current)
        .join(content_texts, is_content)
    )


def _select_reserved(workspace_id: UUID, queue_id: QueueId, annotator: Annotator) -> sa.Select[Any]:
    return (
        _select_offers(workspace_id, queue_id, assignments.c.reason)
        .join(assignments, _same_item())
        .where(
            assignments.c.annotator == annotator.name,
            assignments.c.kind == annotator.kind,
            assignments.c.state.in_(["assigned", "sent_back"]),
        )
    )


def _select_free(workspace_id: UUID, queue_id: QueueId, annotator: Annotator, *, honeypots: bool) -> sa.Select[Any]:
    """Select items with a free slot. A lease that lapsed or was released does not exclude its annotator."""
    other = assignments.alias("other_assignment")
    is_taken = sa.or_(other.c.state.in_(RESERVED), sa.and_(other.c.state == "claimed", other.c.leased_until > NOW))
    same_item = (other.c.workspace_id == items.c.workspace_id, other.c.item_id == items.c.id)
    taken_slots = sa.select(sa.func.count()).select_from(other).where(*same_item, is_taken).scalar_subquery()
    own = (other.c.annotator == annotator.name, other.c.kind == annotator.kind)
    is_excluded = sa.exists().where(*same_item, *own, sa.or_(is_taken, other.c.state == "skipped"))
    query = _select_offers(workspace_id, queue_id, sa.null()).where(~is_excluded)
    if honeypots:
        return query.where(items.c.overlap.is_(None))
    return query.where(items.c.labelled < items.c.overlap, taken_slots < items.c.overlap)
