"""Work on open runs: claim one, call the function for its kind, record its result."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import structlog

from service.errors import Problem, ProviderUnavailable, Unavailable
from service.inference import domain, queries
from service.inference.domain import RUN, RunEvent, RunState
from service.inference.executor import Job, delete_sent_marks
from service.inference.provider_client import ConnectionLimiters
from service.worker.context import WorkerContext
from service.worker.leased_tasks import LeasedJob, LeasedTask, run_task

KIND = "run"
CONCURRENCY = 8
PATIENT_CLAIMS = 8  # from this claim on, a question whose provider is unreachable fails alone
MAX_CLAIMS = 20
WATCH_SECONDS = 0.5
RETRYABLE_ERRORS = (Unavailable, ProviderUnavailable)

log = structlog.get_logger(__name__)

# The function for one kind of run; returns the operation's result. After a crash it starts over.
RunWork = Callable[[Job], Awaitable[dict[str, Any]]]


async def run(works: Mapping[str, RunWork], context: WorkerContext, stop: asyncio.Event) -> None:
    """Work on open runs until `stop` is set."""
    do = partial(work_on_run, works, ConnectionLimiters())
    task = LeasedTask(kind=KIND, candidates=queries.select_open_runs, do=do, base=2, cap=300, concurrency=CONCURRENCY)
    await run_task(context, task, stop)


async def work_on_run(
    works: Mapping[str, RunWork], limiters: ConnectionLimiters, context: WorkerContext, leased_job: LeasedJob
) -> None:
    """Work on one run until it ends. Raises one of RETRYABLE_ERRORS if the run must be continued later."""
    stored = await context.ledger.get(RUN, leased_job.workspace_id, leased_job.id)
    run = stored.state
    if run.finished:
        return
    job = Job(context, limiters, workspace_id=leased_job.workspace_id, run_id=leased_job.id, run=run)
    job.patient = leased_job.lease.attempts < PATIENT_CLAIMS
    do = works.get(run.request.kind)
    if do is None:
        await _fail(
            job,
            "unknown_kind",
            f"This worker does not know runs of the kind {run.request.kind}. Is it an older version?",
        )
    elif leased_job.lease.attempts > MAX_CLAIMS:
        reason = leased_job.lease.last_error or "its worker died"
        await _fail(job, "given_up", f"Given up after {MAX_CLAIMS} tries: {reason}")
    else:
        await _work(do, job)
    await delete_sent_marks(context.engine, leased_job.workspace_id, leased_job.id)


async def _work(do: RunWork, job: Job) -> None:
    await job.open()
    try:
        result = await _run_until_cancelled(do, job)
    except RETRYABLE_ERRORS:
        raise
    except Problem as problem:
        await _fail(job, problem.code, problem.detail)
        return
    if result is None:
        await _record(job, domain.confirm_cancel)
        return
    result["usage"] = await queries.sum_usage(job.engine, job.workspace_id, job.run_id)
    await _record(job, lambda run: domain.succeed(run, result=result, done=job.done, total=job.total))


async def _run_until_cancelled(do: RunWork, job: Job) -> dict[str, Any] | None:
    """Return the work's result, or None once a cancel is requested. Raises one error instead of an error group."""
    work, cancel = asyncio.ensure_future(do(job)), asyncio.ensure_future(_wait_for_cancel(job))
    try:
        await asyncio.wait([work, cancel], return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            await cancel  # raises if the watcher failed
            return None
        return await work
    except BaseExceptionGroup as group:
        raise _pick_error(group) from group
    finally:
        for task in (work, cancel):
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task


async def _wait_for_cancel(job: Job) -> None:
    """Return once a cancel of the run is requested."""
    while not await queries.is_cancel_requested(job.engine, job.workspace_id, job.run_id):  # noqa: ASYNC110 - other processes request it
        await asyncio.sleep(WATCH_SECONDS)


async def _fail(job: Job, code: str, detail: str) -> None:
    await _record(job, lambda run: domain.fail(run, code=code, detail=detail))


async def _record(job: Job, decide: Callable[[RunState | None], list[RunEvent]]) -> None:
    await job.ledger.change(RUN, job.run_id, decide, caller=job.caller)


def _pick_error(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Pick a retryable error if there is one, since then the whole run is retried; else the first."""
    retryable, _ = group.split(RETRYABLE_ERRORS)
    error: BaseException = retryable or group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
