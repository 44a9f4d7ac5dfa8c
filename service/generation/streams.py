"""Streams at a version, and many at once with their texts."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from service.database import autocommit
from service.datasets.wording import Wording
from service.errors import NotFound
from service.ledger.decider import Decider, E, Recorded, Stored
from service.ledger.store import Ledger

State = TypeVar("State")
LOGS = (
    "select stream_id, seq, version, type, data::text, actor, recorded_at from ledger.events"
    " where workspace_id = $1 and stream_id = any($2::uuid[]) and stream = $3 order by stream_id, version"
)
TEXTS = "select subject, digest, salt, body from ledger.contents where workspace_id = $1 and subject = any($2::uuid[])"


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
    logs: dict[UUID, list[Recorded]] = {}
    for row in await _rows(ledger, LOGS, (workspace_id, list(ids), decider.stream)):
        logs.setdefault(row[0], []).append(Recorded(*row[1:]))
    folded = {id_: decider.fold(id_, log) for id_, log in logs.items()}
    return {id_: stored for id_, stored in folded.items() if stored is not None}


async def wordings(ledger: Ledger, workspace_id: UUID, subjects: Iterable[UUID]) -> dict[UUID, Wording]:
    """All texts that are kept of each subject; those that were erased are not among them."""
    known: dict[UUID, dict[str, tuple[bytes, bytes]]] = {subject: {} for subject in subjects}
    for subject, digest, salt, body in await _rows(ledger, TEXTS, (workspace_id, list(known))):
        known[subject][bytes(digest).hex()] = (bytes(salt), bytes(body))
    return {subject: Wording(subject, texts) for subject, texts in known.items()}


async def _rows(ledger: Ledger, query: str, values: tuple[Any, ...]) -> Sequence[Any]:
    async with autocommit(ledger.engine).connect() as connection:
        result = await connection.exec_driver_sql(query, values)
        rows: Sequence[Any] = result.all()
    return rows
