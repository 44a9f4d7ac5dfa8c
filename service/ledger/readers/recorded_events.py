"""Whether streams had events of some kinds at a moment of the log."""

from uuid import UUID

import sqlalchemy as sa

from service.ledger.decider import Event
from service.ledger.tables import events


def has_recorded(
    workspace_id: UUID, stream_id: sa.ColumnElement[UUID], kinds: tuple[type[Event], ...], *, until: int
) -> sa.Exists:
    """A condition: the stream has an event of one of these kinds up to the seq `until`."""
    return sa.exists().where(
        events.c.workspace_id == workspace_id,
        events.c.stream_id == stream_id,
        events.c.seq <= until,
        sa.or_(*[events.c.type == kind.__name__ for kind in kinds]),
    )
