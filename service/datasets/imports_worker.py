"""Staged files become examples, chunk by chunk; a killed worker's import is found again by its lease and goes on."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog

from service.database import autocommit
from service.datasets import imports as decide
from service.datasets import imports_views
from service.datasets.examples import EXAMPLE, ExampleAdded, ExampleWithdrawn
from service.datasets.examples_views import examples
from service.datasets.imports import IMPORT, Import, ImportAdvanced, ImportEvent, ImportFailed
from service.datasets.staging import TAKEN
from service.errors import Conflict
from service.ledger import bulk, leases
from service.ledger.decider import Stored
from service.ledger.leases import Lease
from service.ledger.store import Batch, Caller, Entry, Ledger, LostRace
from service.ledger.tables import events
from service.worker_context import WorkerContext

KIND = "import"
CHUNK = 5_000
WITHDRAW = 1_000
LOOK_SECONDS = 0.2
LEASE_SECONDS = 20.0
LOST = "The rows that were waiting are gone, as after a crash of Postgres; send the file again."
INTERRUPTED = "The upload broke off, or its server was stopped; send the file again."

log = structlog.get_logger(__name__)


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Take imports that are due, one at a time, until told to stop."""
    while not stop.is_set():
        taken = await leases.claim(
            context.engine, KIND, imports_views.unfinished(), owner=context.owner, seconds=LEASE_SECONDS, limit=1
        )
        for lease in taken:
            await _work(context, lease, stop)
        if not taken:
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_SECONDS)


async def _work(context: WorkerContext, lease: Lease, stop: asyncio.Event) -> None:
    held: Lease | None = lease
    while held is not None and not stop.is_set():
        stored = await context.ledger.found(IMPORT, lease.workspace_id, lease.id)
        if stored.state.state not in decide.OPEN:
            await bulk.unstage(context.engine, lease.workspace_id, lease.id)
            await leases.release(context.engine, held, due_in=None)
            return
        await step(context.ledger, lease.workspace_id, stored)
        held = await leases.extend(context.engine, held, seconds=LEASE_SECONDS)
    if held is not None:
        await leases.release(context.engine, held, due_in=0)


async def step(ledger: Ledger, workspace_id: UUID, import_: Stored[Import]) -> None:
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


async def _advance(ledger: Ledger, caller: Caller, import_: Stored[Import]) -> None:
    state = import_.state
    if state.through >= state.rows:
        await ledger.change(IMPORT, import_.id, decide.finish, caller=caller)
        return
    through = min(state.through + CHUNK, state.rows)
    # The chunk's alone: to count all that waits would make a large file's import quadratic.
    waiting = await bulk.staged_between(ledger.engine, caller.workspace_id, import_.id, state.through, through)
    if waiting < through - state.through:
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


async def _withdraw(ledger: Ledger, caller: Caller, import_: Stored[Import]) -> None:
    """Take back what it brought, each example by an event of its own."""
    while rows := await _brought(ledger, caller.workspace_id, import_):
        event = ExampleWithdrawn(import_id=import_.id)
        entries = [Entry(stream=EXAMPLE.stream, stream_id=id_, after=version, event=event) for id_, version in rows]
        with suppress(LostRace):  # somebody changed one of them; it is read again
            await ledger.write(caller, Batch(entries=entries))
    taken_back = import_.state.added

    def end(now: Import | None) -> list[ImportEvent]:
        return decide.withdrawn(now, examples=taken_back)

    await ledger.change(IMPORT, import_.id, end, caller=caller)


async def _brought(ledger: Ledger, workspace_id: UUID, import_: Stored[Import]) -> Sequence[Any]:
    """(id, version) of some examples that the import brought and that are not taken back yet."""
    ended = sa.exists(
        sa.select(1).where(
            events.c.workspace_id == workspace_id,
            events.c.stream_id == examples.c.id,
            events.c.type == ExampleWithdrawn.__name__,
        )
    )
    version = (
        sa.select(sa.func.max(events.c.version))
        .where(events.c.workspace_id == workspace_id, events.c.stream_id == examples.c.id)
        .scalar_subquery()
    )
    query = (
        sa.select(examples.c.id, version)
        .where(
            examples.c.workspace_id == workspace_id,
            examples.c.dataset_id == import_.state.dataset_id,
            examples.c.source["import_id"].astext == str(import_.id),
            sa.not_(ended),
        )
        .limit(WITHDRAW)
    )
    async with autocommit(ledger.engine).connect() as connection:
        rows: Sequence[Any] = (await connection.execute(query)).all()
    return rows
