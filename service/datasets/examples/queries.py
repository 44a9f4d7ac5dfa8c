"""Read one example, a page or a count, now or as of any seq; both use the same query and index."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.page_bytes import limit_page_bytes
from service.database.rows import fetch_all, fetch_value, find_one
from service.database.statement_text import Composed, compile_statement, value
from service.datasets.examples.projection import current_split, examples, revisions
from service.datasets.filters.conditions import build_condition, is_text
from service.datasets.filters.selection import Selection
from service.errors import Archived, NotFound
from service.ledger.decider import RecordedEvent, StreamState
from service.ledger.tables import contents, heads
from service.ledger.texts import SubjectTexts
from service.tasks.domain import TASK, TaskState

MAX_SEARCHED = 20_000  # examples whose texts one page of a search looks at

content_texts = contents.alias("said")
metadata_texts = contents.alias("meta")
instruction_texts = contents.alias("asked")


def is_at(seq: int | sa.ColumnElement[int] | None, states: sa.FromClause = revisions) -> sa.ColumnElement[bool]:
    """The state that was present at `seq`; the current one without it."""
    if seq is None:
        return states.c.seq_to.is_(None)
    return sa.and_(states.c.seq_from <= seq, sa.or_(states.c.seq_to.is_(None), states.c.seq_to > seq))


def select_revisions(workspace_id: UUID, selection: Selection) -> sa.Select[Any]:
    """Select the revisions of a selection, joined to their examples; no columns yet."""
    return _select_with_examples().where(
        revisions.c.workspace_id == workspace_id,
        revisions.c.dataset_id == selection.dataset_id,
        is_at(selection.seq),
        build_condition(selection.filter.build_tree()),
        build_condition(selection.also.build_tree()),
        *([current_split == selection.split] if selection.split else []),
        *([~revisions.c.unanswered] if selection.answered else []),
    )


def select_present(workspace_id: UUID, selection: Selection) -> sa.Select[Any]:
    """Leave out the erased ones by their mark: an erasure deletes their texts only some time after it."""
    return select_revisions(workspace_id, selection).where(examples.c.erased_at.is_(None))


def _select_with_examples() -> sa.Select[Any]:
    same_example = sa.and_(examples.c.workspace_id == revisions.c.workspace_id, examples.c.id == revisions.c.example_id)
    return sa.select().select_from(revisions).join(examples, same_example)


def with_content(query: sa.Select[Any]) -> sa.Select[Any]:
    return query.outerjoin(content_texts, is_text(content_texts, revisions.c.content))


def with_metadata(query: sa.Select[Any]) -> sa.Select[Any]:
    return query.outerjoin(metadata_texts, is_text(metadata_texts, revisions.c.metadata))


def _select_text(table: Any, digest: sa.ColumnElement[Any]) -> sa.ScalarSelect[bytes]:
    """The text, looked up for each row of a page: a join may read all texts of the workspace to find the first."""
    return sa.select(table.c.body).where(is_text(table, digest)).correlate(revisions).scalar_subquery()


EXAMPLE_COLUMNS: tuple[sa.ColumnElement[Any], ...] = (
    examples.c.id,
    examples.c.dataset_id,
    examples.c.external_id,
    current_split.label("split"),
    examples.c.source,
    examples.c.created_at,
    examples.c.created_by,
    revisions.c.version,
    revisions.c.tags,
    revisions.c.ratings,
    revisions.c.score,
    revisions.c.unanswered,
    revisions.c.replaced,
    revisions.c.invalid,
    revisions.c.task_version,
    revisions.c.label,
    revisions.c.votes,
    revisions.c.changed_at,
    revisions.c.changed_by,
    _select_text(content_texts, revisions.c.content).label("content"),
    _select_text(metadata_texts, revisions.c.metadata).label("metadata"),
    _select_text(instruction_texts, revisions.c.instruction).label("instruction"),
)
JSON_AS_TEXT = {"source", "ratings", "invalid", "label", "votes"}


def with_example_columns(query: sa.Select[Any]) -> sa.Select[Any]:
    """Add the columns of an example's response. JSON is selected as text and sent unchanged."""
    columns = [sa.cast(c, sa.Text).label(c.name) if isinstance(c.type, JSONB) else c for c in EXAMPLE_COLUMNS]
    return query.with_only_columns(*columns, maintain_column_froms=True)


async def find_search_end(
    engine: AsyncEngine, workspace_id: UUID, selection: Selection, *, after: UUID | None
) -> UUID | None:
    """The last example that a page of a search in texts looks at; None without a search or when nothing follows."""
    if not selection.reads_texts:
        return None
    in_dataset = (revisions.c.workspace_id == workspace_id, revisions.c.dataset_id == selection.dataset_id)
    query = sa.select(revisions.c.example_id).where(*in_dataset, is_at(selection.seq))
    query = query.order_by(revisions.c.example_id).offset(MAX_SEARCHED - 1).limit(1)
    if after is not None:
        query = query.where(revisions.c.example_id > after)
    end: UUID | None = await fetch_value(engine, query)
    return end


class Rare(NamedTuple):
    """A tag or a source that few examples have."""

    field: Literal["tag", "source"]
    value: str


def _is_rare(workspace_id: UUID, selection: Selection, rare: Rare) -> sa.ColumnElement[bool]:
    """Whether the example is one of them. As an array, so that Postgres finds them first, whatever it expects."""
    if rare.field == "tag":
        each: Any = revisions.alias("rare")
        query = sa.select(each.c.example_id).where(is_at(selection.seq, each), each.c.tags.contains([rare.value]))
    else:
        each = examples.alias("rare")
        value = sa.literal(rare.value, sa.Text, literal_execute=True)  # else the index of rare sources does not serve
        query = sa.select(each.c.id).where(each.c.source["type"].astext == value)
    query = query.where(each.c.workspace_id == workspace_id, each.c.dataset_id == selection.dataset_id)
    return revisions.c.example_id == sa.func.any(sa.func.array(query.scalar_subquery()))


async def list_examples(
    engine: AsyncEngine,
    workspace_id: UUID,
    selection: Selection,
    *,
    after: UUID | None,
    limit: int,
    until: UUID | None = None,
    rare: Rare | None = None,
) -> Sequence[Any]:
    """A page in the order of ids, which is the order in which examples were added. `rare` is part of the filter."""
    query = (
        with_example_columns(select_revisions(workspace_id, selection)).order_by(revisions.c.example_id).limit(limit)
    )
    if after is not None:
        query = query.where(revisions.c.example_id > after)
    if until is not None:
        query = query.where(revisions.c.example_id <= until)
    if rare is not None:
        query = query.where(_is_rare(workspace_id, selection, rare))
    return await fetch_all(engine, limit_page_bytes(query, "content", "metadata", "instruction"))


async def count_examples(engine: AsyncEngine, workspace_id: UUID, selection: Selection) -> int:
    query = select_revisions(workspace_id, selection).with_only_columns(sa.func.count(), maintain_column_froms=True)
    count: int = await fetch_value(engine, query)
    return count


@cache
def _compose_whole_page() -> Composed:
    """A page of all examples of a dataset as of a seq, by default the last one, which is in each row."""
    workspace_id = value("workspace_id", sa.Uuid)
    head = sa.select(heads.c.seq).where(heads.c.workspace_id == workspace_id).scalar_subquery()
    moment = sa.select(sa.func.coalesce(value("seq", sa.BigInteger), head, 0).label("seq")).cte("moment")
    seq = sa.select(moment.c.seq).scalar_subquery()
    query = with_example_columns(_select_with_examples()).where(
        revisions.c.workspace_id == workspace_id,
        revisions.c.dataset_id == value("dataset_id", sa.Uuid),
        revisions.c.example_id > value("after", sa.Uuid),
        is_at(seq),
    )
    query = query.add_columns(seq.label("seq")).order_by(revisions.c.example_id).limit(value("limit", sa.BigInteger))
    return compile_statement(limit_page_bytes(query, "content", "metadata", "instruction"))


async def list_all_examples(
    engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, *, seq: int | None, after: UUID | None, limit: int
) -> Sequence[Any]:
    """A page without filters, each row with the seq that it shows, by default the last one."""
    page = _compose_whole_page()
    values = {"workspace_id": workspace_id, "dataset_id": dataset_id, "seq": seq, "after": after or UUID(int=0)}
    return await fetch_all(engine, page.sql, page.arguments({**values, "limit": limit}))


@cache
def _compose_find(*, in_past: bool) -> Composed:
    query = _select_one(value("workspace_id", sa.Uuid), value("example_id", sa.Uuid))
    return compile_statement(query.where(is_at(value("seq", sa.BigInteger) if in_past else None)))


async def find_example(engine: AsyncEngine, workspace_id: UUID, example_id: UUID, *, seq: int | None = None) -> Any:
    """The example's row as of `seq`, by default now; None when it was not there."""
    find = _compose_find(in_past=seq is not None)
    values = {"workspace_id": workspace_id, "example_id": example_id, "seq": seq}
    return await find_one(engine, find.sql, find.arguments(values))


async def find_erased_example(engine: AsyncEngine, workspace_id: UUID, example_id: UUID) -> Any:
    """The last revision of an example that was erased; None for any other."""
    query = _select_one(workspace_id, example_id).where(examples.c.erased_at.is_not(None))
    return await find_one(engine, query.order_by(revisions.c.seq_from.desc()).limit(1))


def _select_one(workspace_id: Any, example_id: Any) -> sa.Select[Any]:
    """All revisions of one example."""
    home = sa.select(examples.c.dataset_id).where(examples.c.workspace_id == workspace_id, examples.c.id == example_id)
    return with_example_columns(_select_with_examples()).where(
        revisions.c.workspace_id == workspace_id,
        revisions.c.dataset_id == home.scalar_subquery(),
        revisions.c.example_id == example_id,
    )


async def count_erased(engine: AsyncEngine, workspace_id: UUID, selection: Selection) -> int:
    """Count the examples of a selection that were erased since. An index of the erased ones alone keeps it short."""
    query = select_revisions(workspace_id, selection).with_only_columns(sa.func.count(), maintain_column_froms=True)
    query = query.where(examples.c.dataset_id == selection.dataset_id, examples.c.erased_at.is_not(None))
    count: int = await fetch_value(engine, query)
    return count


async def count_erased_of_dataset(engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID) -> int:
    """Count all examples of a dataset that were erased."""
    query = sa.select(sa.func.count()).where(
        examples.c.workspace_id == workspace_id,
        examples.c.dataset_id == dataset_id,
        examples.c.erased_at.is_not(None),
    )
    count: int = await fetch_value(engine, query)
    return count


async def load_example_texts(engine: AsyncEngine, workspace_id: UUID, example_id: UUID) -> SubjectTexts:
    """Load all texts of an example; erased ones are absent."""
    rows = await fetch_all(
        engine,
        "select digest, salt, body from ledger.contents where workspace_id = $1 and subject = $2",
        (workspace_id, example_id),
    )
    return _to_texts(example_id, rows)


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
    select d.task_id, d.archived_at
    from examples e join datasets d on d.workspace_id = e.workspace_id and d.id = e.dataset_id
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
union all
select null, 0, 'archived', null, null, null, null, null, null, null from home where archived_at is not null
order by version
"""


async def load_example_facts(engine: AsyncEngine, workspace_id: UUID, example_id: UUID) -> ExampleFacts:
    """Load all facts in one statement: a second one would cost as much as the decision.

    Raises NotFound, and Archived in an archived dataset.
    """
    rows = await fetch_all(engine, _FACTS, (workspace_id, example_id))
    if rows and rows[0][2] == "archived":
        raise Archived("dataset")
    recorded = [(row[6], RecordedEvent(*row[:6])) for row in rows if row[0] is not None]
    events = [event for stream_id, event in recorded if stream_id == example_id]
    if not events:
        raise NotFound(f"No such example: {example_id}.")
    return ExampleFacts(
        example_id,
        events=events,
        texts=_to_texts(example_id, [row[7:] for row in rows[len(recorded) :]]),
        task_id=next((stream_id for stream_id, _ in recorded if stream_id != example_id), None),
        task_events=[event for stream_id, event in recorded if stream_id != example_id],
    )


def _to_texts(example_id: UUID, rows: Sequence[Any]) -> SubjectTexts:
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
    """Map those external ids that exist in the dataset to their examples."""
    query = sa.select(examples.c.external_id, examples.c.id).where(
        examples.c.workspace_id == workspace_id,
        examples.c.dataset_id == dataset_id,
        examples.c.external_id == sa.func.any(sa.cast(list(external_ids), ARRAY(sa.Text))),
    )
    return {str(external_id): id_ for external_id, id_ in await fetch_all(engine, query)}
