"""Projections: pure functions from a batch of appended events to the statements that derive the read tables."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.types import TypeEngine

from service.ledger.decider import Event


class EventBatch:
    """What a projection reads: `appended`, one row an event, and `contents`, the texts that came with them.

    While writing, these are the batch in hand; while rebuilding, the whole log, a wave at a time. No wave and no batch
    holds a stream twice: the parts of one statement do not see each other's rows.
    """

    def __init__(self, appended: sa.FromClause, *, contents: sa.FromClause, types: Iterable[str]) -> None:
        self.appended = appended
        self.contents = contents
        self.types = frozenset(types)

    def has(self, *kinds: type[Event]) -> bool:
        return any(kind.__name__ in self.types for kind in kinds)

    def rows(self, *kinds: type[Event], **fields: TypeEngine[Any] | type[TypeEngine[Any]]) -> sa.Subquery:
        """One row an event of these kinds: its envelope and the named fields of its data, null where absent."""
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
        wanted = sa.or_(*[envelope.type == name for name in names])
        return sa.select(*columns).select_from(source).where(wanted).subquery()


Projection = Callable[[EventBatch], Iterable[UpdateBase]]


def as_ctes(log: EventBatch, projections: Sequence[Projection]) -> list[sa.CTE]:
    """All parts as data-modifying CTEs of one statement; they run to their end whether or not anything reads them."""
    statements = [statement for project in projections for statement in project(log)]
    return [statement.cte(f"part_{number}") for number, statement in enumerate(statements)]


Registry = Mapping[str, Sequence[Projection]]
