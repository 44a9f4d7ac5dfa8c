"""Leased tasks: workers claim due work, extend the lease while it runs, and release it."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

import msgspec
import sqlalchemy as sa
import structlog

from service.database.engine import DATABASE_ERRORS
from service.errors import Problem
from service.ledger.held_lease import HeldLease, LeaseLost
from service.ledger.leases import Claimer, Lease
from service.ledger.readers.pulse import QUIET_SECONDS, Vigil
from service.ledger.retry import backoff, sleep_or_stop
from service.worker.context import WorkerContext

IDLE_SECONDS = 0.3
ROOM_SECONDS = 0.02
GRACE_SECONDS = 5.0

log = structlog.get_logger(__name__)


class LeasedJob(HeldLease):
    """A piece of work whose lease this worker holds."""

    def __init__(self, context: WorkerContext, lease: Lease) -> None:
        super().__init__(context.engine, lease, seconds=context.settings.lease_seconds)
        self.context = context


class LeasedTask(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of work. `do` returns in how many seconds it is due again, None for never; errors are retried.

    The pause before a retry doubles from `base` to `cap` seconds, minus up to half at random, and is at least the
    provider's Retry-After. `concurrency`: how many this process runs at a time; one workspace
    gets at most half of them. `quiet_seconds`: how late it may be seen that work is due by its own clock, and not by
    an event or a lease.
    """

    kind: str
    candidates: Callable[[], sa.Select[tuple[UUID, UUID]]]
    do: Callable[[WorkerContext, LeasedJob], Awaitable[float | None]]
    base: float
    cap: float
    concurrency: int
    quiet_seconds: float = QUIET_SECONDS


async def run_task(context: WorkerContext, leased_task: LeasedTask, stop: asyncio.Event) -> None:
    """Run due tasks until `stop` is set; give running ones GRACE_SECONDS to end."""
    running: dict[asyncio.Task[None], UUID] = {}
    jitter = random.Random()  # noqa: S311 - no secret
    claimer = Claimer(leased_task.kind, leased_task.candidates())
    vigil = Vigil(context.engine, kind=leased_task.kind, quiet_seconds=leased_task.quiet_seconds)
    failures = 0
    while not stop.is_set():
        pause = IDLE_SECONDS
        try:
            leases = [] if await vigil.is_quiet() else await _claim(context, claimer, running, leased_task.concurrency)
            failures = 0
            if leases or len(running) >= leased_task.concurrency:
                vigil.expect_more()
        except DATABASE_ERRORS as error:
            failures += 1
            log.warning("task_without_database", task=leased_task.kind, error=str(error)[:300])
            leases, pause = [], backoff(failures, base=IDLE_SECONDS, cap=10, jitter=jitter)
            vigil.expect_more()
        for lease in leases:
            task = asyncio.create_task(_run_once(context, leased_task, LeasedJob(context, lease), jitter))
            running[task] = lease.workspace_id
            task.add_done_callback(running.pop)
            task.add_done_callback(lambda _: vigil.expect_more())
        await (_wait_for_room(running, stop, pause) if leases else sleep_or_stop(stop, pause))
    await _end(set(running))


async def _wait_for_room(running: Mapping[asyncio.Task[None], UUID], stop: asyncio.Event, seconds: float) -> None:
    """Wait until a task ends: more work may be due. At most so many seconds, and a moment for others to end too."""
    await asyncio.wait(running, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    await sleep_or_stop(stop, ROOM_SECONDS)


async def _claim(
    context: WorkerContext, claimer: Claimer, running: Mapping[asyncio.Task[None], UUID], concurrency: int
) -> list[Lease]:
    free = concurrency - len(running)
    if free <= 0:
        return []
    return await claimer.claim(
        context.engine,
        owner=context.owner,
        seconds=context.settings.lease_seconds,
        limit=free,
        held=Counter(running.values()),
    )


async def _end(running: set[asyncio.Task[None]]) -> None:
    if running:
        _, late = await asyncio.wait(running, timeout=GRACE_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


async def _run_once(
    context: WorkerContext, leased_task: LeasedTask, leased_job: LeasedJob, jitter: random.Random
) -> None:
    """Run one task. Its errors affect no other task."""
    fields = {"task": leased_task.kind, "id": str(leased_job.id), "workspace": str(leased_job.workspace_id)}
    try:
        try:
            due_in = await _run_with_heartbeat(leased_task.do(context, leased_job), leased_job)
        except LeaseLost:
            log.warning("lease_lost", **fields)
        except asyncio.CancelledError:
            await leased_job.release(due_in=0, error="the worker stopped")
            raise
        except Problem as problem:
            wait = backoff(leased_job.lease.attempts, base=leased_task.base, cap=leased_task.cap, jitter=jitter)
            log.info("task_retries", **fields, because=problem.detail)
            await leased_job.release(due_in=max(wait, problem.retry_after or 0), error=problem.detail)
        except Exception:
            wait = backoff(leased_job.lease.attempts, base=leased_task.base, cap=leased_task.cap, jitter=jitter)
            log.exception("task_failed", **fields)
            await leased_job.release(due_in=wait, error="Unexpected error; see the worker's log.")
        else:
            await leased_job.release(due_in=due_in)
    except DATABASE_ERRORS as error:
        # The lease was not released; it expires by itself.
        log.warning("lease_not_released", **fields, error=str(error)[:300])


async def _run_with_heartbeat(work: Awaitable[float | None], leased_job: LeasedJob) -> float | None:
    """Run the work while extending its lease, and return its result. Raises LeaseLost, and stops the work."""
    work_task = asyncio.ensure_future(work)
    heartbeat = asyncio.ensure_future(leased_job.heartbeat())
    try:
        await asyncio.wait([work_task, heartbeat], return_when=asyncio.FIRST_COMPLETED)
        if not work_task.done():
            await heartbeat  # it only ends by raising
        return await work_task
    finally:
        for task in (work_task, heartbeat):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
