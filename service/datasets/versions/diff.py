"""What changed in a dataset between two moments: the states that begin or end in between, so it costs the change."""

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, fetch_one
from service.datasets.examples.domain import ExampleLabel
from service.datasets.examples.filters import Selection
from service.datasets.examples.projection import revisions
from service.datasets.examples.queries import chosen
from service.ledger.tables import contents

Change = Literal["added", "edited", "removed"]
SEEN = ("version", "content", "metadata", "tags", "score", "replaced", "label")


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """An example at one end of a diff. `content` is null once erased."""

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


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """An example that differs: `before` is null when it was added, `after` when it was removed."""

    example_id: UUID
    """The example that differs."""
    change: Change
    """Whether the example was added, edited or removed."""
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


async def differences(
    engine: AsyncEngine, workspace_id: UUID, before: Selection, after: Selection, *, past: UUID | None, limit: int
) -> list[Difference]:
    """A page by example id. Selections of one dataset at two moments, each under its own filter."""
    pair = _pair(workspace_id, before, after)
    query = sa.select(pair)
    for name in (f"{side}_{field}" for side in ("before", "after") for field in ("content", "metadata")):
        text = contents.alias()
        query = query.outerjoin(text, _text(text, workspace_id, pair, name)).add_columns(
            text.c.body.label(f"{name}_text")
        )
    query = query.order_by(pair.c.example_id).limit(limit)
    if past is not None:
        query = query.where(pair.c.example_id > past)
    return [_difference(row) for row in await fetch_all(engine, query)]


async def count_differences(engine: AsyncEngine, workspace_id: UUID, before: Selection, after: Selection) -> Counts:
    """How many were added, edited and removed."""
    pair = _pair(workspace_id, before, after)
    gone, new = pair.c.after_version.is_(None), pair.c.before_version.is_(None)
    query = sa.select(
        sa.func.count().filter(new), sa.func.count().filter(sa.not_(new), sa.not_(gone)), sa.func.count().filter(gone)
    ).select_from(pair)
    added, edited, removed = await fetch_one(engine, query)
    return Counts(added=added, edited=edited, removed=removed)


def _pair(workspace_id: UUID, before: Selection, after: Selection) -> sa.Subquery:
    """Both states of each example that may differ, beside each other, where they do differ."""
    touched = None
    if before.filter == after.filter:
        low, high = sorted((before.seq, after.seq))
        touched = _touched(workspace_id, before.dataset_id, low, high)
    left, right = _side(workspace_id, before, touched), _side(workspace_id, after, touched)
    columns = [sa.func.coalesce(left.c.example_id, right.c.example_id).label("example_id")]
    columns += [left.c[name].label(f"before_{name}") for name in SEEN]
    columns += [right.c[name].label(f"after_{name}") for name in SEEN]
    return (
        sa.select(*columns)
        .select_from(left.join(right, left.c.example_id == right.c.example_id, full=True))
        .where(left.c.state.is_distinct_from(right.c.state))
        .subquery("pair")
    )


def _touched(workspace_id: UUID, dataset_id: UUID, low: int, high: int) -> sa.Select[Any]:
    """Examples with a state that begins or ends after `low` and not after `high`."""
    here = (revisions.c.workspace_id == workspace_id, revisions.c.dataset_id == dataset_id)
    begun = sa.select(revisions.c.example_id).where(*here, revisions.c.seq_from > low, revisions.c.seq_from <= high)
    ended = sa.select(revisions.c.example_id).where(
        *here, revisions.c.seq_to.is_not(None), revisions.c.seq_to > low, revisions.c.seq_to <= high
    )
    return sa.select(sa.union(begun, ended).subquery().c.example_id)


def _side(workspace_id: UUID, selection: Selection, touched: sa.Select[Any] | None) -> sa.CTE:
    revision = revisions.c
    # What an example is, whatever its revision number: going back to an earlier state is no difference.
    state = sa.func.jsonb_build_array(
        sa.func.encode(revision.content, "hex"),
        sa.func.encode(revision.metadata, "hex"),
        sa.func.to_jsonb(revision.tags),
        revision.ratings,
        sa.func.encode(revision.replaced, "hex"),
        revision.label,
        type_=JSONB,
    )
    columns = [revision[name] for name in ("example_id", *SEEN)]
    query = chosen(workspace_id, selection).with_only_columns(
        *columns, state.label("state"), maintain_column_froms=True
    )
    if touched is not None:
        query = query.where(revision.example_id.in_(touched))
    return query.cte()


def _text(table: Any, workspace_id: UUID, pair: sa.Subquery, digest: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        table.c.workspace_id == workspace_id, table.c.subject == pair.c.example_id, table.c.digest == pair.c[digest]
    )


def _difference(row: Any) -> Difference:
    before = _shown(row, "before") if row.before_version is not None else None
    after = _shown(row, "after") if row.after_version is not None else None
    change: Change = "added" if before is None else "removed" if after is None else "edited"
    return Difference(example_id=row.example_id, change=change, before=before, after=after)


def _shown(row: Any, side: str) -> Side:
    tags: Sequence[str] = getattr(row, f"{side}_tags")
    return Side(
        version=getattr(row, f"{side}_version"),
        content=_raw(getattr(row, f"{side}_content_text")),
        metadata=_raw(getattr(row, f"{side}_metadata_text")),
        tags=list(tags),
        rating=getattr(row, f"{side}_score"),
        repaired=getattr(row, f"{side}_replaced") is not None,
        label=getattr(row, f"{side}_label"),
    )


def _raw(text: bytes | None) -> Any:
    return None if text is None else msgspec.Raw(bytes(text))
