"""Many streams, and the texts of many subjects, each in one query: what is done to a thousand at once reads twice."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from service.database import autocommit
from service.datasets.wording import Wording
from service.ledger.decider import Decider, E, Recorded, Stored
from service.ledger.store import Ledger

State = TypeVar("State")
LOGS = (
    "select stream_id, seq, version, type, data::text, actor, recorded_at from ledger.events"
    " where workspace_id = $1 and stream_id = any($2::uuid[]) and stream = $3 order by stream_id, version"
)
TEXTS = "select subject, digest, salt, body from ledger.contents where workspace_id = $1 and subject = any($2::uuid[])"


async def load_many(
    ledger: Ledger, decider: Decider[State, E], workspace_id: UUID, ids: Iterable[UUID]
) -> dict[UUID, Stored[State]]:
    """The present state of these streams; one without events is not among them."""
    logs: dict[UUID, list[Recorded]] = {}
    async with autocommit(ledger.engine).connect() as connection:
        result = await connection.exec_driver_sql(LOGS, (workspace_id, list(ids), decider.stream))
        rows: Sequence[Any] = result.all()
    for row in rows:
        logs.setdefault(row[0], []).append(Recorded(*row[1:]))
    folded = {id_: decider.fold(id_, log) for id_, log in logs.items()}
    return {id_: stored for id_, stored in folded.items() if stored is not None}


async def wordings(ledger: Ledger, workspace_id: UUID, subjects: Iterable[UUID]) -> dict[UUID, Wording]:
    """All texts that are kept of each subject; those that were erased are not among them."""
    wanted = list(subjects)
    known: dict[UUID, dict[str, tuple[bytes, bytes]]] = {subject: {} for subject in wanted}
    async with autocommit(ledger.engine).connect() as connection:
        result = await connection.exec_driver_sql(TEXTS, (workspace_id, wanted))
        rows: Sequence[Any] = result.all()
    for subject, digest, salt, body in rows:
        known[subject][bytes(digest).hex()] = (bytes(salt), bytes(body))
    return {subject: Wording(subject, texts) for subject, texts in known.items()}
