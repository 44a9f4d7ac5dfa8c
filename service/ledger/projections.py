"""Projections: pure functions from a batch of appended events to the statements that derive the read tables."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.types import TypeEngine

from service.ledger.decider import Event

OF_READS = "of_reads"  # in the info of an index: projections do without it, and so a rebuild does


class EventBatch:
    """What a projection reads: `appended`, with one row per event, and `contents`, the texts written with them.

    While writing it is one batch, while rebuilding one wave of the log. A batch or wave holds each stream at most once,
    since the parts of one statement do not see each other's rows.
    """

    def __init__(self, appended: sa.FromClause, *, contents: sa.FromClause, types: Iterable[str]) -> None:
        self.appended = appended
        self.contents = contents
        self.types = frozenset(types)

    def has(self, *kinds: type[Event]) -> bool:
        return any(kind.__name__ in self.types for kind in kinds)

    def rows(self, *kinds: type[Event], **fields: TypeEngine[Any] | type[TypeEngine[Any]]) -> sa.Subquery:
        """Select one row per event of these kinds: its envelope and the named fields of its data, null where absent."""
        envelope = self.appended.c
        columns: list[Any] = [
            envelope.workspace_id,
            envelope.stream_id,
            envelope.version,
            envelope.seq,
            envelope.type,
            envelope.actor,
            envelope.recorded_at,
        ]
        source: sa.FromClause = self.appended
        if fields:
            data = (
                sa.func.json_to_record(envelope.data)
                .table_valued(*[sa.column(name, kind) for name, kind in fields.items()], name="data")
                .render_derived(with_types=True)
                .lateral()
            )
            columns += list(data.c)
            source = self.appended.join(data, sa.true())
        names = sorted(kind.__name__ for kind in kinds)
        is_one_of_them = sa.or_(*[envelope.type == name for name in names])
        return sa.select(*columns).select_from(source).where(is_one_of_them).subquery()


def update_archived(table: sa.Table, log: EventBatch, *kinds: type[Event]) -> UpdateBase:
    """Set `archived_at` from the `at` of the event that archives, and empty it at the one that brings back."""
    change = log.rows(*kinds, at=sa.DateTime(timezone=True))
    same = (table.c.workspace_id == change.c.workspace_id, table.c.id == change.c.stream_id)
    values = {"archived_at": change.c.at, "updated_at": change.c.recorded_at, "version": change.c.version}
    if "updated_by" in table.c:
        values["updated_by"] = change.c.actor
    return sa.update(table).where(*same).values(values)


Projection = Callable[[EventBatch], Iterable[UpdateBase | sa.CTE]]


def as_ctes(log: EventBatch, projections: Sequence[Projection]) -> list[sa.CTE]:
    """Turn the statements of all projections into CTEs of one statement. Postgres runs them even unread.

    A projection yields a CTE of its own where another of its statements reads the rows that the first returns.
    """
    parts = enumerate(part for project in projections for part in project(log))
    return [part if isinstance(part, sa.CTE) else part.cte(f"part_{number}") for number, part in parts]


Registry = Mapping[str, Sequence[Projection]]
