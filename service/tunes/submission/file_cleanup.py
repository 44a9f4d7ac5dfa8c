"""Delete files at providers that no tune needs any more."""

import asyncio
from functools import partial

from service.connections.accounts import JOB_SECONDS, open_accounts
from service.errors import Conflict, NotFound, ProviderRefused
from service.settings import get_machine_label
from service.text import replace_unstorable
from service.tunes import decisions, queries
from service.tunes.events import TUNE
from service.tunes.submission.submission import build_caller
from service.worker.context import WorkerContext
from service.worker.leased_tasks import LeasedJob, LeasedTask, run_task

KIND = "tune_files"
BASE_SECONDS, MAX_SECONDS = 60, 3600


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Delete the files of ended tunes until `stop` is set."""
    settings = context.settings
    candidates = partial(queries.select_unneeded_files, settings.tune_file_hours, get_machine_label(settings))
    task = LeasedTask(
        kind=KIND, candidates=candidates, do=delete_files, base=BASE_SECONDS, cap=MAX_SECONDS, concurrency=4
    )
    await run_task(context, task, stop)


async def delete_files(context: WorkerContext, leased_job: LeasedJob) -> float | None:
    """Delete the files of one tune. A refusal is recorded, and not tried again."""
    tune = (await context.ledger.get(TUNE, leased_job.workspace_id, leased_job.id)).state
    sending = tune.sending
    if sending is None:
        return None
    files = [file.file_id for file in (sending.training_file, sending.validation_file) if file is not None]
    refusal = None
    try:
        async with open_accounts(context).open(
            leased_job.workspace_id, tune.asked.connection_id, patience=JOB_SECONDS
        ) as provider:
            for file_id in files:
                await provider.delete_file(file_id)
    except (ProviderRefused, NotFound, Conflict) as refused:
        refusal = replace_unstorable(refused.detail)
    await context.ledger.change(
        TUNE,
        leased_job.id,
        lambda tune: decisions.record_deletion(tune, file_ids=tuple(files), refusal=refusal),
        caller=build_caller(leased_job.workspace_id, tune),
    )
    return None
