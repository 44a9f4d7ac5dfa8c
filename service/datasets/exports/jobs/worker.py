"""Write exports into the artifact store. An export whose worker died begins anew."""

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial

from service.artifacts.artifact_store import ArtifactStore
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
    ExportEvent,
    ExportState,
)
from service.errors import NotFound, Problem, Unavailable, Unprocessable
from service.ledger.store import Caller
from service.worker.context import WorkerContext
from service.worker.leased_tasks import LeasedJob, LeasedTask, run_task

CONCURRENCY = 2
MAX_ATTEMPTS = 8
CHECK_SECONDS = 2.0  # how often it says how far it is, and looks whether it is to stop
Decide = Callable[[ExportState | None], Sequence[ExportEvent]]


class Stopped(Exception):  # noqa: N818 - it names a state
    """The export was asked to stop"""


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
        await job.advance(0)
        export, strict = await load_order(context.ledger, leased_job.workspace_id, stored, load_judgements)
        made = await job.make(export)
        if strict:
            made.check_strict(export.options.format)
        await job.record(lambda state: domain.finish(state, _describe_end(export, made.report)))
    except Stopped:
        await job.record(domain.finish_cancel)
    except (NotFound, Unprocessable) as problem:
        await job.fail(problem)
    except Problem as problem:
        if leased_job.lease.attempts < MAX_ATTEMPTS:
            raise
        await job.fail(problem)
    return None


class ExportJob:
    """One export, for who asked for it."""

    def __init__(self, context: WorkerContext, leased_job: LeasedJob, state: ExportState) -> None:
        self._ledger, self._id = context.ledger, leased_job.id
        self._store = ArtifactStore(context.settings)
        self._caller = Caller(
            workspace_id=leased_job.workspace_id, actor=state.asked.asked_by, request_id=state.asked.asked_in
        )

    async def record(self, decide: Decide) -> ExportState:
        return (await self._ledger.change(DATASET_EXPORT, self._id, decide, caller=self._caller)).state

    async def fail(self, problem: Problem) -> None:
        failure = DatasetExportFailed(code=problem.code, detail=problem.detail[:2_000])
        await self.record(lambda state: domain.finish(state, failure))

    async def advance(self, done: int) -> None:
        """Raises Stopped when it is to stop."""
        if (await self.record(lambda state: domain.advance(state, done=done))).state != "running":
            raise Stopped

    async def make(self, export: ExportRequest) -> MadeExport:
        """Write it and keep it, unless it was kept before. Raises Unavailable when examples are erased meanwhile."""
        stored = await find_stored(self._ledger, self._store, self._caller, export)
        if stored is None:
            with self._store.receive(export.artifact_id) as path:
                writer = await open_writer(self._ledger, self._caller.workspace_id, export)
                told, done = time.monotonic(), 0
                with path.open("wb") as file:
                    async for piece in writer.write():
                        await asyncio.to_thread(file.write, piece)
                        done += len(piece)
                        if time.monotonic() - told > CHECK_SECONDS:
                            await self.advance(done)
                            told = time.monotonic()
                report = writer.report()
                stored = await store_export(self._ledger, self._store, self._caller, export, report=report, file=path)
        if stored is None:
            raise Unavailable("Examples were erased while they were exported; the export begins anew.")
        return MadeExport.from_stored(stored)


def _describe_end(export: ExportRequest, report: ExportReport) -> DatasetExported:
    return DatasetExported(
        artifact_id=export.artifact_id,
        rows=report.rows,
        bytes=report.bytes,
        losses={name: loss.examples for name, loss in report.losses.items()},
        left_out={name: loss.examples for name, loss in report.left_out.items()},
        erased=report.erased,
    )
