"""Receiving a file: an import is recorded, staged while it comes in, and left to a worker when all of it is there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import msgspec
import sqlalchemy as sa
from litestar.exceptions import HTTPException

from service.database.engine import new_id
from service.datasets.domain import DATASET
from service.datasets.imports import domain as decide
from service.datasets.imports.domain import IMPORT, ImportFailed, ImportStarted
from service.datasets.imports.formats import Unreadable
from service.datasets.imports.import_lease import KIND, LEASE_SECONDS, kept
from service.datasets.imports.staging_area import ImportOptions, Stager
from service.datasets.imports.worker import INTERRUPTED
from service.errors import TooLarge
from service.ledger import leases
from service.ledger.store import Caller, Ledger
from service.tasks.domain import TASK


async def receive(
    ledger: Ledger, caller: Caller, dataset_id: UUID, body: AsyncIterator[bytes], *, terms: ImportOptions, limit: int
) -> UUID:
    """Take the file in, at most `limit` bytes. However that ends, the import says how. Raises NotFound, TooLarge."""
    within = msgspec.structs.replace(caller, claim=None)
    stager = await _open(ledger, within, dataset_id, terms)
    async with _held(ledger, caller.workspace_id, stager.import_id):
        await ledger.change(IMPORT, stager.import_id, lambda _: [_started(within, dataset_id, terms)], caller=within)
        await _take(ledger, within, stager, body, limit=limit)
    return stager.import_id


@asynccontextmanager
async def _held(ledger: Ledger, workspace_id: UUID, import_id: UUID) -> AsyncIterator[None]:
    """While a file comes in, no worker takes its import for one that was left behind; after that, one does."""
    this: sa.Select[tuple[UUID, UUID]] = sa.select(sa.literal(workspace_id, sa.Uuid), sa.literal(import_id, sa.Uuid))
    [lease] = await leases.claim(ledger.engine, KIND, this, owner=import_id, seconds=LEASE_SECONDS, limit=1)
    try:
        async with kept(ledger.engine, lease) as keeper:
            yield
    finally:
        await leases.release(ledger.engine, keeper.lease, due_in=0)


async def _open(ledger: Ledger, caller: Caller, dataset_id: UUID, terms: ImportOptions) -> Stager:
    dataset = (await ledger.get(DATASET, caller.workspace_id, dataset_id)).state
    task = await ledger.find(TASK, caller.workspace_id, dataset.task_id) if dataset.task_id else None
    return Stager(
        ledger,
        caller.workspace_id,
        new_id(),
        dataset_id=dataset_id,
        dataset=dataset,
        task=task,
        terms=terms,
        rater=caller.actor,
    )


def _started(caller: Caller, dataset_id: UUID, terms: ImportOptions) -> ImportStarted:
    return ImportStarted(
        dataset_id=dataset_id,
        format=terms.format,
        on_error=terms.on_error,
        asked_by=caller.actor,
        asked_in=caller.request_id,
        name=terms.name,
    )


async def _take(ledger: Ledger, caller: Caller, stager: Stager, body: AsyncIterator[bytes], *, limit: int) -> None:
    received = Counted(body, limit)
    try:
        await stager.take(received.pieces())
    except Unreadable as error:
        fault = error.errors[0]
        await _fail(ledger, caller, stager, ImportFailed(code=fault.code, detail=error.detail, line=fault.line))
        return
    except TooLarge as error:
        await _fail(ledger, caller, stager, ImportFailed(code=error.code, detail=error.detail))
        raise
    except HTTPException:  # the framework's word for a client that went away
        await _fail(ledger, caller, stager, ImportFailed(code="upload_interrupted", detail=INTERRUPTED))
        raise
    staging, errors = stager.summary(received.bytes)
    await ledger.change(
        IMPORT,
        stager.import_id,
        lambda now: decide.staged(now, staging=staging),
        caller=caller,
        attachments=errors,
    )


async def _fail(ledger: Ledger, caller: Caller, stager: Stager, failure: ImportFailed) -> None:
    staging, errors = stager.summary(0)
    told = msgspec.structs.replace(failure, rows=staging.rows, bad=staging.bad, errors=staging.errors)
    await ledger.change(
        IMPORT, stager.import_id, lambda now: decide.fail(now, failure=told), caller=caller, attachments=errors
    )


class Counted:
    """A body that stops at a limit, and knows how much of it came."""

    def __init__(self, body: AsyncIterator[bytes], limit: int) -> None:
        self.bytes = 0
        self._body, self._limit = body, limit

    async def pieces(self) -> AsyncIterator[bytes]:
        async for piece in self._body:
            self.bytes += len(piece)
            if self.bytes > self._limit:
                raise TooLarge(f"The file is larger than {self._limit} bytes.")
            yield piece
