"""The worker: all background loops in one process. Any number of worker processes share the work."""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable, Mapping

import structlog

from service.artifacts import worker as artifacts_worker
from service.audit import worker as sealing
from service.composition import open_ledger
from service.database.engine import WORKER_ROLE, create_engine, new_id
from service.database.rows import execute
from service.datasets.bulk import worker as bulk_worker
from service.datasets.checks import worker as checks_worker
from service.datasets.exports.jobs import worker as exports_worker
from service.datasets.imports import worker as imports_worker
from service.datasets.merges import worker as merges_worker
from service.deployments import worker as deployments_worker
from service.erasure import worker as erasing
from service.evaluations import worker as evaluations
from service.evaluations.domain import KIND as EVALUATION
from service.evaluations.gate_measurements import load_gate_facts
from service.evaluations.results.preference_pairs import load_judgement_pairs
from service.generation.documents import worker as pairs_work
from service.generation.runs import worker as rows_work
from service.generation.topics import worker as topics_work
from service.http.idempotency import DELETE_OLD
from service.inference import worker as runs_worker
from service.inference.worker import RunWork
from service.ledger.retry import backoff, sleep_or_stop
from service.models import worker as registrar
from service.models.exports import worker as model_exports
from service.models.provider_models import worker as provider_models
from service.monitoring.retention import worker as expiring
from service.prompts.runs import worker as prompt_runs
from service.providers.provider_pool import PROVIDERS
from service.settings import Settings
from service.trackers import worker as trackers_worker
from service.tunes.diagnosis import worker as diagnosis_worker
from service.tunes.progress import poller
from service.tunes.submission import dispatcher as dispatch
from service.tunes.submission import file_cleanup
from service.tunes.weights import worker as weights_worker
from service.vault.vault import open_vault
from service.webhooks.deliveries import worker as delivering
from service.worker.context import WorkerContext

Loop = Callable[[WorkerContext, asyncio.Event], Awaitable[None]]
PRUNE_SECONDS = 3_600.0
GRACE_SECONDS = 8.0  # for a loop to finish, before it is cancelled
STEADY_SECONDS = 60.0  # a loop that failed after running this long restarts at once

log = structlog.get_logger(__name__)


async def delete_old_responses(context: WorkerContext, stop: asyncio.Event) -> None:
    """Delete stored responses of Idempotency-Keys that have expired."""
    while not stop.is_set():
        await execute(context.engine, DELETE_OLD)
        await sleep_or_stop(stop, PRUNE_SECONDS)


# The work of each kind of run; service/composition.py lists the kinds.
RUN_KINDS: Mapping[str, RunWork] = {
    prompt_runs.KIND: prompt_runs.predict,
    topics_work.KIND: topics_work.name_topics,
    rows_work.KIND: rows_work.generate,
    pairs_work.KIND: pairs_work.make_pairs,
    EVALUATION: evaluations.evaluate,
}


async def run_runs(context: WorkerContext, stop: asyncio.Event) -> None:
    await runs_worker.run(RUN_KINDS, context, stop)


async def export_models(context: WorkerContext, stop: asyncio.Event) -> None:
    await model_exports.run(load_gate_facts, context, stop)


async def export_datasets(context: WorkerContext, stop: asyncio.Event) -> None:
    await exports_worker.run(load_judgement_pairs, context, stop)


LOOPS: Mapping[str, Loop] = {
    "answers": delete_old_responses,
    "artifacts": artifacts_worker.run,
    "imports": imports_worker.run,
    "checks": checks_worker.run,
    "bulk": bulk_worker.run,
    "merges": merges_worker.run,
    "dataset_exports": export_datasets,
    "dispatch": dispatch.run,
    "polling": poller.run,
    "diagnosis": diagnosis_worker.run,
    "tune_files": file_cleanup.run,
    "weights": weights_worker.run,
    "deployments": deployments_worker.run,
    "models": registrar.run,
    "exports": export_models,
    "provider_models": provider_models.run,
    "tracked_runs": trackers_worker.request_runs,
    "trackers": trackers_worker.run,
    "requests": expiring.run,
    "runs": run_runs,
    "webhooks": delivering.run,
    "deliveries": delivering.delete_old,
    "sealing": sealing.run,
    "erasures": erasing.run,
}


async def run_worker(settings: Settings, url: str, *, loops: Mapping[str, Loop] = LOOPS) -> None:
    """Run all loops on the database at `url` until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    event_loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        event_loop.add_signal_handler(number, stop.set)
    engine = create_engine(url, role=WORKER_ROLE, pool_size=settings.pool_size, application_name="tuneledger worker")
    context = WorkerContext(
        engine=engine, ledger=open_ledger(engine), settings=settings, vault=open_vault(settings), owner=new_id()
    )
    try:
        log.info("worker_started", owner=str(context.owner), loops=sorted(loops))
        await run_loops(context, stop, loops=loops)
        log.info("worker_stopped", owner=str(context.owner))
    finally:
        await PROVIDERS.close()
        await engine.dispose()


async def run_loops(context: WorkerContext, stop: asyncio.Event, *, loops: Mapping[str, Loop]) -> None:
    """Run loops until `stop` is set; then each has GRACE_SECONDS to end."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_restart_on_failure(name, loop, context, stop)) for name, loop in loops.items()]
        await stop.wait()
        _, late = await asyncio.wait(tasks, timeout=GRACE_SECONDS)
        for task in late:
            log.warning("loop_cancelled", loop=task.get_name())
            task.cancel()


async def _restart_on_failure(name: str, loop: Loop, context: WorkerContext, stop: asyncio.Event) -> None:
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
