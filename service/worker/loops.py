"""The worker: every loop that works in the background, in one process. Any number of such processes share the work."""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable, Mapping

import structlog

from service.audit import worker as sealing
from service.composition import open_ledger
from service.database.engine import create_engine, new_id
from service.database.rows import execute
from service.datasets.imports import worker as imports_worker
from service.evaluations import worker as evaluations
from service.evaluations.domain import KIND as EVALUATION
from service.generation.documents import worker as pairs_work
from service.generation.runs import worker as rows_work
from service.generation.topics import worker as topics_work
from service.http.idempotency import PRUNE
from service.inference import worker as runs_worker
from service.inference.worker import RunWork
from service.ledger.retry import backoff, sleep_or_stop
from service.models import worker as registrar
from service.monitoring.retention import worker as expiring
from service.prompts.runs import worker as prompt_runs
from service.settings import Settings
from service.tunes import dispatcher as dispatch
from service.tunes import poller
from service.vault.vault import vault_of
from service.webhooks.deliveries import worker as delivering
from service.worker.context import WorkerContext

Loop = Callable[[WorkerContext, asyncio.Event], Awaitable[None]]
PRUNE_SECONDS = 3_600.0
GRACE_SECONDS = 8.0  # for a loop to finish what it holds, after which it is cancelled
STEADY_SECONDS = 60.0  # a loop that ran this long before it failed starts again at once

log = structlog.get_logger(__name__)


async def prune_answers(context: WorkerContext, stop: asyncio.Event) -> None:
    """Forget the answers to Idempotency-Keys that are older than we promise to keep them."""
    while not stop.is_set():
        await execute(context.engine, PRUNE)
        await sleep_or_stop(stop, PRUNE_SECONDS)


# What each kind of run does; the kinds are named in service/composition.py.
WORKS: Mapping[str, RunWork] = {
    prompt_runs.KIND: prompt_runs.predict,
    topics_work.KIND: topics_work.name_topics,
    rows_work.KIND: rows_work.generate,
    pairs_work.KIND: pairs_work.make_pairs,
    EVALUATION: evaluations.evaluate,
}


async def work_on_runs(context: WorkerContext, stop: asyncio.Event) -> None:
    await runs_worker.run(WORKS, context, stop)


LOOPS: Mapping[str, Loop] = {
    "answers": prune_answers,
    "imports": imports_worker.run,
    "dispatch": dispatch.run,
    "polling": poller.run,
    "models": registrar.run,
    "requests": expiring.run,
    "runs": work_on_runs,
    "webhooks": delivering.run,
    "deliveries": delivering.delete_old,
    "sealing": sealing.run,
}


async def work(settings: Settings, url: str, *, loops: Mapping[str, Loop] = LOOPS) -> None:
    """Run all loops on the database at `url` until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    running = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        running.add_signal_handler(number, stop.set)
    engine = create_engine(url, pool_size=settings.pool_size, application_name="tuneledger worker")
    context = WorkerContext(
        engine=engine, ledger=open_ledger(engine), settings=settings, vault=vault_of(settings), owner=new_id()
    )
    try:
        log.info("worker_started", owner=str(context.owner), loops=sorted(loops))
        await keep_all(context, stop, loops=loops)
        log.info("worker_stopped", owner=str(context.owner))
    finally:
        await engine.dispose()


async def keep_all(context: WorkerContext, stop: asyncio.Event, *, loops: Mapping[str, Loop]) -> None:
    """Until `stop` is set; then each loop has GRACE_SECONDS to come to its end."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_keep(name, loop, context, stop)) for name, loop in loops.items()]
        await stop.wait()
        _, late = await asyncio.wait(tasks, timeout=GRACE_SECONDS)
        for task in late:
            log.warning("loop_cancelled", loop=task.get_name())
            task.cancel()


async def _keep(name: str, loop: Loop, context: WorkerContext, stop: asyncio.Event) -> None:
    failures, clock = 0, asyncio.get_running_loop()
    while not stop.is_set():
        started = clock.time()
        try:
            await loop(context, stop)
        except Exception:
            failures = 0 if clock.time() - started > STEADY_SECONDS else failures + 1
            log.exception("loop_failed", loop=name, failures=failures)
        else:
            return
        await sleep_or_stop(stop, backoff(failures, base=1, cap=30, jitter=random.Random()))  # noqa: S311 - no secret
