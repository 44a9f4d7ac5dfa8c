"""What is counted of an example's state."""

from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, array


class CountedState(NamedTuple):
    """What is counted of one state of an example, as expressions."""

    workspace_id: sa.ColumnElement[Any]
    dataset_id: sa.ColumnElement[Any]
    split: sa.ColumnElement[str]
    source: sa.ColumnElement[str]
    tags: sa.ColumnElement[Any]
    score: sa.ColumnElement[Any]
    is_repaired: sa.ColumnElement[bool]
    is_labelled: sa.ColumnElement[bool]
    is_invalid: sa.ColumnElement[bool]
    is_unanswered: sa.ColumnElement[bool]

    def columns(self) -> list[sa.ColumnElement[Any]]:
        return [column.label(name) for name, column in self._asdict().items()]


def is_invalid(states: sa.FromClause) -> sa.ColumnElement[bool]:
    # The first term lets Postgres take the index of marked ones.
    return sa.and_(states.c.invalid.is_not(None), sa.func.jsonb_array_length(states.c.invalid) > 0)


def build_counted_state(states: sa.FromClause, identities: sa.FromClause) -> CountedState:
    """What is counted of rows with the columns of `revisions`, joined to those with the columns of `examples`."""
    state = states.c
    return CountedState(
        workspace_id=state.workspace_id,
        dataset_id=state.dataset_id,
        split=sa.func.coalesce(state.split, identities.c.split, type_=sa.Text),
        source=identities.c.source["type"].astext,
        tags=state.tags,
        score=state.score,
        is_repaired=state.replaced.is_not(None),
        is_labelled=state.label.is_not(None),
        is_invalid=is_invalid(states),
        is_unanswered=state.unanswered,
    )


def select_first_states(new: sa.CTE) -> sa.Select[Any]:
    """First states, by their events alone: to join what was just inserted takes a time that grows by the square."""
    state = build_counted_state(new, new)._replace(
        tags=sa.func.coalesce(new.c.tags, sa.cast(array([]), ARRAY(sa.Text)))
    )
    return sa.select(*state.columns(), sa.literal_column("1").label("times"))


def select_later_states(states: sa.CTE, identities: sa.FromClause, *, times: int) -> sa.Select[Any]:
    """States that count `times`, with what their examples have for good."""
    same = (identities.c.workspace_id == states.c.workspace_id, identities.c.id == states.c.example_id)
    columns = build_counted_state(states, identities).columns()
    return sa.select(*columns, sa.literal_column(str(times)).label("times")).join_from(
        states, identities, sa.and_(*same)
    )
