"""Reading examples: one, a page, or a count, now or as of any seq; both take the same path and the same index."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, fetch_value, find_one
from service.datasets.examples.filters import Filter, Selection
from service.datasets.examples.projection import examples, revisions
from service.errors import NotFound
from service.ledger.decider import RecordedEvent, StreamState
from service.ledger.tables import contents
from service.ledger.texts import SubjectTexts
from service.tasks.domain import TASK, TaskState

said = contents.alias("said")
meta = contents.alias("meta")
asked = contents.alias("asked")


def at(seq: int | None) -> sa.ColumnElement[bool]:
    """The state that was present at `seq`; the current one without it."""
    if seq is None:
        return revisions.c.seq_to.is_(None)
    return sa.and_(revisions.c.seq_from <= seq, sa.or_(revisions.c.seq_to.is_(None), revisions.c.seq_to > seq))


def chosen(workspace_id: UUID, selection: Selection) -> sa.Select[Any]:
    """The revisions of a selection, joined to who the examples are; no columns yet."""
    return (
        sa.select()
        .select_from(revisions)
        .join(
            examples,
            sa.and_(examples.c.workspace_id == revisions.c.workspace_id, examples.c.id == revisions.c.example_id),
        )
        .where(
            revisions.c.workspace_id == workspace_id,
            revisions.c.dataset_id == selection.dataset_id,
            at(selection.seq),
            *_conditions(selection.filter),
            *([examples.c.split == selection.split] if selection.split else []),
        )
    )


def with_content(query: sa.Select[Any]) -> sa.Select[Any]:
    return query.outerjoin(said, _text(said, revisions.c.content))


def _text(table: Any, digest: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    return sa.and_(
        table.c.workspace_id == revisions.c.workspace_id,
        table.c.subject == revisions.c.example_id,
        table.c.digest == digest,
    )


def _conditions(wanted: Filter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool] | None] = [
        None if wanted.tag is None else revisions.c.tags.contains([wanted.tag]),
        None if wanted.source is None else examples.c.source["type"].astext == wanted.source,
        None if wanted.split is None else examples.c.split == wanted.split,
        None if wanted.rating_gte is None else revisions.c.score >= wanted.rating_gte,
        None if wanted.rated is None else revisions.c.score.is_not(None) == sa.literal(wanted.rated),
        None if wanted.repaired is None else revisions.c.replaced.is_not(None) == sa.literal(wanted.repaired),
        None if wanted.valid is None else valid() == sa.literal(wanted.valid),
        None if wanted.external_id is None else examples.c.external_id == wanted.external_id,
        None if wanted.labelled is None else revisions.c.label.is_not(None) == sa.literal(wanted.labelled),
        None if wanted.label is None else _labelled(wanted.label),
        None if wanted.q is None else _says(wanted.q),
    ]
    return [condition for condition in found if condition is not None]


def valid() -> sa.ColumnElement[bool]:
    return sa.func.coalesce(sa.func.jsonb_array_length(revisions.c.invalid), 0) == 0


def _labelled(category: str) -> sa.ColumnElement[bool]:
    """Whether the label has this category, as the answer to any question."""
    answers = sa.func.jsonb_path_query_array(revisions.c.label, sa.literal_column("'$.answers.*[*]'::jsonpath"))
    return sa.cast(answers, JSONB).contains(sa.func.jsonb_build_array(sa.cast(category, sa.Text)))


def _says(text: str) -> sa.ColumnElement[bool]:
    """Whether the content has this text, in either case. The bytes are JSON, so the text is looked for as JSON."""
    as_json = msgspec.json.encode(text).decode()[1:-1]
    return sa.exists(
        sa.select(1).where(
            _text(contents, revisions.c.content),
            sa.func.convert_from(contents.c.body, "UTF8").icontains(as_json, autoescape=True),
        )
    )


SHOWN: tuple[sa.ColumnElement[Any], ...] = (
    examples.c.id,
    examples.c.dataset_id,
    examples.c.external_id,
    examples.c.split,
    examples.c.source,
    examples.c.created_at,
    examples.c.created_by,
    revisions.c.version,
    revisions.c.tags,
    revisions.c.ratings,
    revisions.c.score,
    revisions.c.replaced,
    revisions.c.invalid,
    revisions.c.task_version,
    revisions.c.label,
    revisions.c.votes,
    revisions.c.changed_at,
    revisions.c.changed_by,
    said.c.body.label("content"),
    meta.c.body.label("metadata"),
    asked.c.body.label("instruction"),
)
JSON_AS_TEXT = {"source", "ratings", "invalid", "label", "votes"}


def shown(query: sa.Select[Any]) -> sa.Select[Any]:
    """All columns that an example is shown with. JSON stays text: it is sent as it is."""
    columns = [sa.cast(c, sa.Text).label(c.name) if isinstance(c.type, JSONB) else c for c in SHOWN]
    return (
        with_content(query)
        .outerjoin(meta, _text(meta, revisions.c.metadata))
        .outerjoin(asked, _text(asked, revisions.c.instruction))
        .with_only_columns(*columns, maintain_column_froms=True)
    )


async def list_examples(
    engine: AsyncEngine, workspace_id: UUID, selection: Selection, *, after: UUID | None, limit: int
) -> Sequence[Any]:
    """A page by example id, which is the order in which they were added."""
    query = shown(chosen(workspace_id, selection)).order_by(revisions.c.example_id).limit(limit)
    if after is not None:
        query = query.where(revisions.c.example_id > after)
    return await fetch_all(engine, query)


async def count_examples(engine: AsyncEngine, workspace_id: UUID, selection: Selection) -> int:
    query = chosen(workspace_id, selection).with_only_columns(sa.func.count(), maintain_column_froms=True)
    count: int = await fetch_value(engine, query)
    return count


async def find_example(engine: AsyncEngine, workspace_id: UUID, example_id: UUID, *, seq: int | None = None) -> Any:
    """The example's row as of `seq`, by default now; None when it was not there."""
    query = (
        sa.select()
        .select_from(revisions)
        .join(
            examples,
            sa.and_(examples.c.workspace_id == revisions.c.workspace_id, examples.c.id == revisions.c.example_id),
        )
    )
    home = sa.select(examples.c.dataset_id).where(examples.c.workspace_id == workspace_id, examples.c.id == example_id)
    query = shown(query).where(
        revisions.c.workspace_id == workspace_id,
        revisions.c.dataset_id == home.scalar_subquery(),
        revisions.c.example_id == example_id,
        at(seq),
    )
    return await find_one(engine, query)


async def load_example_texts(engine: AsyncEngine, workspace_id: UUID, example_id: UUID) -> SubjectTexts:
    """All texts kept of an example. Erased ones are not among them."""
    rows = await fetch_all(
        engine,
        "select digest, salt, body from ledger.contents where workspace_id = $1 and subject = $2",
        (workspace_id, example_id),
    )
    return _wording(example_id, rows)


class ExampleFacts:
    """What a change of an example starts from: its texts, its events, and those of its dataset's task, if any."""

    def __init__(
        self,
        example_id: UUID,
        *,
        events: Sequence[RecordedEvent],
        texts: SubjectTexts,
        task_id: UUID | None,
        task_events: Sequence[RecordedEvent],
    ) -> None:
        self.id = example_id
        self.events = events
        self.texts = texts
        self._task_id = task_id
        self._task_events = task_events

    def task(self) -> StreamState[TaskState] | None:
        """The task, folded; only some changes look at it."""
        return TASK.fold(self._task_id, self._task_events) if self._task_id else None


_FACTS = """
with home as (
    select d.task_id from examples e join datasets d on d.workspace_id = e.workspace_id and d.id = e.dataset_id
    where e.workspace_id = $1 and e.id = $2
)
select seq, version, type, data::text, actor, recorded_at, stream_id, null::bytea, null::bytea, null::bytea
from ledger.events where workspace_id = $1 and stream_id = $2 and stream = 'example'
union all
select seq, version, type, data::text, actor, recorded_at, stream_id, null, null, null
from ledger.events where workspace_id = $1 and stream_id = (select task_id from home) and stream = 'task'
union all
select null, null, null, null, null, null, null, digest, salt, body
from ledger.contents where workspace_id = $1 and subject = $2
order by version
"""


async def load_example_facts(engine: AsyncEngine, workspace_id: UUID, example_id: UUID) -> ExampleFacts:
    """Load all facts in one statement: a second one would cost as much as the decision. Raises NotFound."""
    rows = await fetch_all(engine, _FACTS, (workspace_id, example_id))
    recorded = [(row[6], RecordedEvent(*row[:6])) for row in rows if row[0] is not None]
    events = [event for stream_id, event in recorded if stream_id == example_id]
    if not events:
        raise NotFound(f"No such example: {example_id}.")
    return ExampleFacts(
        example_id,
        events=events,
        texts=_wording(example_id, [row[7:] for row in rows[len(recorded) :]]),
        task_id=next((stream_id for stream_id, _ in recorded if stream_id != example_id), None),
        task_events=[event for stream_id, event in recorded if stream_id != example_id],
    )


def _wording(example_id: UUID, rows: Sequence[Any]) -> SubjectTexts:
    known = {bytes(digest).hex(): (bytes(salt), bytes(body)) for digest, salt, body in rows}
    return SubjectTexts(example_id, known)


async def find_dataset_of(engine: AsyncEngine, workspace_id: UUID, example_id: UUID) -> UUID | None:
    """The example's dataset; None for an example that never was."""
    query = sa.select(examples.c.dataset_id).where(examples.c.workspace_id == workspace_id, examples.c.id == example_id)
    dataset_id: UUID | None = await fetch_value(engine, query)
    return dataset_id


async def find_by_external_ids(
    engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, external_ids: Sequence[str]
) -> dict[str, UUID]:
    """Which of these external ids are taken in the dataset, and by which example."""
    query = sa.select(examples.c.external_id, examples.c.id).where(
        examples.c.workspace_id == workspace_id,
        examples.c.dataset_id == dataset_id,
        examples.c.external_id == sa.func.any(sa.cast(list(external_ids), ARRAY(sa.Text))),
    )
    return {str(external_id): id_ for external_id, id_ in await fetch_all(engine, query)}
