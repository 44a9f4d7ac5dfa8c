"""Counts of a dataset's present examples by split, source, tag and so on, kept by the statements that change them."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import array, insert
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import metadata
from service.datasets.counts.counted_state import CountedState

# A count that fell to zero stays. What has no words to tell apart, such as repairs, has an empty `key`.
dataset_counts = sa.Table(
    "dataset_counts",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("dataset_id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("examples", sa.BigInteger, nullable=False),
)
DATASET = ("workspace_id", "dataset_id")
COUNT = (*DATASET, "kind", "key")


def count_states(states: sa.FromClause) -> sa.Select[Any]:
    """Count states by kind and key. Each row has the columns of a CountedState, and `times`: -1 for one that ended."""
    total = sa.func.sum(states.c.times)
    dimensions = [states.c[name] for name in CountedState._fields]
    # First by all that is counted, so that few rows are taken apart.
    alike = sa.select(*dimensions, total.label("times")).group_by(*dimensions).having(total != 0).subquery("alike")
    counted = _take_apart(alike)
    columns = [*[alike.c[name] for name in DATASET], counted.c.kind, counted.c.key]
    number = sa.cast(sa.func.sum(alike.c.times), sa.BigInteger).label("examples")
    return sa.select(*columns, number).join_from(alike, counted, counted.c.key.is_not(None)).group_by(*columns)


def update_counts(states: sa.FromClause) -> UpdateBase:
    """Add what `count_states` counts to the counts."""
    rows = count_states(states).subquery("changed_counts")
    changed = sa.select(rows).where(rows.c.examples != 0)
    upsert = insert(dataset_counts).from_select([*COUNT, "examples"], changed)
    return upsert.on_conflict_do_update(
        index_elements=COUNT, set_={"examples": dataset_counts.c.examples + upsert.excluded.examples}
    )


def _take_apart(alike: sa.Subquery) -> Any:
    """A row a kind, with a null key where it does not count."""
    state = alike.c
    is_reviewed = sa.or_(state.score.is_not(None), state.is_repaired, state.is_labelled)
    keys: dict[str, sa.ColumnElement[Any]] = {
        "split": state.split,
        "source": state.source,
        "reviewed": sa.case((is_reviewed, state.source)),
        "rating": sa.cast(state.score, sa.Text),
        "repaired": _no_key(state.is_repaired),
        "invalid": _no_key(state.is_invalid),
        "unanswered": _no_key(state.is_unanswered),
    }
    kinds = array([sa.literal_column(f"'{kind}'", sa.Text) for kind in keys])
    tags = sa.func.array_fill(sa.literal_column("'tag'::text", sa.Text), array([sa.func.cardinality(state.tags)]))
    return (
        sa.func.unnest(sa.func.array_cat(kinds, tags), sa.func.array_cat(array(list(keys.values())), state.tags))
        .table_valued(sa.column("kind", sa.Text), sa.column("key", sa.Text), name="counted")
        .render_derived()
        .lateral()
    )


def _no_key(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[str]:
    return sa.case((condition, sa.literal_column("''", sa.Text)))
