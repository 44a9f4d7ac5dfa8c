"""Read labels: filtered lists, the labels that agreement and consensus count, and what new labels are compared with."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, fetch_one
from service.datasets.examples.projection import revisions
from service.labeling.annotators import Annotator
from service.labeling.labels.domain import REOPENED
from service.labeling.labels.projection import labels
from service.labeling.queues.projection import items, queues
from service.ledger.tables import contents
from service.ledger.texts import SubjectTexts
from service.tasks.ontology import Answers

IMPERSONATED = labels.c.given_by != labels.c.annotator


class LabelFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Conditions on labels; all must hold, and None means any."""

    example_id: UUID | None = None
    task_id: UUID | None = None
    queue_id: UUID | None = None
    annotator: str | None = None
    kind: str | None = None
    review: str | None = None


class LabelSelection(msgspec.Struct, frozen=True, kw_only=True):
    """Which labels count: those of one dataset and task as of a seq, from one queue or (None) from anywhere."""

    dataset_id: UUID
    task_id: UUID
    seq: int
    queue_id: UUID | None = None


class CountedLabel(msgspec.Struct, frozen=True, kw_only=True):
    """A label as agreement and consensus need it. `impersonated`: somebody else gave it in the annotator's name."""

    example_id: UUID
    annotator: Annotator
    answers: Answers
    impersonated: bool


class LabelOrigins(msgspec.Struct, frozen=True, kw_only=True):
    """Examples whose labels do not count because they answer a honeypot, and labels given in another's name."""

    honeypots: int
    impersonated: int


class ExampleVersion(msgspec.Struct, frozen=True, kw_only=True):
    """An example's version and content digest at the time it is labeled."""

    version: int
    content: str


def is_reopened(table: Any) -> sa.ColumnElement[bool]:
    """Match the labels that do not count until their annotator answers again."""
    return sa.func.coalesce(table.c.review, "").in_(REOPENED)


def is_valid_at(seq: int) -> sa.ColumnElement[bool]:
    """Match the rows that were current at `seq`."""
    return sa.and_(labels.c.seq_from <= seq, sa.or_(labels.c.seq_to.is_(None), labels.c.seq_to > seq))


async def list_labels(
    engine: AsyncEngine,
    workspace_id: UUID,
    dataset_id: UUID,
    label_filter: LabelFilter,
    *,
    seq: int,
    only_for: str | None,
    after: tuple[UUID, UUID] | None,
    limit: int,
) -> Sequence[Any]:
    """List a page by example and label id. The annotator `only_for` sees others' labels only after giving their own."""
    position = sa.tuple_(labels.c.example_id, labels.c.id)
    query = (
        _select_with_text(workspace_id)
        .where(labels.c.dataset_id == dataset_id, is_valid_at(seq))
        .order_by(*position.clauses)
    )
    for name in label_filter.__struct_fields__:
        if (value := getattr(label_filter, name)) is not None:
            query = query.where(labels.c[name] == value)
    if only_for is not None:
        query = query.where(_is_visible_to(only_for))
    return await fetch_all(engine, (query if after is None else query.where(position > after)).limit(limit))


async def load_labels(
    engine: AsyncEngine, workspace_id: UUID, ids: Sequence[UUID], *, only_for: str | None = None
) -> dict[UUID, Any]:
    """Load the current labels with these ids. `only_for`: as in `list_labels`."""
    query = _select_with_text(workspace_id).where(labels.c.id == _any_of(ids), labels.c.seq_to.is_(None))
    rows = await fetch_all(engine, query if only_for is None else query.where(_is_visible_to(only_for)))
    return {row.id: row for row in rows}


async def list_example_labels(
    engine: AsyncEngine, workspace_id: UUID, example_id: UUID, *, queue_id: UUID
) -> Sequence[Any]:
    """List the current labels of an example from one queue, without those that were taken back."""
    query = _select_with_text(workspace_id).where(
        labels.c.example_id == example_id, labels.c.queue_id == queue_id, labels.c.seq_to.is_(None)
    )
    return await fetch_all(engine, query.where(labels.c.review.is_distinct_from("withdrawn")))


async def list_counted_labels(
    engine: AsyncEngine, workspace_id: UUID, selection: LabelSelection, *, examples: Sequence[UUID] | None = None
) -> list[CountedLabel]:
    """List by example the labels that count: all but those sent or taken back and the answers to honeypots."""
    query = _select_counted(workspace_id, selection).with_only_columns(
        labels.c.example_id, labels.c.annotator, labels.c.kind, labels.c.answers, IMPERSONATED.label("impersonated")
    )
    if examples is not None:
        query = query.where(labels.c.example_id == _any_of(examples))
    rows = await fetch_all(engine, query.order_by(labels.c.example_id, labels.c.id))
    return [
        CountedLabel(
            example_id=row.example_id,
            annotator=Annotator(name=row.annotator, kind=row.kind),
            answers=msgspec.convert(row.answers, Answers),
            impersonated=row.impersonated,
        )
        for row in rows
    ]


async def count_origins(
    engine: AsyncEngine,
    workspace_id: UUID,
    selection: LabelSelection,
    *,
    examples: Sequence[UUID] | None = None,
    models: bool = True,
) -> LabelOrigins:
    """Count labels by where they come from; without `models` only people's."""
    query = _select_given(workspace_id, selection)
    if examples is not None:
        query = query.where(labels.c.example_id == _any_of(examples))
    if not models:
        query = query.where(labels.c.kind == "person")
    honeypots = sa.func.count(labels.c.example_id.distinct()).filter(_answers_honeypot())
    impersonated = sa.func.count().filter(IMPERSONATED, ~_answers_honeypot())
    row = await fetch_one(engine, query.with_only_columns(honeypots.label("h"), impersonated.label("i")))
    return LabelOrigins(honeypots=row.h, impersonated=row.i)


async def list_labeled_examples(
    engine: AsyncEngine, workspace_id: UUID, selection: LabelSelection, *, minimum: int, after: UUID | None, limit: int
) -> list[UUID]:
    """List a page of the examples with at least `minimum` labels, by id."""
    query = _select_counted(workspace_id, selection)
    if after is not None:
        query = query.where(labels.c.example_id > after)
    grouped = query.with_only_columns(labels.c.example_id).group_by(labels.c.example_id)
    paged = grouped.having(sa.func.count() >= minimum).order_by(labels.c.example_id).limit(limit)
    return [row.example_id for row in await fetch_all(engine, paged)]


async def load_example_versions(
    engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, examples: Sequence[UUID]
) -> dict[UUID, ExampleVersion]:
    """Load the version of each example that is in the dataset now; leave out the others."""
    query = _select_examples(workspace_id, dataset_id, examples, revisions.c.version, revisions.c.content)
    return {
        row.example_id: ExampleVersion(version=row.version, content=row.content.hex())
        for row in await fetch_all(engine, query)
    }


async def load_current_labels(
    engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, examples: Sequence[UUID]
) -> dict[UUID, Any]:
    """Load the version, label, votes and content of each example that is in the dataset now."""
    query = _select_examples(
        workspace_id,
        dataset_id,
        examples,
        *(revisions.c[name] for name in ("version", "label", "votes", "content", "unanswered")),
    )
    return {row.example_id: row for row in await fetch_all(engine, query)}


async def load_label_texts(engine: AsyncEngine, workspace_id: UUID, ids: Sequence[UUID]) -> dict[UUID, SubjectTexts]:
    """Load the free texts these labels were read from. Reusing their salts gives the same text the same digest."""
    query = sa.select(contents.c.subject, contents.c.digest, contents.c.salt, contents.c.body).where(
        contents.c.workspace_id == workspace_id, contents.c.subject == _any_of(ids)
    )
    texts: dict[UUID, dict[str, tuple[bytes, bytes]]] = {id_: {} for id_ in ids}
    for row in await fetch_all(engine, query) if ids else ():
        texts[row.subject][row.digest.hex()] = (bytes(row.salt), bytes(row.body))
    return {id_: SubjectTexts(id_, bodies) for id_, bodies in texts.items()}


def _select_with_text(workspace_id: UUID) -> sa.Select[Any]:
    text = contents.alias("text")
    same = sa.and_(
        text.c.workspace_id == labels.c.workspace_id, text.c.subject == labels.c.id, text.c.digest == labels.c.text
    )
    return (
        sa.select(labels, text.c.body.label("text_body"))
        .select_from(labels.outerjoin(text, same))
        .where(labels.c.workspace_id == workspace_id)
    )


def _is_visible_to(annotator: str) -> sa.ColumnElement[bool]:
    """Match the annotator's own labels, those of examples they labeled, and those from queues that are not blind."""
    own = labels.alias("own")
    has_own = sa.exists().where(
        own.c.workspace_id == labels.c.workspace_id,
        own.c.dataset_id == labels.c.dataset_id,
        own.c.example_id == labels.c.example_id,
        own.c.task_id == labels.c.task_id,
        own.c.annotator == annotator,
        own.c.kind == "person",
        own.c.seq_to.is_(None),
        own.c.review.is_distinct_from("withdrawn"),
    )
    not_blind = sa.exists().where(
        queues.c.workspace_id == labels.c.workspace_id, queues.c.id == labels.c.queue_id, sa.not_(queues.c.blind)
    )
    return sa.or_(labels.c.given_by == annotator, has_own, not_blind)


def _select_counted(workspace_id: UUID, selection: LabelSelection) -> sa.Select[Any]:
    """Select the labels that count. What somebody answers to a honeypot says how good they are, not what is right."""
    return _select_given(workspace_id, selection).where(~_answers_honeypot())


def _answers_honeypot() -> sa.ColumnElement[bool]:
    return sa.exists().where(
        items.c.workspace_id == labels.c.workspace_id,
        items.c.queue_id == labels.c.queue_id,
        items.c.example_id == labels.c.example_id,
        items.c.known.is_not(None),
    )


def _select_given(workspace_id: UUID, selection: LabelSelection) -> sa.Select[Any]:
    query = sa.select(labels).where(
        labels.c.workspace_id == workspace_id,
        labels.c.dataset_id == selection.dataset_id,
        labels.c.task_id == selection.task_id,
        is_valid_at(selection.seq),
        ~is_reopened(labels),
    )
    return query if selection.queue_id is None else query.where(labels.c.queue_id == selection.queue_id)


def _select_examples(
    workspace_id: UUID, dataset_id: UUID, examples: Sequence[UUID], *columns: sa.ColumnElement[Any]
) -> sa.Select[Any]:
    return sa.select(revisions.c.example_id, *columns).where(
        revisions.c.workspace_id == workspace_id,
        revisions.c.dataset_id == dataset_id,
        revisions.c.example_id == _any_of(examples),
        revisions.c.seq_to.is_(None),
    )


def _any_of(ids: Sequence[UUID]) -> Any:
    return sa.func.any(sa.cast(list(ids), ARRAY(sa.Uuid)))
