"""Write exports into the artifact store, and send copies elsewhere. A killed one keeps the files that it had made."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import get_args
from uuid import UUID

import msgspec

from service.artifacts.artifact_store import ArtifactStore
from service.datasets.examples.queries import count_examples
from service.datasets.exports.commands import (
    ExportRequest,
    LoadJudgements,
    MadeExport,
    find_stored,
    open_writer,
    store_export,
)
from service.datasets.exports.export_report import ExportReport
from service.datasets.exports.jobs import domain, queries
from service.datasets.exports.jobs.commands import load_order
from service.datasets.exports.jobs.domain import (
    DATASET_EXPORT,
    DatasetExported,
    DatasetExportFailed,
    DatasetTarget,
    ExportEvent,
    ExportState,
)
from service.datasets.exports.jobs.published_folder import PublishedFolder
from service.datasets.splits import Split
from service.errors import Conflict, NotFound, Problem, Unavailable, Unprocessable
from service.extras import MissingExtra
from service.integrations.domain import PUBLISHERS
from service.integrations.integration_accounts import open_integration
from service.integrations.publication import Publication, publish
from service.ledger.store import Caller
from service.text import replace_unstorable
from service.worker.context import WorkerContext
from service.worker.leased_tasks import LeasedJob, LeasedTask, run_task
from service.worker.stop_requests import StopRequested, run_until_stopped

CONCURRENCY = 2
MAX_ATTEMPTS = 8
TELL_SECONDS = 2.0  # how often it says how far it is
Decide = Callable[[ExportState | None], Sequence[ExportEvent]]


async def run(load_judgements: LoadJudgements, context: WorkerContext, stop: asyncio.Event) -> None:
    """Export until `stop` is set. Any number of processes share the work."""
    do = partial(_export, load_judgements)
    task = LeasedTask(
        kind=queries.LEASE_KIND, candidates=queries.select_open, do=do, base=2.0, cap=300.0, concurrency=CONCURRENCY
    )
    await run_task(context, task, stop)


async def _export(load_judgements: LoadJudgements, context: WorkerContext, leased_job: LeasedJob) -> float | None:
    stored = await context.ledger.get(DATASET_EXPORT, leased_job.workspace_id, leased_job.id)
    if stored.state.ended:
        return None
    job = ExportJob(context, leased_job, stored.state)
    try:
        export, strict = await load_order(context.ledger, leased_job.workspace_id, stored, load_judgements)
        await run_until_stopped(job.run(export, strict=strict), job.is_to_stop)
    except StopRequested:
        await job.record(domain.finish_cancel)
    except (Conflict, MissingExtra, NotFound, Unprocessable) as problem:
        await job.fail(problem)
    except Problem as problem:
        if leased_job.lease.attempts < MAX_ATTEMPTS:
            raise
        await job.fail(problem)
    return None


class ExportJob:
    """One export, for who asked for it. What an earlier attempt made is found in the artifact store."""

    def __init__(self, context: WorkerContext, leased_job: LeasedJob, state: ExportState) -> None:
        self._context, self._ledger, self._id = context, context.ledger, leased_job.id
        self._store, self._target = ArtifactStore(context.settings), state.asked.to
        self._caller = Caller(
            workspace_id=leased_job.workspace_id, actor=state.asked.asked_by, request_id=state.asked.asked_in
        )
        self._done, self._told = 0, time.monotonic()

    async def record(self, decide: Decide) -> ExportState:
        return (await self._ledger.change(DATASET_EXPORT, self._id, decide, caller=self._caller)).state

    async def fail(self, problem: Problem) -> None:
        failure = DatasetExportFailed(code=problem.code, detail=replace_unstorable(problem.detail[:2_000]))
        await self.record(lambda state: domain.finish(state, failure))

    async def is_to_stop(self) -> bool:
        stored = await self._ledger.get(DATASET_EXPORT, self._caller.workspace_id, self._id)
        return stored.state.state == "cancelling"

    async def run(self, export: ExportRequest, *, strict: bool) -> None:
        await self.record(lambda state: domain.advance(state, done=0))
        requests = [export] if self._target is None else await self._divide(export)
        made = [await self._make(request) for request in requests]
        if strict:
            for each in made:
                each.check_strict(export.options.format)
        location = None if self._target is None else await self._publish(self._target, export, requests, made)
        end = _describe_end([request.artifact_id for request in requests], [each.report for each in made], location)
        await self.record(lambda state: domain.finish(state, end))

    async def _divide(self, export: ExportRequest) -> list[ExportRequest]:
        """A file for each split that has examples. The archive of a recipe has them all."""
        selection = export.selection
        if export.options.recipe is not None or selection.split is not None:
            return [export]
        parts = [msgspec.structs.replace(selection, split=split) for split in get_args(Split)]
        counts = [await count_examples(self._ledger.engine, self._caller.workspace_id, part) for part in parts]
        present = [part for part, count in zip(parts, counts, strict=True) if count] or parts[:1]
        return [msgspec.structs.replace(export, selection=part) for part in present]

    async def _make(self, export: ExportRequest) -> MadeExport:
        """Write it and keep it, unless it was kept before. Raises Unavailable when examples are erased meanwhile."""
        stored = await find_stored(self._ledger, self._store, self._caller, export)
        if stored is None:
            with self._store.receive(export.artifact_id) as path:
                writer = await open_writer(self._ledger, self._caller.workspace_id, export)
                with path.open("wb") as file:
                    async for piece in writer.write():
                        await asyncio.to_thread(file.write, piece)
                        await self._advance(len(piece))
                stored = await store_export(self._ledger, self._store, self._caller, export, writer=writer, file=path)
        if stored is None:
            raise Unavailable("Examples were erased while they were exported; the export begins anew.")
        return MadeExport.from_stored(stored)

    async def _advance(self, more: int) -> None:
        self._done += more
        if time.monotonic() - self._told > TELL_SECONDS:
            self._told = time.monotonic()
            await self.record(lambda state: domain.advance(state, done=self._done))

    async def _publish(
        self, target: DatasetTarget, export: ExportRequest, requests: list[ExportRequest], made: list[MadeExport]
    ) -> str:
        """Send the folder. Raises Conflict when it is refused, Unavailable otherwise."""
        workspace_id, folder = self._caller.workspace_id, PublishedFolder(self._context, self._caller, self._id)
        account = await open_integration(self._context, workspace_id, target.integration_id, *PUBLISHERS)
        try:
            name = await folder.lay_out(target, export, requests, made)
            publication = Publication(account=account, target=target, folder=folder.path, message=name, type="dataset")
            await self.record(lambda state: domain.send(state, location=publication.location))
            return await publish(publication)
        finally:
            await asyncio.to_thread(folder.remove)


def _describe_end(artifacts: list[UUID], reports: list[ExportReport], location: str | None) -> DatasetExported:
    losses, left_out = Counter[str](), Counter[str]()
    for report in reports:
        losses.update({name: loss.examples for name, loss in report.losses.items()})
        left_out.update({name: loss.examples for name, loss in report.left_out.items()})
    return DatasetExported(
        artifact_id=artifacts[0],
        rows=sum(report.rows for report in reports),
        bytes=sum(report.bytes for report in reports),
        losses=dict(losses),
        left_out=dict(left_out),
        erased=sum(report.erased for report in reports),
        artifacts=tuple(artifacts) if location else (),
        location=location,
    )
