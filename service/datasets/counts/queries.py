"""Read counts: as they are kept, or counted anew for a past moment."""

from typing import Any, Literal
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, fetch_value
from service.datasets.counts.counted_state import build_counted_state
from service.datasets.counts.projection import count_states, dataset_counts
from service.datasets.examples.projection import examples, revisions
from service.datasets.examples.queries import Rare, count_examples, select_revisions
from service.datasets.filters.expression import All, Condition, Node
from service.datasets.filters.selection import Filter, Selection

MAX_SEQ = 2**63 - 1  # as of which the present state is
MAX_TAGS = 1_000
MAX_RARE = 2_000
Counts = dict[str, dict[str, int]]


async def load_counts(engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, *, seq: int | None = None) -> Counts:
    """The numbers of examples by kind and key, now or at `seq`, the largest first; of tags the MAX_TAGS most frequent.

    For a past moment this reads all examples.
    """
    if seq is None:
        counts = _select_present(workspace_id, dataset_id)
    else:
        counts = _select_past(workspace_id, Selection(dataset_id=dataset_id, seq=seq))
    result: Counts = {}
    for kind, key, number in await fetch_all(engine, _limit_tags(counts.cte("counts"))):
        result.setdefault(kind, {})[key] = number
    return result


def _select_present(workspace_id: UUID, dataset_id: UUID) -> sa.Select[Any]:
    return sa.select(dataset_counts).where(
        dataset_counts.c.workspace_id == workspace_id,
        dataset_counts.c.dataset_id == dataset_id,
        dataset_counts.c.examples > 0,
    )


def _select_past(workspace_id: UUID, selection: Selection) -> sa.Select[Any]:
    columns = build_counted_state(revisions, examples).columns()
    states = select_revisions(workspace_id, selection).with_only_columns(
        *columns, sa.literal_column("1").label("times"), maintain_column_froms=True
    )
    return count_states(states.subquery("states"))


def _limit_tags(counts: sa.CTE) -> sa.CompoundSelect[Any]:
    columns = (counts.c.kind, counts.c.key, counts.c.examples)
    frequent = sa.select(*columns).where(counts.c.kind == "tag").order_by(counts.c.examples.desc(), counts.c.key)
    others = sa.select(*columns).where(counts.c.kind != "tag").order_by(counts.c.examples.desc(), counts.c.key)
    return sa.union_all(others.subquery().select(), frequent.limit(MAX_TAGS).subquery().select())


async def count_matches(engine: AsyncEngine, workspace_id: UUID, selection: Selection) -> int:
    """Count the examples of a selection: if they are counted anyway, by that count and what changed since."""
    counted = _find_count(selection)
    if counted is None:
        return await count_examples(engine, workspace_id, selection)
    kind, key = counted
    kept = _select_present(workspace_id, selection.dataset_id).where(dataset_counts.c.kind == kind)
    if key is not None:
        kept = kept.where(dataset_counts.c.key == key)
    present = sa.select(sa.cast(sa.func.coalesce(sa.func.sum(kept.subquery().c.examples), 0), sa.BigInteger))
    now = msgspec.structs.replace(selection, seq=MAX_SEQ)
    begun = _select_number(workspace_id, now).where(revisions.c.seq_from > selection.seq)
    ended = _select_number(workspace_id, selection).where(revisions.c.seq_to > selection.seq)
    parts = [query.scalar_subquery() for query in (present, begun, ended)]
    number: int = await fetch_value(engine, sa.select(parts[0] - parts[1] + parts[2]))
    return number


async def find_rarest(engine: AsyncEngine, workspace_id: UUID, selection: Selection) -> Rare | None:
    """The tag or source in the selection's filter that at most MAX_RARE examples have now, and those the fewest."""
    counts = [count for term in _list_terms(selection.filter) if (count := _to_count(term))]
    asked = [Rare(kind, key) for kind, key in counts if kind != "split"]
    if not asked:
        return None
    is_asked = sa.tuple_(dataset_counts.c.kind, dataset_counts.c.key).in_(asked)
    rows = await fetch_all(engine, _select_present(workspace_id, selection.dataset_id).where(is_asked))
    numbers = {(row.kind, row.key): row.examples for row in rows}
    rarest = min(asked, key=lambda each: numbers.get(each, 0))
    return rarest if numbers.get(rarest, 0) <= MAX_RARE else None


def _find_count(selection: Selection) -> tuple[str, str | None] | None:
    """The kind and key by which exactly the selection's examples are counted; without a key all of that kind."""
    if selection.also != Filter() or selection.split or selection.answered:
        return None
    match _list_terms(selection.filter):
        case ():
            return "split", None
        case (term,):
            return _to_count(term)
        case _:
            return None


def _list_terms(filter_: Filter) -> tuple[Node, ...]:
    """What must hold, term by term."""

    def list_terms(node: Node) -> tuple[Node, ...]:
        return tuple(term for each in node.terms for term in list_terms(each)) if isinstance(node, All) else (node,)

    return list_terms(filter_.build_tree())


def _to_count(term: Node) -> tuple[Literal["tag", "split", "source"], str] | None:
    match term:
        case Condition(field="tag" | "split" | "source" as field, path=(), operator="=", values=(str() as value,)):
            return field, value
        case _:
            return None


def _select_number(workspace_id: UUID, selection: Selection) -> sa.Select[Any]:
    return select_revisions(workspace_id, selection).with_only_columns(sa.func.count(), maintain_column_froms=True)


async def count_all(engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID) -> int:
    """How many examples the dataset has now."""
    splits = _select_present(workspace_id, dataset_id).where(dataset_counts.c.kind == "split").subquery()
    number: int = await fetch_value(engine, sa.select(sa.cast(sa.func.sum(splits.c.examples), sa.BigInteger)))
    return number or 0
