"""The ledger: fold a stream, decide, and write events, contents, projections and the stored answer in one statement."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import autocommit
from service.database.rows import fetch_all
from service.errors import Conflict, Fault, InFlight, NotFound, Stale, Unavailable
from service.ledger.decider import PENDING, Decider, E, Event, RecordedEvent, StreamState
from service.ledger.projections import Registry
from service.ledger.retry import LostRace, retry_on_conflict
from service.ledger.statements import Composed, compose

State = TypeVar("State")
BUSY = ("55P03", "57014", "40P01")  # lock_not_available, query_canceled, deadlock_detected
MARKER = msgspec.json.encode(PENDING).strip(b'"')


class Claim(msgspec.Struct, kw_only=True):
    """An Idempotency-Key this request holds while `token` is still its own; `settled` once its answer is stored."""

    route: str
    key: str
    token: UUID
    settled: bool = False


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """The workspace, the actor shown in histories, and the request that events are traced to."""

    workspace_id: UUID
    actor: str
    request_id: str
    claim: Claim | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A response as bytes, so that a repeated request can be given the same one."""

    status: int
    headers: dict[str, str]
    body: bytes


class StoredText(msgspec.Struct, frozen=True, kw_only=True):
    """A text kept outside the log: `digest` = sha256(salt ‖ body) is all that an event says of it."""

    subject: UUID
    digest: bytes
    salt: bytes
    body: bytes


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One event to append to a stream that stands at version `after`."""

    stream: str
    stream_id: UUID
    after: int
    event: Event


class Attachments(msgspec.Struct, frozen=True, kw_only=True):
    """Rows written in the events' statement: texts, secrets by id, and a reader's new checkpoint (name, seq)."""

    contents: Sequence[StoredText] = ()
    secrets: Sequence[tuple[UUID, bytes]] = ()
    place: tuple[str, int] | None = None


NO_ATTACHMENTS = Attachments()


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What one statement writes. No stream occurs twice."""

    entries: Sequence[Entry]
    beside: Attachments = NO_ATTACHMENTS
    answer: Answer | None = None


class Written(msgspec.Struct, frozen=True, kw_only=True):
    first_seq: int
    recorded_at: datetime


class Ledger:
    """Reads streams and appends to them. `taken` names, for each unique constraint, the field that is to change."""

    def __init__(self, engine: AsyncEngine, registry: Registry, *, taken: Mapping[str, str]) -> None:
        self.engine = engine
        self.registry = registry
        self._writes = autocommit(engine)
        self._taken = taken
        self._composed: dict[tuple[Any, ...], Composed] = {}

    async def find(self, decider: Decider[State, E], workspace_id: UUID, stream_id: UUID) -> StreamState[State] | None:
        """The stream's current state, or None when it has no events."""
        return decider.fold(stream_id, await self.load_events(workspace_id, decider.stream, stream_id))

    async def get(self, decider: Decider[State, E], workspace_id: UUID, stream_id: UUID) -> StreamState[State]:
        """The stream's current state. Raises NotFound when it has no events."""
        return _existing(await self.find(decider, workspace_id, stream_id), decider.stream, stream_id)

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
        beside: Attachments = NO_ATTACHMENTS,
        answer: Callable[[StreamState[State]], Answer] | None = None,
        log: Sequence[RecordedEvent] | None = None,
    ) -> StreamState[State]:
        """Fold, decide, write; fold and decide again when another change came first.

        `log` is the stream as the caller has just read it, for the first try. `decide` returns at most one event.
        Raises Stale when `expected` is given and is not the stream's version, and whatever `decide` raises.
        """
        logs = [log] if log is not None else []

        async def attempt() -> StreamState[State]:
            events = logs.pop() if logs else await self.load_events(caller.workspace_id, decider.stream, stream_id)
            before = decider.fold(stream_id, events)
            if before is not None and expected not in (None, before.version):
                raise Stale(f"The {decider.stream} is at version {before.version}, not {expected}.")
            event = _only_event(decide(before.state if before else None))
            if event is None:
                return _existing(before, decider.stream, stream_id)
            return await self._record(decider, stream_id, before, event, caller=caller, beside=beside, answer=answer)

        return await retry_on_conflict(attempt, subject=f"the {decider.stream}")

    async def _record(
        self,
        decider: Decider[State, E],
        stream_id: UUID,
        before: StreamState[State] | None,
        event: E,
        *,
        caller: Caller,
        beside: Attachments,
        answer: Callable[[StreamState[State]], Answer] | None,
    ) -> StreamState[State]:
        """Append one event to a stream; the state after it. Raises what `write` raises."""
        version = before.version if before else 0
        after = decider.apply(stream_id, before, event, _pending(version + 1, caller))
        entry = Entry(stream=decider.stream, stream_id=stream_id, after=version, event=event)
        batch = Batch(entries=[entry], beside=beside, answer=answer(after) if answer and caller.claim else None)
        return _settled(after, await self.write(caller, batch))

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
        """Append and project a batch in one statement, which is its own transaction.

        Raises LostRace when a stream is no longer at the entry's version, Conflict when a unique value is taken.
        """
        written = await self.run(self._statement(batch, caller), _values(caller, batch))
        if caller.claim and batch.answer:
            caller.claim.settled = True
        return written

    async def run(self, composed: Composed, values: Mapping[str, Any]) -> Written:
        """Run a composed write as a transaction of its own; the first seq and the time it was recorded at."""
        async with self._writes.connect() as connection:
            try:
                result = await connection.exec_driver_sql(composed.sql, composed.arguments(values))
            except sa.exc.DBAPIError as error:
                raise self._refusal(error) from error
            row: Any = result.one()
        return Written(first_seq=row[0], recorded_at=row[1])

    def composed(self, shape: tuple[Any, ...], build: Callable[[], Composed]) -> Composed:
        """A statement of this shape, built once."""
        if shape not in self._composed:
            self._composed[shape] = build()
        return self._composed[shape]

    def _statement(self, batch: Batch, caller: Caller) -> Composed:
        types = frozenset(type(entry.event).__name__ for entry in batch.entries)
        streams = frozenset(entry.stream for entry in batch.entries)
        beside = batch.beside
        parts = (bool(beside.contents), bool(beside.secrets), beside.place is not None, _settles(caller, batch))

        def build() -> Composed:
            projections = dict.fromkeys(p for stream in sorted(streams) for p in self.registry.get(stream, ()))
            return compose(list(projections), types=types, parts=parts, dialect=self.engine.dialect)

        return self.composed((types, streams, parts), build)

    def _refusal(self, error: sa.exc.DBAPIError) -> Exception:
        cause = error.orig.__cause__ if error.orig else None
        if error.connection_invalidated:
            return Unavailable("The connection to Postgres broke; repeat the request with the same Idempotency-Key.")
        if getattr(cause, "sqlstate", None) in BUSY:
            return Unavailable("The workspace is busy; try again.", retry_after=1)
        constraint = str(getattr(cause, "constraint_name", None))
        if constraint in ("uq_events_stream_version", "pk_events"):
            return LostRace("The stream moved on while this change was being decided.")
        if constraint == "pk_answers":
            return InFlight("Another request with this Idempotency-Key was first; ask again for its answer.")
        if constraint in self._taken:
            field = self._taken[constraint]
            fault = Fault(pointer=f"/{field}", detail=f"This {field} is taken.", code="taken")
            return Conflict(f"This {field} is taken.", errors=[fault])
        return error


def _only_event(events: Sequence[E]) -> E | None:
    if len(events) > 1:
        raise ValueError("a change records one event: the parts of a statement do not see each other's rows")
    return events[0] if events else None


def _existing(stored: StreamState[State] | None, stream: str, stream_id: UUID) -> StreamState[State]:
    if stored is None:
        raise NotFound(f"No such {stream}: {stream_id}.")
    return stored


def _pending(version: int, caller: Caller) -> RecordedEvent:
    return RecordedEvent(seq=0, version=version, type="", data="", actor=caller.actor, recorded_at=PENDING)


def _settled(stored: StreamState[State], written: Written) -> StreamState[State]:
    created_at = written.recorded_at if stored.created_at == PENDING else stored.created_at
    return msgspec.structs.replace(stored, seq=written.first_seq, created_at=created_at, updated_at=written.recorded_at)


def _settles(caller: Caller, batch: Batch) -> bool:
    return caller.claim is not None and batch.answer is not None


def _values(caller: Caller, batch: Batch) -> dict[str, Any]:
    """The statement's arguments by name. A part that the statement leaves out has no values."""
    values = {"workspace_id": caller.workspace_id, "actor": caller.actor, "request_id": caller.request_id}
    values |= _entry_values(batch.entries) | _attachment_values(batch.beside)
    if caller.claim and batch.answer:
        values |= _answer_values(caller.claim, batch.answer)
    return values


def _entry_values(entries: Sequence[Entry]) -> dict[str, Any]:
    return {
        "streams": [entry.stream for entry in entries],
        "stream_ids": [entry.stream_id for entry in entries],
        "versions": [entry.after + 1 for entry in entries],
        "types": [type(entry.event).__name__ for entry in entries],
        "datas": [msgspec.json.encode(entry.event).decode() for entry in entries],
    }


def _attachment_values(beside: Attachments) -> dict[str, Any]:
    reader, reader_seq = beside.place or (None, None)
    return {
        "subjects": [text.subject for text in beside.contents],
        "digests": [text.digest for text in beside.contents],
        "salts": [text.salt for text in beside.contents],
        "bodies": [text.body for text in beside.contents],
        "secret_ids": [id_ for id_, _ in beside.secrets],
        "secret_values": [value for _, value in beside.secrets],
        "reader": reader,
        "reader_seq": reader_seq,
    }


def _answer_values(claim: Claim, answer: Answer) -> dict[str, Any]:
    return {
        "route": claim.route,
        "key": claim.key,
        "token": claim.token,
        "status": answer.status,
        "headers": msgspec.json.encode(answer.headers).decode(),
        "body": answer.body,
        "marker": MARKER,
    }


def stamped(answer: Answer, at: datetime) -> Answer:
    """The answer with the time the database gave in place of the marker, as ledger.settle stores it."""
    moment = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ").encode()
    return msgspec.structs.replace(answer, body=answer.body.replace(MARKER, moment))


def entries(stream: str, events: Iterable[tuple[UUID, Event]]) -> list[Entry]:
    """Build entries for the first events of new streams."""
    return [Entry(stream=stream, stream_id=stream_id, after=0, event=event) for stream_id, event in events]


LOGS = (
    "select stream_id, seq, version, type, data::text, actor, recorded_at from ledger.events"
    " where workspace_id = $1 and stream_id = any($2::uuid[]) and stream = $3 order by stream_id, version"
)


async def state_at(
    ledger: Ledger, decider: Decider[State, E], workspace_id: UUID, stream_id: UUID, *, version: int
) -> State:
    """The stream's state at that version. Raises NotFound."""
    log = await ledger.load_events(workspace_id, decider.stream, stream_id)
    stored = decider.fold(stream_id, [recorded for recorded in log if recorded.version <= version])
    return _existing(stored, decider.stream, stream_id).state


async def load_many(
    ledger: Ledger, decider: Decider[State, E], workspace_id: UUID, ids: Iterable[UUID]
) -> dict[UUID, StreamState[State]]:
    """Load the current states of streams, by id; streams without events are missing."""
    rows = await fetch_all(ledger.engine, LOGS, (workspace_id, list(ids), decider.stream))
    logs: dict[UUID, list[RecordedEvent]] = {}
    for row in rows:
        logs.setdefault(row[0], []).append(RecordedEvent(*row[1:]))
    folded = {id_: decider.fold(id_, log) for id_, log in logs.items()}
    return {id_: stored for id_, stored in folded.items() if stored is not None}
