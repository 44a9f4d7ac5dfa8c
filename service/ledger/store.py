"""The ledger: fold a stream, decide, and write events, texts, projections and the response in one statement."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import autocommit
from service.database.rows import fetch_all
from service.database.statement_text import Composed
from service.errors import Conflict, Fault, InFlight, NotFound, Problem, Stale, TooManyRequests, Unavailable
from service.ledger.decider import PENDING, Decider, E, Event, RecordedEvent, StreamState
from service.ledger.projections import Registry
from service.ledger.retry import LostRace, retry_on_conflict
from service.ledger.writes.batch import (
    NO_ATTACHMENTS,
    Attachments,
    Batch,
    Caller,
    Claim,
    Entry,
    ResponseRecord,
    StoredText,
    Written,
)
from service.ledger.writes.group_commit import GroupCommit
from service.ledger.writes.pending_write import MARKER, PendingWrite, build_values
from service.ledger.writes.statements import Parts, compose

__all__ = [
    "MARKER",
    "NO_ATTACHMENTS",
    "Attachments",
    "Batch",
    "Caller",
    "Claim",
    "Entry",
    "Ledger",
    "ResponseRecord",
    "StoredText",
    "Written",
    "entries",
    "load_many",
    "state_at",
]

State = TypeVar("State")
BUSY_SQLSTATES = ("55P03", "57014", "40P01")  # lock_not_available, query_canceled, deadlock_detected
Statements = dict[tuple[Any, ...], Composed]


class Ledger:
    """Reads streams and appends to them. `unique_fields` maps each unique constraint to the field it is about."""

    def __init__(
        self,
        engine: AsyncEngine,
        registry: Registry,
        *,
        unique_fields: Mapping[str, str],
        statements: Statements | None = None,
    ) -> None:
        self.engine = engine
        self.registry = registry
        self._writes = autocommit(engine)
        self._unique_fields = unique_fields
        self._statements: Statements = {} if statements is None else statements
        self._group_commit = GroupCommit(self._send, is_shared=_came_over_all)

    async def find(self, decider: Decider[State, E], workspace_id: UUID, stream_id: UUID) -> StreamState[State] | None:
        """The stream's current state, or None when it has no events."""
        return decider.fold(stream_id, await self.load_events(workspace_id, decider.stream, stream_id))

    async def get(self, decider: Decider[State, E], workspace_id: UUID, stream_id: UUID) -> StreamState[State]:
        """The stream's current state. Raises NotFound when it has no events."""
        return _require(await self.find(decider, workspace_id, stream_id), decider.stream, stream_id)

    async def load_events(self, workspace_id: UUID, stream: str, stream_id: UUID) -> list[RecordedEvent]:
        async with self._writes.connect() as connection:
            result = await connection.exec_driver_sql(
                "select seq, version, type, data::text, actor, recorded_at from ledger.events"
                " where workspace_id = $1 and stream_id = $2 and stream = $3 order by version",
                (workspace_id, stream_id, stream),
            )
            rows: Sequence[Any] = result.all()
        return [RecordedEvent(*row) for row in rows]

    async def change(
        self,
        decider: Decider[State, E],
        stream_id: UUID,
        decide: Callable[[State | None], Sequence[E]],
        *,
        caller: Caller,
        expected: int | None = None,
        attachments: Attachments = NO_ATTACHMENTS,
        respond: Callable[[StreamState[State]], ResponseRecord] | None = None,
        events: Sequence[RecordedEvent] | None = None,
    ) -> StreamState[State]:
        """Fold, decide, write; fold and decide again when another change came first.

        `decide` returns at most one event. `respond` builds the response to store for a repeat of the request.
        `events` is the stream as the caller has just read it, for the first attempt.
        Raises Stale when the stream's version is not `expected`, and whatever `decide` raises.
        """
        preloaded = [events] if events is not None else []

        async def attempt() -> StreamState[State]:
            log = (
                preloaded.pop() if preloaded else await self.load_events(caller.workspace_id, decider.stream, stream_id)
            )
            before = decider.fold(stream_id, log)
            if before is not None and expected not in (None, before.version):
                raise Stale(f"The {decider.stream} is at version {before.version}, not {expected}.")
            event = _only_event(decide(before.state if before else None))
            if event is None:
                return _require(before, decider.stream, stream_id)
            return await self._record(
                decider, stream_id, before, event, caller=caller, attachments=attachments, respond=respond
            )

        return await retry_on_conflict(attempt, subject=f"the {decider.stream}")

    async def _record(
        self,
        decider: Decider[State, E],
        stream_id: UUID,
        before: StreamState[State] | None,
        event: E,
        *,
        caller: Caller,
        attachments: Attachments,
        respond: Callable[[StreamState[State]], ResponseRecord] | None,
    ) -> StreamState[State]:
        """Append one event to a stream and return the state after it. Raises what `write` raises."""
        version = before.version if before else 0
        after = decider.apply(stream_id, before, event, _pending(version + 1, caller))
        entry = Entry(stream=decider.stream, stream_id=stream_id, after=version, event=event)
        response = respond(after) if respond and caller.claim else None
        batch = Batch(entries=[entry], attachments=attachments, response=response)
        return _with_database_times(after, await self.write(caller, batch))

    async def change_many(
        self, caller: Caller, gather: Callable[[], Awaitable[Batch]], *, subject: str = "these resources"
    ) -> None:
        """Write the batch that `gather` builds, all or nothing; gather again when another change came first.

        A batch without entries writes nothing. Raises LostRace, and whatever `gather` raises.
        """

        async def attempt() -> None:
            batch = await gather()
            if batch.entries:
                await self.write(caller, batch)

        await retry_on_conflict(attempt, subject=subject)

    async def write(self, caller: Caller, batch: Batch) -> Written:
        """Append and project a batch in one statement, alone or with others of its workspace, as one transaction.

        Raises LostRace when a stream is no longer at the entry's version, Conflict when a unique value is taken.
        """
        write = PendingWrite(caller=caller, batch=batch)
        written = await (self._group_commit.write(write) if write.can_wait else self._send_alone(write))
        if caller.claim and batch.response:
            caller.claim.settled = True
        return written

    async def _send_alone(self, write: PendingWrite) -> Written:
        [written] = await self._send([write])
        return written

    async def _send(self, writes: Sequence[PendingWrite]) -> list[Written]:
        """Write them in one statement."""
        sent = await self.run(self._statement(writes), build_values(writes))
        written, seq = [], sent.first_seq
        for write in writes:
            written.append(Written(first_seq=seq, recorded_at=sent.recorded_at))
            seq += len(write.batch.entries)
        return written

    async def run(self, composed: Composed, values: Mapping[str, Any]) -> Written:
        """Run a composed write as its own transaction. Returns the first seq and the time of recording."""
        async with self._writes.connect() as connection:
            try:
                result = await connection.exec_driver_sql(composed.sql, composed.arguments(values))
            except sa.exc.DBAPIError as error:
                raise self._translate(error) from error
            row: Any = result.one()
        return Written(first_seq=row[0], recorded_at=row[1])

    def composed(self, shape: tuple[Any, ...], build: Callable[[], Composed]) -> Composed:
        """The statement of this shape, built at its first use."""
        if shape not in self._statements:
            self._statements[shape] = build()
        return self._statements[shape]

    def _statement(self, writes: Sequence[PendingWrite]) -> Composed:
        types, streams = writes[0].shape
        parts = Parts(
            contents=any(write.batch.attachments.contents for write in writes),
            secrets=any(write.batch.attachments.secrets for write in writes),
            checkpoint=any(write.batch.attachments.checkpoint for write in writes),
            response=any(write.has_response for write in writes),
        )

        def build() -> Composed:
            projections = dict.fromkeys(p for stream in sorted(streams) for p in self.registry.get(stream, ()))
            return compose(list(projections), types=types, parts=parts, dialect=self.engine.dialect)

        return self.composed((types, streams, parts), build)

    def _translate(self, error: sa.exc.DBAPIError) -> Exception:
        """The Problem that a database error means, or the error itself."""
        cause = error.orig.__cause__ if error.orig else None
        if error.connection_invalidated:
            return Unavailable("The connection to Postgres was lost; repeat the request with the same Idempotency-Key.")
        if getattr(cause, "sqlstate", None) in BUSY_SQLSTATES:
            return Unavailable("The workspace is busy; try again.", retry_after=1)
        constraint = str(getattr(cause, "constraint_name", None))
        if constraint in ("uq_events_stream_version", "pk_events"):
            return LostRace("Another request changed the resource first; try again.")
        if constraint == "pk_answers":
            return InFlight("Another request with this Idempotency-Key came first; repeat it to get the response.")
        if constraint in self._unique_fields:
            field = self._unique_fields[constraint]
            detail = f"This {field} is taken; choose another."
            return Conflict(detail, errors=[Fault(pointer=f"/{field}", detail=detail, code="taken")])
        return error


def _came_over_all(error: Exception) -> bool:
    """Whether the error has nothing to do with what was written: no connection, or a lock that did not come free."""
    is_database_error = isinstance(error, Problem | sa.exc.DBAPIError)
    return not is_database_error or (
        isinstance(error, Unavailable | TooManyRequests) and not isinstance(error, LostRace)
    )


def _only_event(events: Sequence[E]) -> E | None:
    if len(events) > 1:
        raise ValueError("a change records one event, since the parts of a statement do not see each other's rows")
    return events[0] if events else None


def _require(stored: StreamState[State] | None, stream: str, stream_id: UUID) -> StreamState[State]:
    if stored is None:
        raise NotFound(f"No such {stream}: {stream_id}.")
    return stored


def _pending(version: int, caller: Caller) -> RecordedEvent:
    return RecordedEvent(seq=0, version=version, type="", data="", actor=caller.actor, recorded_at=PENDING)


def _with_database_times(stored: StreamState[State], written: Written) -> StreamState[State]:
    created_at = written.recorded_at if stored.created_at == PENDING else stored.created_at
    return msgspec.structs.replace(stored, seq=written.first_seq, created_at=created_at, updated_at=written.recorded_at)


def entries(stream: str, events: Iterable[tuple[UUID, Event]]) -> list[Entry]:
    """Build entries for the first events of new streams."""
    return [Entry(stream=stream, stream_id=stream_id, after=0, event=event) for stream_id, event in events]


_LOAD_MANY = (
    "select stream_id, seq, version, type, data::text, actor, recorded_at from ledger.events"
    " where workspace_id = $1 and stream_id = any($2::uuid[]) and stream = $3 order by stream_id, version"
)


async def state_at(
    ledger: Ledger, decider: Decider[State, E], workspace_id: UUID, stream_id: UUID, *, version: int
) -> State:
    """The stream's state at that version. Raises NotFound."""
    log = await ledger.load_events(workspace_id, decider.stream, stream_id)
    stored = decider.fold(stream_id, [recorded for recorded in log if recorded.version <= version])
    return _require(stored, decider.stream, stream_id).state


async def load_many(
    ledger: Ledger, decider: Decider[State, E], workspace_id: UUID, ids: Iterable[UUID]
) -> dict[UUID, StreamState[State]]:
    """Load the current states of streams, by id; streams without events are missing."""
    rows = await fetch_all(ledger.engine, _LOAD_MANY, (workspace_id, list(ids), decider.stream))
    logs: dict[UUID, list[RecordedEvent]] = {}
    for row in rows:
        logs.setdefault(row[0], []).append(RecordedEvent(*row[1:]))
    folded = {id_: decider.fold(id_, log) for id_, log in logs.items()}
    return {id_: stored for id_, stored in folded.items() if stored is not None}
