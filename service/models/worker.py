"""The registrar: register each tune that succeeds as the next version of the model it names, once."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from service.access.actors import SERVER
from service.datasets.domain import DATASET
from service.ledger.readers.subscriptions import LoggedEvent, Subscription, follow
from service.ledger.store import Attachments, Caller, Ledger
from service.models import queries
from service.models.commands import build_origin_from_tune, find_or_create_model, register_version
from service.tunes.events import TUNE, TuneSucceeded
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
    dataset = await ledger.get(DATASET, workspace_id, request.dataset_id)
    model_id = await find_or_create_model(ledger, caller, request.model, task_id=dataset.state.task_id)
    attachments = Attachments(checkpoint=(NAME, event.seq))
    await register_version(
        ledger, caller, model_id, build_origin_from_tune(tune), bump=request.bump, attachments=attachments
    )
