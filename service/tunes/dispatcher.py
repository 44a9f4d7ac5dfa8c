"""Dispatch: each tune is sent to its provider exactly once, whenever the process that sends it dies.

The intent is recorded before the job is created, with a token that the job carries. Whoever goes on after a crash looks
for a job with that token first.
"""

import asyncio
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from service.connections.accounts import open_provider
from service.errors import Conflict, NotFound, ProviderRefused
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Ledger
from service.providers import catalog
from service.providers.provider import Refused, RemoteJob, TuneOrder, TuningProvider
from service.text import legible
from service.tunes import decisions, queries
from service.tunes.events import TUNE, Failure, Tune, TuneSubmitting
from service.tunes.training_file import Uploads
from service.worker.context import WorkerContext
from service.worker.leased_tasks import LeasedJob, LeasedTask, run_task

ACTOR = "tuneledger"
MOST_ATTEMPTS = 12
AT_ONCE = 8


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Send what was asked for, and pass on what is to be cancelled, until `stop` is set."""
    do = partial(dispatch, Uploads(context.engine))
    duty = LeasedTask(kind=queries.DISPATCH, candidates=queries.to_dispatch, do=do, base=2, cap=600, at_once=AT_ONCE)
    await run_task(context, duty, stop)


async def dispatch(uploads: Uploads, context: WorkerContext, held: LeasedJob) -> float | None:
    """One tune's next step. Raises ProviderUnavailable and the like when it is to be tried again."""
    stored = await context.ledger.get(TUNE, held.workspace_id, held.id)
    step = decisions.next_step(stored.state)
    if step == "send" and held.lease.attempts > MOST_ATTEMPTS:
        await _fail(context.ledger, held, stored.state, _exhausted(stored.state, held.lease.last_error))
        return None
    if step == "nothing":
        return None
    try:
        order = stored.state.asked
        async with open_provider(context.ledger, context.vault, held.workspace_id, order.connection_id) as provider:
            if step == "send":
                await _send(uploads, context.ledger, held, provider, stored.state)
            else:
                await _stop(context.ledger, held, provider, stored.state)
    except (ProviderRefused, NotFound, Conflict) as refused:
        await _fail(context.ledger, held, stored.state, _failure(stored.state, refused))
    return None


async def _send(uploads: Uploads, ledger: Ledger, held: LeasedJob, provider: TuningProvider, tune: Tune) -> None:
    if tune.sending is None:
        tune = await _begin(uploads, ledger, held, provider, tune)
    if tune.finished or tune.sending is None:
        return  # cancelled while the file was on its way
    job = await provider.find(tune.sending.token)
    if job is None and tune.cancel:
        now = datetime.now(UTC)
        await ledger.change(
            TUNE, held.id, lambda tune: decisions.never_sent(tune, at=now), caller=caller(held.workspace_id, tune)
        )
        return
    if job is None:
        await held.confirm()
        job = await provider.submit(_order(tune, tune.sending))
    await _submitted(ledger, held, tune, legible(job))


async def _begin(uploads: Uploads, ledger: Ledger, held: LeasedJob, provider: TuningProvider, tune: Tune) -> Tune:
    """Upload the files and record that the job is about to be created."""
    async with uploads.turn(tune.asked):
        training, validation = await uploads.files(held.workspace_id, tune.asked, provider)
        begun: StreamState[Tune] = await ledger.change(
            TUNE,
            held.id,
            lambda tune: decisions.begin(tune, token=str(held.id), training_file=training, validation_file=validation),
            caller=caller(held.workspace_id, tune),
        )
    return begun.state


async def _submitted(ledger: Ledger, held: LeasedJob, tune: Tune, job: RemoteJob) -> None:
    now = datetime.now(UTC)
    await ledger.change(
        TUNE, held.id, lambda tune: decisions.submitted(tune, job, at=now), caller=caller(held.workspace_id, tune)
    )


async def _stop(ledger: Ledger, held: LeasedJob, provider: TuningProvider, tune: Tune) -> None:
    """Ask for the end of the job. That the provider will not is no failure of the tune: its job goes on."""
    refusal = None
    try:
        await provider.cancel(tune.job_id or "")
    except ProviderRefused as refused:
        refusal = legible(refused.detail)
    await ledger.change(
        TUNE, held.id, lambda tune: decisions.cancel_sent(tune, refusal=refusal), caller=caller(held.workspace_id, tune)
    )


async def _fail(ledger: Ledger, held: LeasedJob, tune: Tune, failure: Failure) -> None:
    now = datetime.now(UTC)
    await ledger.change(
        TUNE, held.id, lambda tune: decisions.fail(tune, failure, at=now), caller=caller(held.workspace_id, tune)
    )


def caller(workspace_id: UUID, tune: Tune) -> Caller:
    """What a worker records, it records for the request that asked for the tune."""
    return Caller(workspace_id=workspace_id, actor=ACTOR, request_id=tune.asked.request_id)


def _order(tune: Tune, sending: TuneSubmitting) -> TuneOrder:
    asked = {name: getattr(tune.asked, name) for name in ("base_model", "suffix", "seed", "method", "hyperparameters")}
    validation = sending.validation_file.file_id if sending.validation_file else None
    return TuneOrder(
        **asked, training_file=sending.training_file.file_id, validation_file=validation, token=sending.token
    )


def _failure(tune: Tune, refused: ProviderRefused | NotFound | Conflict) -> Failure:
    code = (refused.provider_code if isinstance(refused, Refused) else None) or refused.code
    today, method = datetime.now(UTC).date(), tune.asked.method
    others = [
        model.kind
        for model in catalog.base_models()
        if method in model.methods and (model.no_new_tunes_from is None or model.no_new_tunes_from > today)
    ]
    hint = decisions.hint(tune.asked.connection_kind, method, code=code, others=others)
    return legible(Failure(code=code, message=refused.detail, hint=hint))


def _exhausted(tune: Tune, last_error: str | None) -> Failure:
    said = (
        f"Given up after {MOST_ATTEMPTS} attempts. The last one ended with: {last_error or 'the death of its worker'}"
    )
    # Whether a job came of an attempt without an answer, the provider alone knows.
    hint = (
        f"A job may exist at the provider all the same; it would carry {tune.sending.token}." if tune.sending else None
    )
    return Failure(code="dispatch_given_up", message=said, hint=hint)
