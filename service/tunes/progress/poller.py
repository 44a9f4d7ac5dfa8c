"""Follow the jobs of each connection: their states in bulk, and the news of those that changed."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from msgspec.structs import replace

from service.access.actors import SERVER
from service.connections.accounts import JOB_SECONDS, open_accounts
from service.errors import Conflict, NotFound, ProviderRefused, ProviderUnavailable
from service.ledger.retry import LostRace
from service.ledger.store import Batch, Caller, Entry
from service.providers.provider import FINISHED
from service.settings import get_machine_label
from service.tunes import queries
from service.tunes.events import TUNE, TuneEvent, TuneFailed, TuneRecovered
from service.tunes.progress.decisions import (
    FollowedTune,
    KnownDetails,
    observe,
    observe_absence,
    observe_trouble,
    select_unknown,
)
from service.tunes.progress.job_reader import JobReader, Reading
from service.worker.context import WorkerContext
from service.worker.leased_tasks import LeasedJob, LeasedTask, run_task

CONCURRENCY = 32
MAX_WAIT_INTERVALS = 6
# A trouble that is over at the next attempt is not worth an event.
TROUBLED_ATTEMPTS = 2
BATCH_TUNES = 100


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Follow jobs until `stop` is set. Any number of processes share the connections."""
    interval = context.settings.poll_interval
    poller = Poller(context)
    task = LeasedTask(
        kind=queries.POLL,
        candidates=partial(queries.select_to_poll, get_machine_label(context.settings)),
        do=poller.poll,
        base=interval,
        cap=MAX_WAIT_INTERVALS * interval,
        concurrency=CONCURRENCY,
    )
    await run_task(context, task, stop)


class Poller:
    """The polls of this process. What it remembers only saves requests: another process can go on at any time."""

    def __init__(self, context: WorkerContext) -> None:
        self._context = context
        self._interval = context.settings.poll_interval
        self._readers: dict[tuple[UUID, UUID], JobReader] = {}

    async def poll(self, context: WorkerContext, leased_job: LeasedJob) -> float | None:
        """Poll all jobs of one connection. Raises the provider's error when it tells nothing at all."""
        workspace_id, connection_id = leased_job.workspace_id, leased_job.id
        started = asyncio.get_running_loop().time()
        tunes = await queries.list_followed(context.engine, workspace_id, connection_id)
        if not tunes:
            self._readers.pop((workspace_id, connection_id), None)
            return None
        reader = self._readers.setdefault((workspace_id, connection_id), JobReader(self._interval))
        try:
            async with open_accounts(context).open(workspace_id, connection_id, patience=JOB_SECONDS) as provider:
                reading = await reader.read(provider, tunes)
                # What has changed is recorded before the logs of all others are read.
                unchanged = await self._record_reading(leased_job, tunes, reading)
                quiet = await reader.read_quiet(provider, unchanged, reading)
                await self._record_reading(leased_job, [tune for tune in unchanged if tune.id in quiet.jobs], quiet)
        except NotFound:
            failure = TuneFailed(
                code="connection_deleted", message="The connection of this tune was deleted.", at=datetime.now(UTC)
            )
            await self._record(leased_job, [(tune, failure) for tune in tunes if tune.state not in FINISHED])
            return None
        except (ProviderRefused, ProviderUnavailable, Conflict) as problem:
            if leased_job.lease.attempts >= TROUBLED_ATTEMPTS:
                await self._record_trouble(leased_job, tunes, problem.detail)
            raise
        spent = asyncio.get_running_loop().time() - started
        return max(self._interval - spent, 0.0)

    async def _record_reading(
        self, leased_job: LeasedJob, tunes: Sequence[FollowedTune], reading: Reading
    ) -> list[FollowedTune]:
        """Record what is new. Returns the tunes of which nothing was."""
        now = datetime.now(UTC)
        known = await queries.load_known(self._context.engine, leased_job.workspace_id, reading.news)
        recovered = [tune for tune in tunes if tune.trouble and reading.is_sound(tune)]
        written = await self._record(leased_job, [(tune, TuneRecovered(at=now)) for tune in recovered])
        events: list[tuple[FollowedTune, TuneEvent]] = []
        unchanged = []
        for tune in (written.get(tune.id, tune) for tune in tunes):
            decided = self._decide(tune, reading, known, now)
            events += [(tune, event) for event in decided]
            unchanged += [] if decided else [tune]
        await self._record(leased_job, events)
        return unchanged

    def _decide(
        self, tune: FollowedTune, reading: Reading, known: dict[UUID, KnownDetails], now: datetime
    ) -> list[TuneEvent]:
        if tune.id in reading.absent:
            return observe_absence(tune, reading.absent[tune.id], at=now, interval=self._interval)
        job, news = reading.jobs.get(tune.id), reading.news.get(tune.id)
        if job is None:
            return []
        unknown = select_unknown(news, known[tune.id]) if news else None
        if events := observe(tune, job, unknown, at=now):
            return events
        lasting = reading.lasting_troubles.get(tune.id)
        return observe_trouble(tune, lasting, at=now) if lasting else []

    async def _record_trouble(self, leased_job: LeasedJob, tunes: Sequence[FollowedTune], message: str) -> None:
        now = datetime.now(UTC)
        await self._record(
            leased_job, [(tune, event) for tune in tunes for event in observe_trouble(tune, message, at=now)]
        )

    async def _record(
        self, leased_job: LeasedJob, events: Sequence[tuple[FollowedTune, TuneEvent]]
    ) -> dict[UUID, FollowedTune]:
        """Write one event for each tune, and return the tunes as they are then.

        A tune that somebody else has changed meanwhile is left out; it is polled again anyway.
        """
        by_request: dict[str, list[tuple[FollowedTune, TuneEvent]]] = {}
        for tune, event in events:
            by_request.setdefault(tune.request_id, []).append((tune, event))
        written: dict[UUID, FollowedTune] = {}
        for request_id, group in by_request.items():
            caller = Caller(workspace_id=leased_job.workspace_id, actor=SERVER, request_id=request_id)
            for start in range(0, len(group), BATCH_TUNES):
                written |= await self._write(caller, group[start : start + BATCH_TUNES])
        return written

    async def _write(self, caller: Caller, group: Sequence[tuple[FollowedTune, TuneEvent]]) -> dict[UUID, FollowedTune]:
        entries = [
            Entry(stream=TUNE.stream, stream_id=tune.id, after=tune.version, event=event) for tune, event in group
        ]
        try:
            await self._context.ledger.write(caller, Batch(entries=entries))
        except LostRace:
            if len(group) == 1:
                return {}
            halves = group[: len(group) // 2], group[len(group) // 2 :]
            return await self._write(caller, halves[0]) | await self._write(caller, halves[1])
        return {tune.id: replace(tune, version=tune.version + 1) for tune, _ in group}
