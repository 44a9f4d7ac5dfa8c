"""Many streams in one query, and a stream as it was at a version."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from service.database.engine import autocommit
from service.errors import NotFound
from service.ledger.decider import Decider, E, Recorded, Stored
from service.ledger.store import Ledger

State = TypeVar("State")
LOGS = (
    "select stream_id, seq, version, type, data::text, actor, recorded_at from ledger.events"
    " where workspace_id = $1 and stream_id = any($2::uuid[]) and stream = $3 order by stream_id, version"
)


async def state_at(
    ledger: Ledger, decider: Decider[State, E], workspace_id: UUID, stream_id: UUID, *, version: int
) -> State:
    """What the stream was at that version. Raises NotFound."""
    log = await ledger.log(workspace_id, decider.stream, stream_id)
    stored = decider.fold(stream_id, [recorded for recorded in log if recorded.version <= version])
    if stored is None:
        raise NotFound(f"No such {decider.stream}: {stream_id}.")
    return stored.state


async def load_many(
    ledger: Ledger, decider: Decider[State, E], workspace_id: UUID, ids: Iterable[UUID]
) -> dict[UUID, Stored[State]]:
    """The present state of these streams; one without events is not among them."""
    async with autocommit(ledger.engine).connect() as connection:
        result = await connection.exec_driver_sql(LOGS, (workspace_id, list(ids), decider.stream))
        rows: Sequence[Any] = result.all()
    logs: dict[UUID, list[Recorded]] = {}
    for row in rows:
        logs.setdefault(row[0], []).append(Recorded(*row[1:]))
    folded = {id_: decider.fold(id_, log) for id_, log in logs.items()}
    return {id_: stored for id_, stored in folded.items() if stored is not None}
