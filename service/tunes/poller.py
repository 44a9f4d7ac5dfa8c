"""Polling: what providers say of the jobs that run, asked outside any transaction and recorded only when it is new."""

import asyncio
import random
from datetime import UTC, datetime

from service.connections.accounts import open_provider
from service.errors import NotFound
from service.ledger.decider import StreamState
from service.providers.provider import Progress, Refused
from service.text import legible
from service.tunes import decisions, queries
from service.tunes.dispatcher import caller
from service.tunes.events import TUNE, Failure, Tune
from service.worker.context import WorkerContext
from service.worker.leased_tasks import LeasedJob, LeasedTask, run_task

AT_ONCE = 32
HTTP_NOT_FOUND = 404
# A provider that has lost a job for a moment is not believed: so many looks in a row must find none.
CONFIRMATIONS = 5
MISSING = "The provider does not know the job any more"
# A job that brings no news is asked about less often, up to so many times the interval.
SLOWEST = 12
QUIET_SHARE = 0.05

chance = random.Random()  # noqa: S311 - spreads the questions, keeps no secret


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Follow the jobs that run until `stop` is set. Any number of processes share them."""
    interval = context.settings.poll_interval
    duty = LeasedTask(
        kind=queries.POLL, candidates=queries.to_poll, do=poll, base=interval, cap=60 * interval, at_once=AT_ONCE
    )
    await run_task(context, duty, stop)


async def poll(context: WorkerContext, held: LeasedJob) -> float | None:
    """One look at a job. Raises what the provider answered when that says nothing about the job."""
    stored = await context.ledger.get(TUNE, held.workspace_id, held.id)
    tune = stored.state
    if tune.finished or tune.job_id is None:
        return None
    try:
        order = tune.asked
        async with open_provider(context.ledger, context.vault, held.workspace_id, order.connection_id) as provider:
            seen = await provider.progress(tune.job_id, after_event=tune.last_event)
    except NotFound:
        failure = Failure(code="connection_deleted", message="The connection of this tune was deleted.")
        await _fail(context, held, tune, failure)
        return None
    except Refused as refused:
        if refused.provider_status != HTTP_NOT_FOUND:
            raise
        await _missing(context, held, tune, refused)
        return None
    after = await _record(context, held, tune, legible(seen))
    return (
        None if after.state.finished else pause(after, interval=context.settings.poll_interval, now=datetime.now(UTC))
    )


async def _record(context: WorkerContext, held: LeasedJob, tune: Tune, seen: Progress) -> StreamState[Tune]:
    now = datetime.now(UTC)
    return await context.ledger.change(
        TUNE, held.id, lambda tune: decisions.observe(tune, seen, at=now), caller=caller(held.workspace_id, tune)
    )


async def _missing(context: WorkerContext, held: LeasedJob, tune: Tune, refused: Refused) -> None:
    missed_before = (held.lease.last_error or "").startswith(MISSING)
    if not (missed_before and held.lease.attempts >= CONFIRMATIONS):
        raise Refused(f"{MISSING}: {refused.detail}", provider_status=HTTP_NOT_FOUND) from refused
    await _fail(context, held, tune, Failure(code="job_not_found", message=legible(refused.detail)))


async def _fail(context: WorkerContext, held: LeasedJob, tune: Tune, failure: Failure) -> None:
    now = datetime.now(UTC)
    await context.ledger.change(
        TUNE, held.id, lambda tune: decisions.fail(tune, failure, at=now), caller=caller(held.workspace_id, tune)
    )


def pause(stored: StreamState[Tune], *, interval: float, now: datetime) -> float:
    """Seconds until the next look: longer the longer nothing new came, and by chance up to a fifth more or less."""
    quiet = max(0.0, (now - stored.updated_at).total_seconds())
    return min(max(interval, quiet * QUIET_SHARE), SLOWEST * interval) * chance.uniform(0.8, 1.2)
