"""The worker's part in runs: takes up what has not ended, whoever began it, and does the work of its kind."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import structlog

from service.errors import Problem, ProviderUnavailable, Unavailable
from service.inference import domain as runs
from service.inference import projection
from service.inference.domain import RUN
from service.inference.executor import Job, delete_sent_marks
from service.inference.provider_client import ConnectionLimiters
from service.worker.context import WorkerContext
from service.worker.leased_tasks import LeasedJob, LeasedTask, run_task

KIND = "run"
CONCURRENCY = 4
PATIENT_CLAIMS = 8  # claims of one run; after these, rows whose provider is away are given up one by one
MAX_CLAIMS = 20
WATCH_SECONDS = 0.5
RETRYABLE_ERRORS = (Unavailable, ProviderUnavailable)

log = structlog.get_logger(__name__)

# What a kind of run does; it returns the operation's result. Started again after a crash it runs from its beginning.
RunWork = Callable[[Job], Awaitable[dict[str, Any]]]


async def run(works: Mapping[str, RunWork], context: WorkerContext, stop: asyncio.Event) -> None:
    """Work on what was asked for until `stop` is set."""
    do = partial(work_on_run, works, ConnectionLimiters())
    duty = LeasedTask(kind=KIND, candidates=projection.select_open_runs, do=do, base=2, cap=300, at_once=CONCURRENCY)
    await run_task(context, duty, stop)


async def work_on_run(
    works: Mapping[str, RunWork], gates: ConnectionLimiters, context: WorkerContext, held: LeasedJob
) -> None:
    """One run, to its end. Raises Unavailable and the like when it is to be taken up again."""
    stored = await context.ledger.get(RUN, held.workspace_id, held.id)
    run = stored.state
    if run.finished:
        return
    job = Job(context, gates, workspace_id=held.workspace_id, run_id=held.id, run=run)
    job.patient = held.lease.attempts < PATIENT_CLAIMS
    do = works.get(run.asked.kind)
    if do is None:
        await _fail(job, "unknown_kind", f"No work of the kind {run.asked.kind} is known here.")
    elif held.lease.attempts > MAX_CLAIMS:
        await _fail(job, "given_up", f"Given up after {MAX_CLAIMS} tries: {held.lease.last_error or 'its worker died'}")
    else:
        await _work(do, job)
    await delete_sent_marks(context.engine, held.workspace_id, held.id)


async def _work(do: RunWork, job: Job) -> None:
    await job.open()
    try:
        result = await _run_until_cancelled(do, job)
    except RETRYABLE_ERRORS:
        raise
    except Problem as problem:
        await _fail(job, problem.code, problem.detail)
        return
    finally:
        await job.close()
    if result is None:
        await _record(job, runs.confirm_cancel)
        return
    used = await projection.sum_usage(job.engine, job.workspace_id, job.run_id)
    await _record(job, lambda run: runs.succeed(run, result=result | {"usage": used}, done=job.done, total=job.total))


async def _run_until_cancelled(do: RunWork, job: Job) -> dict[str, Any] | None:
    """What the work comes to; None when somebody wanted it to stop. Raises the first trouble, not the group of all."""
    doing, watching = asyncio.ensure_future(do(job)), asyncio.ensure_future(_wait_for_cancel(job))
    try:
        await asyncio.wait([doing, watching], return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            await watching  # it may have failed, too
            return None
        return await doing
    except BaseExceptionGroup as group:
        raise _pick_error(group) from group
    finally:
        for task in (doing, watching):
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task


async def _wait_for_cancel(job: Job) -> None:
    """Ends when somebody wants the run to stop."""
    while not await projection.is_cancel_requested(job.engine, job.workspace_id, job.run_id):  # noqa: ASYNC110 - others say so
        await asyncio.sleep(WATCH_SECONDS)


async def _fail(job: Job, code: str, detail: str) -> None:
    await _record(job, lambda run: runs.fail(run, code=code, detail=detail))


async def _record(job: Job, decide: Callable[[runs.RunState | None], list[runs.RunEvent]]) -> None:
    await job.ledger.change(RUN, job.run_id, decide, caller=job.caller)


def _pick_error(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The trouble to act upon: one that may pass, if there is any, for then all of it is tried again."""
    later, _ = group.split(RETRYABLE_ERRORS)
    error: BaseException = later or group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
