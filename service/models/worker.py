"""The registrar: register each tune that succeeds as the next version of the model it names, once."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from service.access.actors import SERVER
from service.database.engine import new_id
from service.datasets.domain import DATASET
from service.errors import Conflict
from service.ledger.readers.subscriptions import LoggedEvent, Subscription, follow
from service.ledger.store import Attachments, Caller, Ledger
from service.models import domain, queries
from service.models.commands import build_origin_from_tune, register_version
from service.models.domain import MODEL
from service.tunes.events import TUNE, TuneRequested, TuneSucceeded
from service.worker.context import WorkerContext

NAME = "models"


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Register tunes that succeed until `stop` is set. Several processes may run it at once."""
    await follow(context.engine, build_registrar(context.ledger), stop=stop)


def build_registrar(ledger: Ledger) -> Subscription:
    async def react(workspace_id: UUID, events: Sequence[LoggedEvent]) -> None:
        for event in events:
            await _register_tune(ledger, workspace_id, event)

    return Subscription(name=NAME, react=react, kinds=(TuneSucceeded,))


async def _register_tune(ledger: Ledger, workspace_id: UUID, event: LoggedEvent) -> None:
    tune = await ledger.get(TUNE, workspace_id, event.stream_id)
    request = tune.state.asked
    # Search by tune, not by model name: the model may have been renamed since.
    if request.model is None or await queries.is_registered(ledger.engine, workspace_id, tune.id):
        return
    caller = Caller(workspace_id=workspace_id, actor=SERVER, request_id=request.request_id or event.request_id)
    model_id = await _find_or_create_model(ledger, caller, request, request.model)
    attachments = Attachments(checkpoint=(NAME, event.seq))
    await register_version(
        ledger, caller, model_id, build_origin_from_tune(tune), bump=request.bump, attachments=attachments
    )


async def _find_or_create_model(ledger: Ledger, caller: Caller, request: TuneRequested, name: str) -> UUID:
    """Return the id of the model with this name, creating it if there is none."""
    model_id = await queries.find_model_by_name(ledger.engine, caller.workspace_id, name)
    if model_id is not None:
        return model_id
    dataset = await ledger.get(DATASET, caller.workspace_id, request.dataset_id)
    try:
        created = await ledger.change(
            MODEL, new_id(), lambda _: domain.create(name=name, task_id=dataset.state.task_id), caller=caller
        )
    except Conflict:
        # Somebody created it in the meantime.
        if (model_id := await queries.find_model_by_name(ledger.engine, caller.workspace_id, name)) is None:
            raise
        return model_id
    return created.id
