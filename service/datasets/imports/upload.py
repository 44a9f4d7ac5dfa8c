"""Receive a file: record an import, stage the file while it arrives, and leave the rest to a worker; or cancel it."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import msgspec
import sqlalchemy as sa
from litestar.exceptions import HTTPException

from service.database.engine import new_id
from service.datasets.domain import DATASET, require_active
from service.datasets.imports import domain
from service.datasets.imports.containers import Unreadable
from service.datasets.imports.domain import IMPORT, LEASE_KIND, ImportFailed, ImportSource, ImportStarted, ImportState
from service.datasets.imports.staging_area import ImportOptions, Stager
from service.datasets.imports.worker import UPLOAD_INTERRUPTED
from service.errors import TooLarge
from service.ledger import leases
from service.ledger.decider import StreamState
from service.ledger.held_lease import HeldLease
from service.ledger.store import Caller, Ledger
from service.tasks.domain import TASK

LEASE_SECONDS = 20.0  # of an upload whose server has died


async def receive_file(
    ledger: Ledger,
    caller: Caller,
    dataset_id: UUID,
    body: AsyncIterator[bytes],
    *,
    options: ImportOptions,
    limit: int,
    source: ImportSource | None = None,
    started: asyncio.Future[UUID] | None = None,
) -> UUID:
    """Receive a file of at most `limit` bytes; the import records how that ended. Raises NotFound, TooLarge.

    `started` gets the import's id as soon as it is recorded.
    """
    actor = msgspec.structs.replace(caller, claim=None)
    stager = await _open_staging_area(ledger, actor, dataset_id, options)
    async with _hold_lease(ledger, caller.workspace_id, stager.import_id):
        start = _build_start(actor, dataset_id, options, source)
        await ledger.change(IMPORT, stager.import_id, lambda _: [start], caller=actor)
        if started is not None:
            started.set_result(stager.import_id)
        await _stage(ledger, actor, stager, body, limit=limit)
    return stager.import_id


async def cancel_import(ledger: Ledger, caller: Caller, import_id: UUID) -> StreamState[ImportState]:
    """A worker removes what it has added so far. Raises NotCancellable when it has ended."""
    return await ledger.change(IMPORT, import_id, domain.cancel, caller=caller)


@asynccontextmanager
async def _hold_lease(ledger: Ledger, workspace_id: UUID, import_id: UUID) -> AsyncIterator[None]:
    """Hold the lease while the file arrives, so that no worker takes the import for an abandoned one."""
    this_import: sa.Select[tuple[UUID, UUID]] = sa.select(
        sa.literal(workspace_id, sa.Uuid), sa.literal(import_id, sa.Uuid)
    )
    [lease] = await leases.claim(
        ledger.engine, LEASE_KIND, this_import, owner=import_id, seconds=LEASE_SECONDS, limit=1
    )
    held = HeldLease(ledger.engine, lease, seconds=LEASE_SECONDS)
    heartbeat = asyncio.create_task(held.heartbeat())
    try:
        yield
    finally:
        heartbeat.cancel()
        await asyncio.gather(heartbeat, return_exceptions=True)
        await held.release(due_in=0)


async def _open_staging_area(ledger: Ledger, caller: Caller, dataset_id: UUID, options: ImportOptions) -> Stager:
    dataset = require_active((await ledger.get(DATASET, caller.workspace_id, dataset_id)).state)
    task = await ledger.find(TASK, caller.workspace_id, dataset.task_id) if dataset.task_id else None
    return Stager(
        ledger,
        caller.workspace_id,
        new_id(),
        dataset_id=dataset_id,
        dataset=dataset,
        task=task,
        options=options,
        rater=caller.actor,
    )


def _build_start(
    caller: Caller, dataset_id: UUID, options: ImportOptions, source: ImportSource | None
) -> ImportStarted:
    return ImportStarted(
        dataset_id=dataset_id,
        format=options.reading.format,
        on_error=options.on_error,
        asked_by=caller.actor,
        asked_in=caller.request_id,
        name=options.name,
        on_existing=options.on_existing,
        deleted=options.deleted,
        extra=options.reading.extra,
        map=options.reading.map,
        source=source,
    )


async def _stage(ledger: Ledger, caller: Caller, stager: Stager, body: AsyncIterator[bytes], *, limit: int) -> None:
    counted = CountedBody(body, limit)
    try:
        unreadable = await _stage_file(stager, counted)
    except TooLarge as error:
        await _fail(ledger, caller, stager, ImportFailed(code=error.code, detail=error.detail))
        raise
    except HTTPException:  # the framework raises it when the client goes away
        await _fail(ledger, caller, stager, ImportFailed(code="upload_interrupted", detail=UPLOAD_INTERRUPTED))
        raise
    if unreadable is not None:
        fault = unreadable.errors[0]
        await _fail(ledger, caller, stager, ImportFailed(code=fault.code, detail=unreadable.detail, line=fault.line))
        return
    staging, errors = stager.summarize(counted.bytes)
    staging = msgspec.structs.replace(staging, sha256=counted.sha256)
    await ledger.change(
        IMPORT,
        stager.import_id,
        lambda import_: domain.finish_upload(import_, staging=staging),
        caller=caller,
        attachments=errors,
    )


async def _stage_file(stager: Stager, counted: "CountedBody") -> Unreadable | None:
    """Stage the file, or say why it cannot be read. The rest is received all the same: then a client hears why."""
    try:
        await stager.stage_file(counted.read_pieces())
    except Unreadable as error:
        async for _ in counted.read_pieces():
            pass
        return error
    return None


async def _fail(ledger: Ledger, caller: Caller, stager: Stager, failure: ImportFailed) -> None:
    staging, errors = stager.summarize(0)
    failure = msgspec.structs.replace(
        failure, rows=staging.rows, bad=staging.bad, errors=staging.errors, format=staging.format
    )
    await ledger.change(
        IMPORT,
        stager.import_id,
        lambda import_: domain.fail(import_, failure=failure),
        caller=caller,
        attachments=errors,
    )


class CountedBody:
    """A body that counts its bytes, and takes their digest. Raises TooLarge above a limit."""

    def __init__(self, body: AsyncIterator[bytes], limit: int) -> None:
        self.bytes = 0
        self._body, self._limit = body, limit
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    async def read_pieces(self) -> AsyncIterator[bytes]:
        async for piece in self._body:
            self.bytes += len(piece)
            if self.bytes > self._limit:
                raise TooLarge(f"The file is larger than {self._limit:,} bytes; split it.")
            self._digest.update(piece)
            yield piece
