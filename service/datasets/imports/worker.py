"""Add staged files to datasets, chunk by chunk. If a worker dies, another continues when the lease has run out."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from service.database.rows import fetch_all
from service.datasets.examples.domain import EXAMPLE, ExampleAdded, ExampleWithdrawn
from service.datasets.imports import domain, queries
from service.datasets.imports.domain import IMPORT, LEASE_KIND, ImportAdvanced, ImportEvent, ImportFailed, ImportState
from service.datasets.imports.existing_rows.reconciliation import list_existing_lines, reconcile
from service.datasets.imports.existing_rows.reversal import revert_changes
from service.datasets.imports.staging_area import IS_DUPLICATE
from service.errors import Conflict
from service.ledger import bulk
from service.ledger.decider import StreamState
from service.ledger.retry import LostRace
from service.ledger.store import Attachments, Batch, Caller, Entry, Ledger
from service.ledger.tables import events
from service.worker.context import WorkerContext
from service.worker.leased_tasks import LeasedJob, LeasedTask, run_task

CHUNK_ROWS = 5_000
CHUNK_BYTES = 32 * 1024 * 1024  # rows may be large, and a chunk is one statement with a time limit
WITHDRAW_ROWS = 1_000
SLOTS = 2
TURN_SECONDS = 5.0  # how long to serve one import before the next
STAGING_LOST = "The staged rows were lost (did Postgres crash?). Upload the file again."
UPLOAD_INTERRUPTED = "The upload was interrupted, or the server stopped. Upload the file again."


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Run imports that are due until `stop` is set, in turns."""
    task = LeasedTask(
        kind=LEASE_KIND, candidates=queries.select_due_imports, do=_take_turn, base=0.5, cap=60, concurrency=SLOTS
    )
    await run_task(context, task, stop)


async def _take_turn(context: WorkerContext, leased_job: LeasedJob) -> float | None:
    """Run steps until the import's turn is over or it has ended; its staged rows are deleted then."""
    clock = asyncio.get_running_loop()
    until = clock.time() + TURN_SECONDS
    while clock.time() < until:
        stored = await context.ledger.get(IMPORT, leased_job.workspace_id, leased_job.id)
        if stored.state.state not in domain.OPEN_STAGES:
            await bulk.delete_staged(context.engine, leased_job.workspace_id, leased_job.id)
            return None
        await run_step(context.ledger, leased_job.workspace_id, stored)
    return 0


async def run_step(ledger: Ledger, workspace_id: UUID, import_: StreamState[ImportState]) -> None:
    """Do the next thing for an import: add a chunk, remove its examples, or end it."""
    caller = Caller(workspace_id=workspace_id, actor=import_.state.asked_by, request_id=import_.state.asked_in)
    match import_.state.state:
        case "uploading":  # the server that received it is gone: it would hold the lease
            failure = ImportFailed(code="upload_interrupted", detail=UPLOAD_INTERRUPTED)
            await ledger.change(
                IMPORT, import_.id, lambda import_: domain.fail(import_, failure=failure), caller=caller
            )
        case "staged" | "adding":
            await _advance(ledger, caller, import_)
        case "withdrawing":
            await _withdraw(ledger, caller, import_)


async def _advance(ledger: Ledger, caller: Caller, import_: StreamState[ImportState]) -> None:
    state = import_.state
    if state.added + state.compared < state.through:
        await _reconcile(ledger, caller, import_)
        return
    if state.through >= state.rows:
        await ledger.change(IMPORT, import_.id, domain.finish, caller=caller)
        return
    through = await bulk.next_chunk(
        ledger.engine, caller.workspace_id, import_.id, after=state.through, rows=CHUNK_ROWS, size=CHUNK_BYTES
    )
    if through == state.through:
        await ledger.change(
            IMPORT, import_.id, lambda import_: domain.fail_staging(import_, detail=STAGING_LOST), caller=caller
        )
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
    # LostRace: it was cancelled meanwhile. Conflict: somebody just added one of these. The next step handles both.
    with suppress(LostRace, Conflict):
        await bulk.append_chunk(ledger, caller, chunk, duplicate=IS_DUPLICATE, values={"dataset_id": state.dataset_id})


async def _reconcile(ledger: Ledger, caller: Caller, import_: StreamState[ImportState]) -> None:
    """Compare rows that were in the dataset before; with on_existing=fail they end the import."""
    state = import_.state
    if state.on_existing == "fail":
        lines = await list_existing_lines(ledger.engine, caller.workspace_id, import_.id, state)
        detail = f"Rows are in the dataset already, for example on these lines: {', '.join(map(str, lines))}."
        failure = ImportFailed(code="existing_rows", detail=detail, line=lines[0] if lines else None)
        await ledger.change(
            IMPORT, import_.id, lambda current: domain.refuse_existing(current, failure=failure), caller=caller
        )
        return
    reconciled = await reconcile(ledger, caller.workspace_id, import_.id, state, rater=caller.actor)
    own = Entry(stream=IMPORT.stream, stream_id=import_.id, after=import_.version, event=reconciled.event)
    attachments = Attachments(contents=reconciled.texts)
    with suppress(LostRace):  # somebody changed one of them, or cancelled the import: the next step reads it again
        await ledger.write(caller, Batch(entries=[*reconciled.entries, own], attachments=attachments))


async def _withdraw(ledger: Ledger, caller: Caller, import_: StreamState[ImportState]) -> None:
    """Remove the examples it added, and set back those it changed, each by an event of its own."""
    for first, last in await _find_added_ranges(ledger, caller.workspace_id, import_.id):
        while rows := await _find_added_examples(ledger, caller.workspace_id, first, last):
            event = ExampleWithdrawn(import_id=import_.id)
            entries = [Entry(stream=EXAMPLE.stream, stream_id=id_, after=version, event=event) for id_, version in rows]
            with suppress(LostRace):  # somebody changed one of them; read them again
                await ledger.write(caller, Batch(entries=entries))
    removed = import_.state.added
    reverted = await revert_changes(ledger, caller, import_)

    def end(current: ImportState | None) -> list[ImportEvent]:
        return domain.finish_withdrawal(current, examples=removed, reverted=reverted)

    await ledger.change(IMPORT, import_.id, end, caller=caller)


async def _find_added_ranges(ledger: Ledger, workspace_id: UUID, import_id: UUID) -> list[tuple[int, int]]:
    """The first and last seq of each chunk: its examples come right before the event that records the chunk."""
    ranges, before = [], 0
    for recorded in await ledger.load_events(workspace_id, IMPORT.stream, import_id):
        event = IMPORT.decode(recorded.type, recorded.data)
        if isinstance(event, ImportAdvanced):
            ranges.append((recorded.seq - (event.added - before), recorded.seq - 1))
            before = event.added
    return ranges


async def _find_added_examples(ledger: Ledger, workspace_id: UUID, first: int, last: int) -> Sequence[Any]:
    """(id, version) of some examples that were added from `first` to `last` and not removed yet."""
    later = events.alias()
    same_example = (later.c.workspace_id == workspace_id, later.c.stream_id == events.c.stream_id)
    withdrawn = sa.exists().where(*same_example, later.c.type == ExampleWithdrawn.__name__)
    version = sa.select(sa.func.max(later.c.version)).where(*same_example).scalar_subquery()
    query = (
        sa.select(events.c.stream_id, version)
        .where(events.c.workspace_id == workspace_id, events.c.seq.between(first, last), ~withdrawn)
        .order_by(events.c.seq)
        .limit(WITHDRAW_ROWS)
    )
    return await fetch_all(ledger.engine, query)
