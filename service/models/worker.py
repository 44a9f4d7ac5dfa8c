"""The registrar: each tune that succeeds becomes the next version of the model it names, once."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from service.database.engine import new_id
from service.datasets.domain import DATASET
from service.errors import Conflict
from service.ledger.readers.subscriptions import Reader, SeenEvent, follow
from service.ledger.store import Attachments, Caller, Ledger
from service.models import domain as models
from service.models import queries
from service.models.commands import build_origin_from_tune, register
from service.models.domain import MODEL
from service.tunes.events import TUNE, TuneRequested, TuneSucceeded
from service.worker.context import WorkerContext

NAME = "models"
ACTOR = "tuneledger"


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Register what succeeds until `stop` is set. Any number of processes share it."""
    await follow(context.engine, build_registrar(context.ledger), stop=stop)


def build_registrar(ledger: Ledger) -> Reader:
    async def react(workspace_id: UUID, events: Sequence[SeenEvent]) -> None:
        for event in events:
            await _register_tune(ledger, workspace_id, event)

    return Reader(name=NAME, react=react, kinds=(TuneSucceeded,))


async def _register_tune(ledger: Ledger, workspace_id: UUID, event: SeenEvent) -> None:
    tune = await ledger.get(TUNE, workspace_id, event.stream_id)
    asked = tune.state.asked
    # Looked for by tune, not by name: seen again, it may find that its model has another name by now.
    if asked.model is None or await queries.is_registered(ledger.engine, workspace_id, tune.id):
        return
    caller = Caller(workspace_id=workspace_id, actor=ACTOR, request_id=asked.request_id or event.request_id)
    model_id = await _find_or_create_model(ledger, caller, asked, asked.model)
    place = Attachments(checkpoint=(NAME, event.seq))
    await register(ledger, caller, model_id, build_origin_from_tune(tune), bump=asked.bump, attachments=place)


async def _find_or_create_model(ledger: Ledger, caller: Caller, asked: TuneRequested, name: str) -> UUID:
    """The model of that name, which is begun when there is none yet."""
    found = await queries.find_model_by_name(ledger.engine, caller.workspace_id, name)
    if found is not None:
        return found
    dataset = await ledger.get(DATASET, caller.workspace_id, asked.dataset_id)
    try:
        begun = await ledger.change(
            MODEL, new_id(), lambda _: models.create(name=name, task_id=dataset.state.task_id), caller=caller
        )
    except Conflict:
        # Somebody began it meanwhile.
        if (found := await queries.find_model_by_name(ledger.engine, caller.workspace_id, name)) is None:
            raise
        return found
    return begun.id
