"""Compare a dataset at two seqs. It reads only the states that begin or end in between."""

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, fetch_one
from service.datasets.examples.projection import revisions
from service.datasets.examples.queries import select_revisions
from service.datasets.examples.ratings import ExampleLabel
from service.datasets.filters.selection import Selection
from service.ledger.tables import contents

Change = Literal["added", "edited", "removed"]
COMPARED = ("version", "content", "metadata", "tags", "score", "replaced", "label")


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


async def list_differences(
    engine: AsyncEngine, workspace_id: UUID, before: Selection, after: Selection, *, past: UUID | None, limit: int
) -> list[Difference]:
    """A page by example id. Both selections are of one dataset, each with its own seq and filter."""
    pair = _join_sides(workspace_id, before, after)
    query = sa.select(pair)
    for name in (f"{side}_{field}" for side in ("before", "after") for field in ("content", "metadata")):
        text = contents.alias()
        query = query.outerjoin(text, _match_text(text, workspace_id, pair, name)).add_columns(
            text.c.body.label(f"{name}_text")
        )
    query = query.order_by(pair.c.example_id).limit(limit)
    if past is not None:
        query = query.where(pair.c.example_id > past)
    return [_to_difference(row) for row in await fetch_all(engine, query)]


async def count_differences(engine: AsyncEngine, workspace_id: UUID, before: Selection, after: Selection) -> Counts:
    """Count the added, edited and removed examples."""
    pair = _join_sides(workspace_id, before, after)
    removed, added = pair.c.after_version.is_(None), pair.c.before_version.is_(None)
    query = sa.select(
        sa.func.count().filter(added),
        sa.func.count().filter(sa.not_(added), sa.not_(removed)),
        sa.func.count().filter(removed),
    ).select_from(pair)
    row = await fetch_one(engine, query)
    return Counts(added=row[0], edited=row[1], removed=row[2])


def _join_sides(workspace_id: UUID, before: Selection, after: Selection) -> sa.Subquery:
    """Both states of each example that differs, side by side."""
    changed = None
    if before.filter == after.filter:
        low, high = sorted((before.seq, after.seq))
        changed = _select_changed(workspace_id, before.dataset_id, low, high)
    left, right = _select_side(workspace_id, before, changed), _select_side(workspace_id, after, changed)
    columns = [sa.func.coalesce(left.c.example_id, right.c.example_id).label("example_id")]
    columns += [left.c[name].label(f"before_{name}") for name in COMPARED]
    columns += [right.c[name].label(f"after_{name}") for name in COMPARED]
    return (
        sa.select(*columns)
        .select_from(left.join(right, left.c.example_id == right.c.example_id, full=True))
        .where(left.c.state.is_distinct_from(right.c.state))
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


def _select_side(workspace_id: UUID, selection: Selection, changed: sa.Select[Any] | None) -> sa.CTE:
    revision = revisions.c
    # Without the revision number: an example that is back in its earlier state does not differ.
    state = sa.func.jsonb_build_array(
        sa.func.encode(revision.content, "hex"),
        sa.func.encode(revision.metadata, "hex"),
        sa.func.to_jsonb(revision.tags),
        revision.ratings,
        sa.func.encode(revision.replaced, "hex"),
        revision.label,
        type_=JSONB,
    )
    columns = [revision[name] for name in ("example_id", *COMPARED)]
    query = select_revisions(workspace_id, selection).with_only_columns(
        *columns, state.label("state"), maintain_column_froms=True
    )
    if changed is not None:
        query = query.where(revision.example_id.in_(changed))
    return query.cte()


def _match_text(table: Any, workspace_id: UUID, pair: sa.Subquery, digest: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        table.c.workspace_id == workspace_id, table.c.subject == pair.c.example_id, table.c.digest == pair.c[digest]
    )


def _to_difference(row: Any) -> Difference:
    before = _to_side(row, "before") if row.before_version is not None else None
    after = _to_side(row, "after") if row.after_version is not None else None
    change: Change = "added" if before is None else "removed" if after is None else "edited"
    return Difference(example_id=row.example_id, change=change, before=before, after=after)


def _to_side(row: Any, side: str) -> Side:
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
