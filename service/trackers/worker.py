"""Show each tune that has ended at the workspace's trackers: ask for a run as it ends, and log it under a lease."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from service.access.actors import SERVER
from service.errors import Conflict, NotFound, Problem, Unprocessable
from service.extras import MissingExtra
from service.integrations.integration_accounts import open_integration
from service.ledger.readers.subscriptions import LoggedEvent, Subscription, follow
from service.ledger.store import Caller, Ledger
from service.settings import parse_connections_policy
from service.text import replace_unstorable
from service.trackers import domain, queries
from service.trackers.domain import TRACKED_RUN, TRACKERS, TrackedRunFailed, TrackedRunLogged, TrackedRunRequested
from service.trackers.mlflow_run import log_to_mlflow
from service.trackers.run_record import RunRecord, load_record
from service.trackers.wandb_process import log_to_wandb
from service.tunes.events import TUNE, TuneCancelled, TuneFailed, TuneSucceeded
from service.worker.context import WorkerContext
from service.worker.leased_tasks import LeasedJob, LeasedTask, run_task

NAME = "trackers"
CONCURRENCY = 2
MAX_ATTEMPTS = 10
WAIT_SECONDS = 1.0
VERSION_PATIENCE = timedelta(seconds=30)  # so long a run waits for the version that its tune becomes


async def request_runs(context: WorkerContext, stop: asyncio.Event) -> None:
    """Ask for the runs of tunes that end, until `stop` is set. Several processes may do so at once."""
    await follow(context.engine, build_requester(context.ledger), stop=stop)


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Log runs until `stop` is set. Any number of processes share the work."""
    task = LeasedTask(
        kind=queries.LEASE_KIND,
        candidates=queries.select_open,
        do=log_tune,
        base=5.0,
        cap=600.0,
        concurrency=CONCURRENCY,
    )
    await run_task(context, task, stop)


def build_requester(ledger: Ledger) -> Subscription:
    async def react(workspace_id: UUID, events: Sequence[LoggedEvent]) -> None:
        for tracker in await queries.list_trackers(ledger.engine, workspace_id):
            for event in events:
                caller = Caller(workspace_id=workspace_id, actor=SERVER, request_id=event.request_id)
                requested = TrackedRunRequested(tune_id=event.stream_id, integration_id=tracker.id, kind=tracker.kind)
                run_id = domain.build_run_id(tracker.id, event.stream_id)
                await ledger.change(TRACKED_RUN, run_id, partial(domain.request, requested=requested), caller=caller)

    return Subscription(name=NAME, react=react, kinds=(TuneSucceeded, TuneFailed, TuneCancelled))


async def log_tune(context: WorkerContext, leased_job: LeasedJob) -> float | None:
    """Log one run to its end. Raises what may be better at the next attempt, of which there are MAX_ATTEMPTS."""
    workspace_id = leased_job.workspace_id
    stored = await context.ledger.get(TRACKED_RUN, workspace_id, leased_job.id)
    requested = stored.state.requested
    tune = await context.ledger.get(TUNE, workspace_id, requested.tune_id)
    if tune.state.asked.model and tune.state.state == "succeeded":
        version = await queries.find_version_of_tune(context.engine, workspace_id, tune.id)
        if version is None and datetime.now(UTC) - stored.created_at < VERSION_PATIENCE:
            return WAIT_SECONDS
    end: TrackedRunLogged | TrackedRunFailed
    try:
        record = await load_record(context.ledger, workspace_id, tune)
        link = await _log(context, workspace_id, requested, record)
        end = TrackedRunLogged(points=len(record.points), link=link)
    except Problem as problem:
        is_final = isinstance(problem, Conflict | MissingExtra | NotFound | Unprocessable)
        if not is_final and leased_job.lease.attempts < MAX_ATTEMPTS:
            raise
        end = replace_unstorable(TrackedRunFailed(code=problem.code, detail=problem.detail[:2_000]))
    caller = Caller(workspace_id=workspace_id, actor=SERVER, request_id=tune.state.asked.request_id)
    await context.ledger.change(TRACKED_RUN, stored.id, partial(domain.finish, end=end), caller=caller)
    return None


async def _log(
    context: WorkerContext, workspace_id: UUID, requested: TrackedRunRequested, record: RunRecord
) -> str | None:
    account = await open_integration(context, workspace_id, requested.integration_id, *TRACKERS)
    if account.kind == "mlflow":
        return await log_to_mlflow(account, parse_connections_policy(context.settings), record)
    return await log_to_wandb(account, context.settings, record)
