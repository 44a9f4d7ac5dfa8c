"""Poll running jobs, outside any transaction, and record what is new."""

import asyncio
import random
from datetime import UTC, datetime

from service.connections.accounts import JOB_SECONDS, open_accounts
from service.errors import NotFound
from service.ledger.decider import StreamState
from service.providers.provider import Progress, Refused
from service.text import replace_unstorable
from service.tunes import decisions, queries
from service.tunes.dispatcher import build_caller
from service.tunes.events import TUNE, Failure, TuneState
from service.worker.context import WorkerContext
from service.worker.leased_tasks import LeasedJob, LeasedTask, run_task

CONCURRENCY = 32
HTTP_NOT_FOUND = 404
# A provider may briefly not find a job, so this many polls in a row must miss it.
MAX_MISSES = 5
MISSING = "The provider does not know the job any more"
# A job without news is polled less often, up to this many times the interval.
MAX_SLOWDOWN = 12
QUIET_SHARE = 0.05

RANDOM = random.Random()  # noqa: S311 - only spreads the polls


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Poll running jobs until `stop` is set. Any number of processes share them."""
    interval = context.settings.poll_interval
    task = LeasedTask(
        kind=queries.POLL,
        candidates=queries.select_to_poll,
        do=poll,
        base=interval,
        cap=60 * interval,
        concurrency=CONCURRENCY,
    )
    await run_task(context, task, stop)


async def poll(context: WorkerContext, leased_job: LeasedJob) -> float | None:
    """Poll one job. Raises the provider's error unless it says something about the job."""
    stored = await context.ledger.get(TUNE, leased_job.workspace_id, leased_job.id)
    tune = stored.state
    if tune.finished or tune.job_id is None:
        return None
    try:
        order = tune.asked
        accounts = open_accounts(context)
        async with accounts.open(leased_job.workspace_id, order.connection_id, patience=JOB_SECONDS) as provider:
            job = await provider.job(tune.job_id)
            news = await provider.news(job, cursor=None)
            progress = Progress(job=job, events=news.events, metrics=news.metrics, checkpoints=news.checkpoints)
    except NotFound:
        failure = Failure(code="connection_deleted", message="The connection of this tune was deleted.")
        await _fail(context, leased_job, tune, failure)
        return None
    except Refused as refused:
        if refused.provider_status != HTTP_NOT_FOUND:
            raise
        await _handle_missing(context, leased_job, tune, refused)
        return None
    observed = await _record(context, leased_job, tune, replace_unstorable(progress))
    return (
        None
        if observed.state.finished
        else compute_pause(observed, interval=context.settings.poll_interval, now=datetime.now(UTC))
    )


async def _record(
    context: WorkerContext, leased_job: LeasedJob, tune: TuneState, progress: Progress
) -> StreamState[TuneState]:
    now = datetime.now(UTC)
    return await context.ledger.change(
        TUNE,
        leased_job.id,
        lambda tune: decisions.observe(tune, progress, at=now),
        caller=build_caller(leased_job.workspace_id, tune),
    )


async def _handle_missing(context: WorkerContext, leased_job: LeasedJob, tune: TuneState, refused: Refused) -> None:
    missed_before = (leased_job.lease.last_error or "").startswith(MISSING)
    if not (missed_before and leased_job.lease.attempts >= MAX_MISSES):
        raise Refused(f"{MISSING}: {refused.detail}", provider_status=HTTP_NOT_FOUND) from refused
    await _fail(context, leased_job, tune, Failure(code="job_not_found", message=replace_unstorable(refused.detail)))


async def _fail(context: WorkerContext, leased_job: LeasedJob, tune: TuneState, failure: Failure) -> None:
    now = datetime.now(UTC)
    await context.ledger.change(
        TUNE,
        leased_job.id,
        lambda tune: decisions.fail(tune, failure, at=now),
        caller=build_caller(leased_job.workspace_id, tune),
    )


def compute_pause(stored: StreamState[TuneState], *, interval: float, now: datetime) -> float:
    """Seconds until the next poll. Longer when nothing changed for long; varies at random by up to a fifth."""
    quiet = max(0.0, (now - stored.updated_at).total_seconds())
    return min(max(interval, quiet * QUIET_SHARE), MAX_SLOWDOWN * interval) * RANDOM.uniform(0.8, 1.2)
