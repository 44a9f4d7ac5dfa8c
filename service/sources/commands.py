"""Import from a source: it is opened at once, and read in the background."""

import asyncio
from datetime import datetime
from typing import assert_never
from uuid import UUID

import msgspec
import structlog

from service.connections.accounts import Accounts
from service.datasets.domain import DATASET, require_active
from service.datasets.exports.commands import LoadJudgements
from service.datasets.imports.staging_area import ImportOptions
from service.datasets.imports.upload import receive_file
from service.errors import Problem
from service.ledger.store import Caller, Ledger
from service.sources.dataset_source import open_dataset_source
from service.sources.hub_source import open_hub_source
from service.sources.object_source import open_object_source
from service.sources.opened_source import OpenedSource
from service.sources.request_source import open_request_source
from service.sources.schemas import AnySource, FromAzure, FromDataset, FromGcs, FromHub, FromRequests, FromS3, FromUrl
from service.sources.web_source import open_web_source

log = structlog.get_logger(__name__)
RUNNING: set[asyncio.Task[None]] = set()  # or they would be collected while they run


class SourceOpener(msgspec.Struct, frozen=True):
    """What opening a source needs."""

    ledger: Ledger
    accounts: Accounts
    judgements: LoadJudgements
    now: datetime

    async def open(self, source: AnySource, workspace_id: UUID) -> OpenedSource:
        """Raises SourceFailed, NotFound."""
        match source:
            case FromUrl():
                return await open_web_source(source, self.accounts.policy)
            case FromS3() | FromGcs() | FromAzure():
                return await open_object_source(source, self.accounts, workspace_id)
            case FromHub():
                return await open_hub_source(source, self.accounts.policy)
            case FromRequests():
                return open_request_source(source, self.ledger.engine, workspace_id, self.now)
            case FromDataset():
                return await open_dataset_source(source, self.ledger, workspace_id, self.judgements)
            case _:
                assert_never(source)


async def open_source(opener: SourceOpener, source: AnySource, caller: Caller, dataset_id: UUID) -> OpenedSource:
    """Open a source for a dataset. Raises NotFound without the dataset, before anybody is asked; SourceFailed."""
    require_active((await opener.ledger.get(DATASET, caller.workspace_id, dataset_id)).state)
    return await opener.open(source, caller.workspace_id)


async def start_import(
    ledger: Ledger, caller: Caller, dataset_id: UUID, opened: OpenedSource, *, options: ImportOptions, limit: int
) -> UUID:
    """Start to read an opened source, and return when the import is recorded. Raises what that raises."""
    started: asyncio.Future[UUID] = asyncio.get_running_loop().create_future()

    async def run() -> None:
        try:
            await receive_file(
                ledger,
                caller,
                dataset_id,
                opened.pieces,
                options=complete_options(options, opened),
                limit=limit,
                source=opened.record,
                started=started,
            )
        except Problem as problem:  # once it was started, the import records it
            if not started.done():
                started.set_exception(problem)
        except Exception as error:
            if started.done():
                log.exception("source_failed", dataset=str(dataset_id))
            else:
                started.set_exception(error)

    task = asyncio.create_task(run())
    RUNNING.add(task)
    task.add_done_callback(RUNNING.discard)
    return await started


def complete_options(options: ImportOptions, opened: OpenedSource) -> ImportOptions:
    """The options with what is known of the file, where the request does not say."""
    reading = options.reading
    hints = msgspec.structs.replace(reading.hints, name=options.name or opened.name, content_type=opened.content_type)
    format_ = reading.format or ("tuneledger" if opened.is_tuneledger else None)
    reading = msgspec.structs.replace(reading, hints=hints, format=format_)
    return msgspec.structs.replace(options, reading=reading, name=options.name or opened.name)
