"""Staged files become examples, chunk by chunk; a killed worker's import is found again by its lease and goes on."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog

from service.database.engine import DATABASE_ERRORS
from service.database.rows import fetch_all
from service.datasets.examples.domain import EXAMPLE, ExampleAdded, ExampleWithdrawn
from service.datasets.imports import domain as decide
from service.datasets.imports import projection as imports_views
from service.datasets.imports.domain import IMPORT, ImportAdvanced, ImportEvent, ImportFailed, ImportState
from service.datasets.imports.import_lease import KIND, LEASE_SECONDS, Keeper, kept
from service.datasets.imports.staging_area import TAKEN
from service.errors import Conflict, Unavailable
from service.ledger import bulk, leases
from service.ledger.decider import StreamState
from service.ledger.leases import Lease
from service.ledger.retry import LostRace, backoff, sleep_or_stop
from service.ledger.store import Batch, Caller, Entry, Ledger
from service.ledger.tables import events
from service.worker.context import WorkerContext

CHUNK = 5_000
CHUNK_BYTES = 32 * 1024 * 1024  # rows may be large, and a chunk is one statement with a time limit
WITHDRAW = 1_000
LOOK_SECONDS = 0.2
LOST = "The rows that were waiting are gone, as after a crash of Postgres; send the file again."
INTERRUPTED = "The upload broke off, or its server was stopped; send the file again."

log = structlog.get_logger(__name__)
chance = random.Random()  # noqa: S311 - spreads retries, keeps no secret


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Take imports that are due, one at a time, until told to stop."""
    while not stop.is_set():
        taken = await leases.claim(
            context.engine, KIND, imports_views.to_work_on(), owner=context.owner, seconds=LEASE_SECONDS, limit=1
        )
        for lease in taken:
            await _work(context, lease, stop)
        if not taken:
            await sleep_or_stop(stop, LOOK_SECONDS)


async def _work(context: WorkerContext, lease: Lease, stop: asyncio.Event) -> None:
    """Go on with an import to its end. When the database does not let us, it is due again after a pause."""
    due_in: float | None
    error = None
    async with kept(context.engine, lease) as keeper:
        try:
            due_in = None if await _ended(context.ledger, keeper, stop) else 0
        except (Unavailable, *DATABASE_ERRORS) as trouble:
            due_in, error = backoff(lease.attempts, base=0.5, cap=60, jitter=chance), str(trouble)[:2_000]
            log.warning("import_waits", id=str(lease.id), workspace=str(lease.workspace_id), because=error)
    await leases.release(context.engine, keeper.lease, due_in=due_in, error=error)


async def _ended(ledger: Ledger, keeper: Keeper, stop: asyncio.Event) -> bool:
    """Step by step, whether it came to its end before we were to stop. Then nothing of it is staged any more."""
    workspace_id, import_id = keeper.lease.workspace_id, keeper.lease.id
    while not keeper.lost and not stop.is_set():
        stored = await ledger.get(IMPORT, workspace_id, import_id)
        if stored.state.state not in decide.OPEN:
            await bulk.unstage(ledger.engine, workspace_id, import_id)
            return True
        await step(ledger, workspace_id, stored)
    return False


async def step(ledger: Ledger, workspace_id: UUID, import_: StreamState[ImportState]) -> None:
    """One thing an import needs: a chunk added, some examples taken back, or its end."""
    caller = Caller(workspace_id=workspace_id, actor=import_.state.asked_by, request_id=import_.state.asked_in)
    match import_.state.state:
        case "uploading":  # whoever received it would hold the lease
            failure = ImportFailed(code="upload_interrupted", detail=INTERRUPTED)
            await ledger.change(IMPORT, import_.id, lambda now: decide.fail(now, failure=failure), caller=caller)
        case "staged" | "adding":
            await _advance(ledger, caller, import_)
        case "withdrawing":
            await _withdraw(ledger, caller, import_)


async def _advance(ledger: Ledger, caller: Caller, import_: StreamState[ImportState]) -> None:
    state = import_.state
    if state.through >= state.rows:
        await ledger.change(IMPORT, import_.id, decide.finish, caller=caller)
        return
    through = await bulk.next_chunk(
        ledger.engine, caller.workspace_id, import_.id, after=state.through, rows=CHUNK, size=CHUNK_BYTES
    )
    if through == state.through:
        await ledger.change(IMPORT, import_.id, lambda now: decide.lose(now, detail=LOST), caller=caller)
        return
    chunk = bulk.Chunk(
        batch=import_.id,
        after=state.through,
        through=through,
        stream=EXAMPLE.stream,
        type=ExampleAdded.__name__,
        own_stream=IMPORT.stream,
        own_type=ImportAdvanced.__name__,
        own_version=import_.version + 1,
        before=state.added,
    )
    # Lost: it was cancelled meanwhile. Conflict: somebody added one of these just now. The next step sees either.
    with suppress(LostRace, Conflict):
        await bulk.append_chunk(ledger, caller, chunk, taken=TAKEN, values={"dataset_id": state.dataset_id})


async def _withdraw(ledger: Ledger, caller: Caller, import_: StreamState[ImportState]) -> None:
    """Take back what it brought, each example by an event of its own."""
    for first, last in await _added(ledger, caller.workspace_id, import_.id):
        while rows := await _brought(ledger, caller.workspace_id, first, last):
            event = ExampleWithdrawn(import_id=import_.id)
            entries = [Entry(stream=EXAMPLE.stream, stream_id=id_, after=version, event=event) for id_, version in rows]
            with suppress(LostRace):  # somebody changed one of them; it is read again
                await ledger.write(caller, Batch(entries=entries))
    taken_back = import_.state.added

    def end(now: ImportState | None) -> list[ImportEvent]:
        return decide.withdrawn(now, examples=taken_back)

    await ledger.change(IMPORT, import_.id, end, caller=caller)


async def _added(ledger: Ledger, workspace_id: UUID, import_id: UUID) -> list[tuple[int, int]]:
    """From which seq to which its examples were added: a chunk's come right before the event that says so."""
    ranges, before = [], 0
    for recorded in await ledger.load_events(workspace_id, IMPORT.stream, import_id):
        event = IMPORT.decode(recorded.type, recorded.data)
        if isinstance(event, ImportAdvanced):
            ranges.append((recorded.seq - (event.added - before), recorded.seq - 1))
            before = event.added
    return ranges


async def _brought(ledger: Ledger, workspace_id: UUID, first: int, last: int) -> Sequence[Any]:
    """(id, version) of some examples that were added from `first` to `last` and are not taken back yet."""
    later = events.alias()
    its_own = (later.c.workspace_id == workspace_id, later.c.stream_id == events.c.stream_id)
    ended = sa.exists().where(*its_own, later.c.type == ExampleWithdrawn.__name__)
    version = sa.select(sa.func.max(later.c.version)).where(*its_own).scalar_subquery()
    query = (
        sa.select(events.c.stream_id, version)
        .where(events.c.workspace_id == workspace_id, events.c.seq.between(first, last), ~ended)
        .order_by(events.c.seq)
        .limit(WITHDRAW)
    )
    return await fetch_all(ledger.engine, query)
