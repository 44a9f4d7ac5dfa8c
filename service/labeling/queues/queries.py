"""What is asked of queues: how far they are, what an annotator may claim, who answered the honeypots and how."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, fetch_value
from service.datasets.examples.filters import Selection
from service.datasets.examples.projection import revisions
from service.datasets.examples.queries import chosen, said
from service.errors import NotFound
from service.labeling.annotators import Annotator, assignment_id
from service.labeling.labels.projection import labels
from service.labeling.queues.projection import assignments, items, queues
from service.ledger.leases import NOW
from service.tasks.ontology import Answers

RESERVED = ("assigned", "sent_back", "submitted", "accepted")
DONE = ("submitted", "accepted", "skipped")


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """An example that an annotator may take: its item in the queue, and its words as JSON."""

    item_id: UUID
    example_id: UUID
    content: bytes
    reason: str | None = None


async def read_clock(engine: AsyncEngine) -> datetime:
    """The time by the database's clock, which all leases go by."""
    now: datetime = await fetch_value(engine, sa.select(NOW))
    return now


async def list_queues(
    engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, *, after: UUID | None, limit: int
) -> Sequence[Any]:
    query = _with_progress(workspace_id).where(queues.c.dataset_id == dataset_id).order_by(queues.c.id).limit(limit)
    return await rows(engine, query if after is None else query.where(queues.c.id > after))


async def get_queue(engine: AsyncEngine, workspace_id: UUID, queue_id: UUID) -> Any:
    """Raises NotFound."""
    found = await rows(engine, _with_progress(workspace_id).where(queues.c.id == queue_id))
    if not found:
        raise NotFound(f"No such queue: {queue_id}.")
    return found[0]


async def list_open_queues(engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID) -> list[UUID]:
    """The dataset's queues that are not closed, two of them at most."""
    query = sa.select(queues.c.id).where(
        queues.c.workspace_id == workspace_id, queues.c.dataset_id == dataset_id, sa.not_(queues.c.closed)
    )
    return [row.id for row in await rows(engine, query.limit(2))]


async def list_queued_examples(engine: AsyncEngine, workspace_id: UUID, queue_id: UUID) -> set[UUID]:
    """The examples that are in the queue."""
    query = sa.select(items.c.example_id).where(items.c.workspace_id == workspace_id, items.c.queue_id == queue_id)
    return {row.example_id for row in await rows(engine, query)}


async def find_matching(
    engine: AsyncEngine, workspace_id: UUID, selection: Selection, *, excluding: Sequence[UUID], limit: int
) -> tuple[list[UUID], int]:
    """The first examples of a selection without `excluding`, by id, and how many are left after them."""
    others = revisions.c.example_id != sa.func.all(sa.cast(list(excluding), ARRAY(sa.Uuid)))
    query = chosen(workspace_id, selection).where(others)
    counting = query.with_only_columns(sa.func.count().label("number"), maintain_column_froms=True)
    ids = query.with_only_columns(revisions.c.example_id, maintain_column_froms=True)
    found = [row.example_id for row in await rows(engine, ids.order_by(revisions.c.example_id).limit(limit))]
    return found, (await rows(engine, counting))[0].number - len(found)


async def find_offers(
    engine: AsyncEngine, workspace_id: UUID, queue_id: UUID, annotator: Annotator, *, limit: int
) -> list[Offer]:
    """What is reserved for the annotator first, then what has a place left, from a beginning of the annotator's own.

    Honeypots come in between the others, as their ids happen to fall, and never when there are no others to hide among.
    """
    reserved = await rows(engine, _select_reserved(workspace_id, queue_id, annotator).limit(limit))
    start = assignment_id(queue_id, annotator)
    found: list[Any] = []
    for honeypots in (False, True):
        query = _select_free(workspace_id, queue_id, annotator, honeypots=honeypots)
        rows_of_kind = list(await rows(engine, query.where(items.c.id >= start).limit(limit)))
        if len(rows_of_kind) < limit:
            rows_of_kind += await rows(engine, query.where(items.c.id < start).limit(limit - len(rows_of_kind)))
        if not rows_of_kind and not honeypots:
            break
        found += rows_of_kind
    found.sort(key=lambda row: (row.id < start, row.id))
    return [
        Offer(item_id=row.id, example_id=row.example_id, content=bytes(row.body), reason=row.reason)
        for row in [*reserved, *found]
    ]


async def get_assignment(engine: AsyncEngine, workspace_id: UUID, id_: UUID) -> Any:
    """Raises NotFound."""
    found = await rows(engine, _assignments(workspace_id).where(assignments.c.id == id_))
    if not found:
        raise NotFound(f"No such assignment: {id_}.")
    return found[0]


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
    """A page by id."""
    query = _assignments(workspace_id).where(items.c.queue_id == queue_id).order_by(assignments.c.id).limit(limit)
    if state is not None:
        query = query.where(assignments.c.state == state)
    if annotator is not None:
        query = query.where(assignments.c.annotator == annotator)
    return await rows(engine, query if after is None else query.where(assignments.c.id > after))


async def count_assignments(engine: AsyncEngine, workspace_id: UUID, queue_id: UUID) -> Sequence[Any]:
    """For each annotator how many assignments are in which state."""
    names = (assignments.c.annotator, assignments.c.kind)
    query = (
        sa.select(*names, assignments.c.state, sa.func.count().label("number"))
        .join(items, _same_item())
        .where(items.c.workspace_id == workspace_id, items.c.queue_id == queue_id)
        .group_by(*names, assignments.c.state)
    )
    return await rows(engine, query)


async def list_honeypot_answers(
    engine: AsyncEngine, workspace_id: UUID, *, dataset_id: UUID, task_id: UUID, queue_id: UUID | None = None
) -> list[tuple[Annotator, Answers, Answers]]:
    """Who answered what where which was known, for one task, in one queue or in all of the dataset."""
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
            items.c.known.is_not(None),
        )
    )
    found = await rows(engine, query if queue_id is None else query.where(items.c.queue_id == queue_id))
    return [
        (
            Annotator(name=row.annotator, kind=row.kind),
            *(msgspec.convert((row.known, row.answers), (tuple[Answers, Answers]))),
        )
        for row in found
    ]


async def rows(engine: AsyncEngine, query: sa.Select[Any]) -> Sequence[Any]:
    return await fetch_all(engine, query)


def _with_progress(workspace_id: UUID) -> sa.Select[Any]:
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


def _assignments(workspace_id: UUID) -> sa.Select[Any]:
    return (
        sa.select(assignments, items.c.queue_id, items.c.example_id, items.c.dataset_id)
        .join(items, _same_item())
        .where(assignments.c.workspace_id == workspace_id)
    )


def _select_offers(workspace_id: UUID, queue_id: UUID, reason: Any) -> sa.Select[Any]:
    """Items of examples that are still there, with their words."""
    there = sa.and_(
        revisions.c.workspace_id == items.c.workspace_id,
        revisions.c.dataset_id == items.c.dataset_id,
        revisions.c.example_id == items.c.example_id,
        revisions.c.seq_to.is_(None),
    )
    words = sa.and_(
        said.c.workspace_id == revisions.c.workspace_id,
        said.c.subject == revisions.c.example_id,
        said.c.digest == revisions.c.content,
    )
    return (
        sa.select(items.c.id, items.c.example_id, said.c.body, reason.label("reason"))
        .join(revisions, there)
        .join(said, words)
        .where(items.c.workspace_id == workspace_id, items.c.queue_id == queue_id)
        .order_by(items.c.id)
    )


def _select_reserved(workspace_id: UUID, queue_id: UUID, annotator: Annotator) -> sa.Select[Any]:
    return (
        _select_offers(workspace_id, queue_id, assignments.c.reason)
        .join(assignments, _same_item())
        .where(
            assignments.c.annotator == annotator.name,
            assignments.c.kind == annotator.kind,
            assignments.c.state.in_(["assigned", "sent_back"]),
        )
    )


def _select_free(workspace_id: UUID, queue_id: UUID, annotator: Annotator, *, honeypots: bool) -> sa.Select[Any]:
    """With a place left that this annotator has not had; one that lapsed, or was released, may come again."""
    other = assignments.alias("other_assignment")
    held = sa.or_(other.c.state.in_(RESERVED), sa.and_(other.c.state == "claimed", other.c.leased_until > NOW))
    here = (other.c.workspace_id == items.c.workspace_id, other.c.item_id == items.c.id)
    taken_slots = sa.select(sa.func.count()).select_from(other).where(*here, held).scalar_subquery()
    own = (other.c.annotator == annotator.name, other.c.kind == annotator.kind)
    is_taken_by_annotator = sa.exists().where(*here, *own, sa.or_(held, other.c.state == "skipped"))
    query = _select_offers(workspace_id, queue_id, sa.null()).where(~is_taken_by_annotator)
    if honeypots:
        return query.where(items.c.overlap.is_(None))
    return query.where(items.c.labelled < items.c.overlap, taken_slots < items.c.overlap)
