"""Compare a dataset at two seqs. It reads only the states that begin or end in between."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Literal, get_args
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, fetch_column, fetch_one
from service.datasets.examples.projection import current_split, examples, revisions
from service.datasets.examples.queries import select_revisions
from service.datasets.examples.ratings import ExampleLabel
from service.datasets.filters.selection import Selection
from service.datasets.splits import Split
from service.http.responses import encoder
from service.ledger.tables import contents

Change = Literal["added", "edited", "removed"]
Field = Literal["content", "metadata", "tags", "ratings", "repair", "label", "split"]
FIELDS: tuple[Field, ...] = get_args(Field)
COLUMNS: dict[Field, str] = {field: field for field in FIELDS} | {"repair": "replaced"}
COMPARED = ("version", "score", *COLUMNS.values())
SHOWN = ("example_id", *COMPARED)
PAGE_ROWS = 1_000


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """An example at one end of a diff. `content` is null once erased."""

    example_id: UUID
    """The example. A copy has an id of its own."""
    version: int
    """The version of the example."""
    content: Any
    """The content. Null once erased."""
    metadata: Any
    """The metadata. Null if there is none, or once erased."""
    tags: list[str]
    """The tags."""
    rating: float | None
    """Mean rating in stars. Null if not rated."""
    repaired: bool
    """Whether the answer was repaired."""
    label: ExampleLabel | None
    """The label. Null if there is none."""
    split: Split
    """The split."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """An example that differs: `before` is null when it was added, `after` when it was removed."""

    example_id: UUID
    """The example that differs; between a dataset and its fork, the first that both are copies of."""
    change: Change
    """Whether the example was added, edited or removed."""
    changed: list[Field]
    """What differs of an edited example. Empty if it was added or removed."""
    before: Side | None
    """The example before. Null if it was added."""
    after: Side | None
    """The example after. Null if it was removed."""


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    added: int
    """How many examples were added."""
    edited: int
    """How many examples were edited."""
    removed: int
    """How many examples were removed."""
    fields: dict[Field, int]
    """In how many of the edited ones each field differs: `ratings` if rated again, `split` if moved."""


async def list_differences(
    engine: AsyncEngine,
    workspace_id: UUID,
    before: Selection,
    after: Selection,
    *,
    past: UUID | None,
    limit: int,
    only: Change | Field | None = None,
) -> list[Difference]:
    """A page by example id. The selections are of one dataset or of forks, each with its own seq and filter."""
    pair = _join_sides(workspace_id, before, after, past=past)
    listed = sa.select(pair).order_by(pair.c.key).limit(limit)
    if only is not None:
        listed = listed.where(_build_conditions(pair)[only])
    differing = listed.subquery("differing")  # texts are read of these alone
    query = sa.select(differing).order_by(differing.c.key)
    for name in (f"{side}_{field}" for side in ("before", "after") for field in ("content", "metadata")):
        query = query.add_columns(_select_text(workspace_id, differing, name).label(f"{name}_text"))
    return [_to_difference(row) for row in await fetch_all(engine, query)]


async def stream_differences(
    engine: AsyncEngine, workspace_id: UUID, before: Selection, after: Selection, *, only: Change | Field | None
) -> AsyncIterator[bytes]:
    """All of them as JSON lines; the seqs fix the states, so each page is a short statement of its own."""
    past: UUID | None = None
    while True:
        rows = await list_differences(engine, workspace_id, before, after, past=past, limit=PAGE_ROWS, only=only)
        if rows:
            yield b"".join(encoder.encode(row) + b"\n" for row in rows)
        if len(rows) < PAGE_ROWS:
            return
        past = rows[-1].example_id


async def list_changed_ids(
    engine: AsyncEngine, workspace_id: UUID, before: Selection, after: Selection
) -> Sequence[UUID]:
    """The ids of all examples that differ."""
    pair = _join_sides(workspace_id, before, after)
    return await fetch_column(engine, sa.select(pair.c.key).order_by(pair.c.key))


async def count_differences(engine: AsyncEngine, workspace_id: UUID, before: Selection, after: Selection) -> Counts:
    """Count the added, edited and removed examples, and in how many of the edited ones each field differs."""
    pair = _join_sides(workspace_id, before, after)
    conditions = _build_conditions(pair)
    query = sa.select(*[sa.func.count().filter(condition).label(name) for name, condition in conditions.items()])
    row = await fetch_one(engine, query.select_from(pair))
    counts = dict(zip(conditions, row, strict=True))
    fields = {field: counts[field] for field in FIELDS if counts[field]}
    return Counts(added=counts["added"], edited=counts["edited"], removed=counts["removed"], fields=fields)


def _build_conditions(pair: sa.Subquery) -> dict[str, sa.ColumnElement[bool]]:
    """What can be asked of a pair: how it came about, and which fields of an edited example differ."""
    removed, added = pair.c.after_version.is_(None), pair.c.before_version.is_(None)
    edited = sa.not_(sa.or_(removed, added))
    fields = {
        str(field): sa.and_(edited, pair.c[f"before_{name}"].is_distinct_from(pair.c[f"after_{name}"]))
        for field, name in COLUMNS.items()
    }
    return {"added": added, "edited": edited, "removed": removed, **fields}


def _join_sides(workspace_id: UUID, before: Selection, after: Selection, *, past: UUID | None = None) -> sa.Subquery:
    """Both states of each example that differs, side by side."""
    changed = None
    is_fork = before.dataset_id != after.dataset_id
    if before.filter == after.filter and not is_fork:
        low, high = sorted((before.seq, after.seq))
        changed = _select_changed(workspace_id, before.dataset_id, low, high)
    key: Any = examples.c.id if not is_fork else sa.func.coalesce(examples.c.root_id, examples.c.id)
    left, right = [_select_side(workspace_id, side, key, changed, past) for side in (before, after)]
    columns = [sa.func.coalesce(left.c.key, right.c.key).label("key")]
    columns += [left.c[name].label(f"before_{name}") for name in SHOWN]
    columns += [right.c[name].label(f"after_{name}") for name in SHOWN]
    is_different = sa.or_(*[left.c[name].is_distinct_from(right.c[name]) for name in COLUMNS.values()])
    return (
        sa.select(*columns)
        .select_from(left.join(right, left.c.key == right.c.key, full=True))
        .where(is_different)
        .subquery("pair")
    )


def _select_changed(workspace_id: UUID, dataset_id: UUID, low: int, high: int) -> sa.Select[Any]:
    """Examples with a state that begins or ends after `low` and not after `high`."""
    in_dataset = (revisions.c.workspace_id == workspace_id, revisions.c.dataset_id == dataset_id)
    began = sa.select(revisions.c.example_id).where(
        *in_dataset, revisions.c.seq_from > low, revisions.c.seq_from <= high
    )
    ended = sa.select(revisions.c.example_id).where(
        *in_dataset, revisions.c.seq_to.is_not(None), revisions.c.seq_to > low, revisions.c.seq_to <= high
    )
    return sa.select(sa.union(began, ended).subquery().c.example_id)


def _select_side(
    workspace_id: UUID, selection: Selection, key: Any, changed: sa.Select[Any] | None, past: UUID | None
) -> sa.CTE:
    """The states of one side, without the revision number: what is back in its earlier state does not differ."""
    columns = [current_split.label("split") if name == "split" else revisions.c[name] for name in COMPARED]
    query = select_revisions(workspace_id, selection).with_only_columns(
        key.label("key"), revisions.c.example_id, *columns, maintain_column_froms=True
    )
    if changed is not None:
        query = query.where(revisions.c.example_id.in_(changed))
    if past is not None:
        query = query.where(key > past)
    return query.cte()


def _select_text(workspace_id: UUID, pair: sa.Subquery, digest: str) -> sa.ScalarSelect[bytes]:
    subject = pair.c[f"{digest.partition('_')[0]}_example_id"]
    same_text = (contents.c.subject == subject, contents.c.digest == pair.c[digest])
    return (
        sa.select(contents.c.body).where(contents.c.workspace_id == workspace_id, *same_text).correlate(pair)
    ).scalar_subquery()


def _to_difference(row: Any) -> Difference:
    before = to_side(row, "before") if row.before_version is not None else None
    after = to_side(row, "after") if row.after_version is not None else None
    change: Change = "added" if before is None else "removed" if after is None else "edited"
    changed = [field for field, name in COLUMNS.items() if before and after and _differs(row, name)]
    return Difference(example_id=row.key, change=change, changed=changed, before=before, after=after)


def _differs(row: Any, column: str) -> bool:
    return bool(getattr(row, f"before_{column}") != getattr(row, f"after_{column}"))


def to_side(row: Any, side: str) -> Side:
    tags: Sequence[str] = getattr(row, f"{side}_tags")
    return Side(
        example_id=getattr(row, f"{side}_example_id"),
        version=getattr(row, f"{side}_version"),
        content=_raw(getattr(row, f"{side}_content_text")),
        metadata=_raw(getattr(row, f"{side}_metadata_text")),
        tags=list(tags),
        rating=getattr(row, f"{side}_score"),
        repaired=getattr(row, f"{side}_replaced") is not None,
        label=getattr(row, f"{side}_label"),
        split=getattr(row, f"{side}_split"),
    )


def _raw(text: bytes | None) -> Any:
    return None if text is None else msgspec.Raw(bytes(text))
