"""Leased tasks: workers claim due work, extend the lease while it runs, and release it."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from uuid import UUID

import msgspec
import sqlalchemy as sa
import structlog

from service.database.engine import DATABASE_ERRORS
from service.errors import Problem
from service.ledger.leases import Lease, claim, extend, release
from service.ledger.retry import backoff, sleep_or_stop
from service.worker.context import WorkerContext

IDLE_SECONDS = 0.3
GRACE_SECONDS = 5.0

log = structlog.get_logger(__name__)


class LeaseLost(Exception):  # noqa: N818 - it reads as what it is
    """Another worker now holds this lease"""


class LeasedJob:
    """A piece of work whose lease this worker holds; `heartbeat` extends the lease."""

    def __init__(self, context: WorkerContext, lease: Lease) -> None:
        self.context = context
        self.lease = lease
        self.seconds = context.settings.lease_seconds
        self._turn = asyncio.Lock()

    @property
    def workspace_id(self) -> UUID:
        return self.lease.workspace_id

    @property
    def id(self) -> UUID:
        return self.lease.id

    async def confirm(self) -> None:
        """Extend the lease to its full length from now. Raises LeaseLost."""
        async with self._turn:  # each extension ends at another moment, by which the next one knows the lease
            lease = await extend(self.context.engine, self.lease, seconds=self.seconds)
            if lease is None:
                raise LeaseLost
            self.lease = lease

    async def give_back(self, *, due_in: float | None, error: str | None = None) -> None:
        async with self._turn:
            await release(self.context.engine, self.lease, due_in=due_in, error=error)

    async def heartbeat(self) -> None:
        """Extend the lease as long as the work lasts."""
        while True:
            await asyncio.sleep(self.seconds / 3)
            await self.confirm()


class LeasedTask(msgspec.Struct, frozen=True, kw_only=True):
    """`do` says in how many seconds to come back, None for never; what it raises is tried again after a pause.

    The pause doubles from `base` to `cap` seconds, by chance up to half less, and is never shorter than the provider's
    Retry-After. `at_once`: how many this process works on at a time.
    """

    kind: str
    candidates: Callable[[], sa.Select[tuple[UUID, UUID]]]
    do: Callable[[WorkerContext, LeasedJob], Awaitable[float | None]]
    base: float
    cap: float
    at_once: int


async def run_task(context: WorkerContext, duty: LeasedTask, stop: asyncio.Event) -> None:
    """Run due tasks until `stop` is set; give running ones GRACE_SECONDS to end."""
    running: set[asyncio.Task[None]] = set()
    chance = random.Random()  # noqa: S311 - spreads retries, keeps no secret
    failures = 0
    while not stop.is_set():
        pause = IDLE_SECONDS
        try:
            leases = await _claim(context, duty, free=duty.at_once - len(running))
            failures = 0
        except DATABASE_ERRORS as error:
            failures += 1
            log.warning("duty_without_database", duty=duty.kind, error=str(error)[:300])
            leases, pause = [], backoff(failures, base=IDLE_SECONDS, cap=10, jitter=chance)
        for lease in leases:
            task = asyncio.create_task(_run_once(context, duty, LeasedJob(context, lease), chance))
            running.add(task)
            task.add_done_callback(running.discard)
        await sleep_or_stop(stop, pause)
    await _end(running)


async def _claim(context: WorkerContext, duty: LeasedTask, *, free: int) -> list[Lease]:
    if free <= 0:
        return []
    seconds = context.settings.lease_seconds
    return await claim(context.engine, duty.kind, duty.candidates(), owner=context.owner, seconds=seconds, limit=free)


async def _end(running: set[asyncio.Task[None]]) -> None:
    if running:
        _, late = await asyncio.wait(running, timeout=GRACE_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


async def _run_once(context: WorkerContext, duty: LeasedTask, held: LeasedJob, chance: random.Random) -> None:
    """Run one task. Its errors affect no other task."""
    about = {"duty": duty.kind, "id": str(held.id), "workspace": str(held.workspace_id)}
    try:
        try:
            due_in = await _run_with_heartbeat(duty.do(context, held), held)
        except LeaseLost:
            log.warning("lease_lost", **about)
        except asyncio.CancelledError:
            await held.give_back(due_in=0, error="the worker stopped")
            raise
        except Problem as problem:
            wait = backoff(held.lease.attempts, base=duty.base, cap=duty.cap, jitter=chance)
            log.info("duty_waits", **about, because=problem.detail)
            await held.give_back(due_in=max(wait, problem.retry_after or 0), error=problem.detail)
        except Exception:
            wait = backoff(held.lease.attempts, base=duty.base, cap=duty.cap, jitter=chance)
            log.exception("duty_failed", **about)
            await held.give_back(due_in=wait, error="An unexpected error; the worker's log tells it.")
        else:
            await held.give_back(due_in=due_in)
    except DATABASE_ERRORS as error:
        # It was not given back: the lease runs out by itself.
        log.warning("lease_kept_by_trouble", **about, error=str(error)[:300])


async def _run_with_heartbeat(work: Awaitable[float | None], held: LeasedJob) -> float | None:
    """Run the work while its lease is extended; the result. Stops it and raises LeaseLost when the lease is lost."""
    work_task = asyncio.ensure_future(work)
    heartbeat = asyncio.ensure_future(held.heartbeat())
    try:
        await asyncio.wait([work_task, heartbeat], return_when=asyncio.FIRST_COMPLETED)
        if not work_task.done():
            await heartbeat  # it ends by raising alone
        return await work_task
    finally:
        for task in (work_task, heartbeat):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
