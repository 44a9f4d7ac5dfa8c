"""Download weights from providers into the artifact store. A download whose worker died begins its file again."""

import asyncio
import errno
from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

from service.artifacts.artifact_store import ArtifactStore
from service.artifacts.commands import has_content, store_artifact
from service.artifacts.domain import ArtifactOwner, ArtifactStored
from service.connections.accounts import JOB_SECONDS, open_accounts
from service.errors import NotFound, Problem, ProviderRefused
from service.ledger.store import Caller
from service.providers.abilities import WeightFile, WeightSource
from service.settings import get_machine_label
from service.text import replace_unstorable
from service.tunes.events import TUNE
from service.tunes.weights import domain, queries
from service.tunes.weights.domain import WEIGHTS, WeightsDownloaded, WeightsEvent, WeightsFailed, WeightsState
from service.tunes.weights.received_file import ReceivedFile, check_file
from service.worker.context import WorkerContext
from service.worker.leased_tasks import LeasedJob, LeasedTask, run_task
from service.worker.stop_requests import StopRequested, run_until_stopped

CONCURRENCY = 4
MAX_ATTEMPTS = 8
# A download records how far it is at most so many times, and not more often than after so many bytes.
STEPS = 50
STEP_BYTES = 64_000_000
DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)
MEDIA_TYPES = {".zst": "application/zstd", ".gz": "application/gzip", ".json": "application/json"}

Decide = Callable[[WeightsState | None], Sequence[WeightsEvent]]


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Download weights until `stop` is set. Any number of processes share the work."""
    task = LeasedTask(
        kind=queries.LEASE_KIND,
        candidates=partial(queries.select_open, get_machine_label(context.settings)),
        do=download_weights,
        base=2.0,
        cap=300.0,
        concurrency=CONCURRENCY,
    )
    await run_task(context, task, stop)


async def download_weights(context: WorkerContext, leased_job: LeasedJob) -> float | None:
    """Run one download to its end. Raises what may be better at the next attempt, of which there are MAX_ATTEMPTS."""
    stored = await context.ledger.get(WEIGHTS, leased_job.workspace_id, leased_job.id)
    if stored.state.ended:
        return None
    download = Download(context, leased_job, stored.state)
    try:
        await run_until_stopped(download.run(), download.is_to_stop)
    except StopRequested:
        await download.record(domain.finish_cancel)
    except (NotFound, ProviderRefused) as problem:
        await download.fail(problem.code, problem.detail)
    except OSError as error:
        if error.errno not in DISK_ERRORS:  # as a connection that broke: another attempt may be better
            raise
        await download.fail("disk_error", f"The file could not be written on the worker's disk: {error.strerror}.")
    except Problem as problem:
        if leased_job.lease.attempts < MAX_ATTEMPTS:
            raise
        await download.fail(problem.code, problem.detail)
    return None


class Download:
    """One download of all files of a tune's weights."""

    def __init__(self, context: WorkerContext, leased_job: LeasedJob, state: WeightsState) -> None:
        self._context = context
        self._ledger = context.ledger
        self._id = leased_job.id
        self._asked = state.asked
        self._caller = Caller(
            workspace_id=leased_job.workspace_id, actor=state.asked.asked_by, request_id=state.asked.asked_in
        )
        self._store = ArtifactStore(context.settings)
        self._done = 0
        self._total: int | None = None
        self._recorded = 0

    async def run(self) -> None:
        """Download what is not there yet. Raises StopRequested, also when it was asked to stop before."""
        await self._advance()
        tune = await self._ledger.get(TUNE, self._caller.workspace_id, self._asked.tune_id)
        accounts = open_accounts(self._context)
        connection_id = tune.state.asked.connection_id
        async with accounts.open(self._caller.workspace_id, connection_id, patience=JOB_SECONDS) as provider:
            if not isinstance(provider, WeightSource):
                raise ProviderRefused("The provider of this tune keeps its weights.")
            files = await provider.weights(tune.state.job_id or "", checkpoint=self._asked.checkpoint)
            sizes = [file.bytes for file in files]
            self._total = None if None in sizes else sum(size or 0 for size in sizes)
            await self._advance()
            artifact_ids = tuple([await self._take(provider, file) for file in files])
        end = WeightsDownloaded(artifacts=artifact_ids, bytes=self._done)
        await self.record(lambda each: domain.finish(each, end))

    async def is_to_stop(self) -> bool:
        stored = await self._ledger.get(WEIGHTS, self._caller.workspace_id, self._id)
        return stored.state.state == "cancelling"

    async def fail(self, code: str, detail: str) -> None:
        failure = replace_unstorable(WeightsFailed(code=code, detail=detail[:2_000]))
        await self.record(lambda each: domain.finish(each, failure))

    async def record(self, decide: Decide) -> WeightsState:
        return (await self._ledger.change(WEIGHTS, self._id, decide, caller=self._caller)).state

    async def _take(self, provider: WeightSource, file: WeightFile) -> UUID:
        """Download one file and store it, unless it is there already. Returns its artifact's id."""
        name = replace_unstorable(file.name)
        artifact_id = domain.build_artifact_id(self._asked.tune_id, name, checkpoint=self._asked.checkpoint)
        if await has_content(self._ledger, self._store, self._caller.workspace_id, artifact_id):
            self._done += file.bytes or 0
            return artifact_id
        with self._store.receive(artifact_id) as path:
            received = ReceivedFile(path)
            with received:
                async for piece in provider.read_weights(file):
                    await asyncio.to_thread(received.write, piece)
                    self._done += len(piece)
                    if self._done - self._recorded >= max((self._total or 0) // STEPS, STEP_BYTES):
                        await self._advance()
            check_file(file, received)
            content = ArtifactStored(
                kind="weights",
                name=name,
                digest=received.digest,
                bytes=received.bytes,
                media_type=MEDIA_TYPES.get(f".{name.rpartition('.')[2]}", "application/octet-stream"),
                of=ArtifactOwner(kind="tune", id=self._asked.tune_id),
            )
            await store_artifact(self._ledger, self._store, self._caller, artifact_id, content=content, file=path)
        return artifact_id

    async def _advance(self) -> None:
        self._recorded, done, total = self._done, self._done, self._total
        state = await self.record(lambda each: domain.advance(each, done=done, total=total))
        if state.state == "cancelling":
            raise StopRequested
