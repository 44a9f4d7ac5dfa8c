"""Delete models at their providers, when that was ordered."""

import asyncio
from functools import partial

from service.access.actors import SERVER
from service.connections.accounts import open_accounts
from service.ledger.store import Caller
from service.models.domain import MODEL
from service.models.provider_models import commands, queries
from service.settings import get_machine_label
from service.worker.context import WorkerContext
from service.worker.leased_tasks import LeasedJob, LeasedTask, run_task

KIND = "provider_models"


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Delete models until `stop` is set."""
    candidates = partial(queries.select_to_delete, get_machine_label(context.settings))
    task = LeasedTask(kind=KIND, candidates=candidates, do=delete_models, base=2, cap=600, concurrency=4)
    await run_task(context, task, stop)


async def delete_models(context: WorkerContext, leased_job: LeasedJob) -> float | None:
    """Delete one model's versions that are to go. Raises ProviderUnavailable: tried again later."""
    caller = Caller(workspace_id=leased_job.workspace_id, actor=SERVER, request_id="")
    model = (await context.ledger.get(MODEL, leased_job.workspace_id, leased_job.id)).state
    for name, deletion in model.deletions.items():
        if deletion.state == "requested":
            await commands.delete_at_provider(open_accounts(context), caller, leased_job.id, model.versions[name])
    return None
