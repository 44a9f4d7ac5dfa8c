"""Send each tune to its provider exactly once, even if workers are killed.

The intent is recorded before the job is created, with a token that the job carries. After a crash, the next worker
first looks for a job with that token.
"""

import asyncio
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from service.access.actors import SERVER
from service.connections.accounts import JOB_SECONDS, open_accounts
from service.errors import Conflict, NotFound, ProviderRefused
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Ledger
from service.providers import catalog
from service.providers.abilities import Provider
from service.providers.provider import JobSpec, Refused, RemoteJob
from service.text import replace_unstorable
from service.tunes import decisions, queries
from service.tunes.events import TUNE, Failure, TuneState, TuneSubmitting
from service.tunes.training_file import Uploads
from service.worker.context import WorkerContext
from service.worker.leased_tasks import LeasedJob, LeasedTask, run_task

MAX_ATTEMPTS = 12
CONCURRENCY = 8


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Send new tunes and cancel jobs until `stop` is set."""
    do = partial(dispatch, Uploads(context.engine))
    task = LeasedTask(
        kind=queries.DISPATCH, candidates=queries.select_to_dispatch, do=do, base=2, cap=600, concurrency=CONCURRENCY
    )
    await run_task(context, task, stop)


async def dispatch(uploads: Uploads, context: WorkerContext, leased_job: LeasedJob) -> float | None:
    """Take one tune's next step. Raises, such as ProviderUnavailable, when it must be retried."""
    stored = await context.ledger.get(TUNE, leased_job.workspace_id, leased_job.id)
    step = decisions.next_step(stored.state)
    if step == "send" and leased_job.lease.attempts > MAX_ATTEMPTS:
        await _fail(
            context.ledger, leased_job, stored.state, _build_exhaustion(stored.state, leased_job.lease.last_error)
        )
        return None
    if step == "nothing":
        return None
    try:
        order = stored.state.asked
        accounts = open_accounts(context)
        async with accounts.open(leased_job.workspace_id, order.connection_id, patience=JOB_SECONDS) as provider:
            if step == "send":
                await _send(uploads, context.ledger, leased_job, provider, stored.state)
            else:
                await _cancel(context.ledger, leased_job, provider, stored.state)
    except (ProviderRefused, NotFound, Conflict) as refused:
        await _fail(context.ledger, leased_job, stored.state, _build_failure(stored.state, refused))
    return None


async def _send(uploads: Uploads, ledger: Ledger, leased_job: LeasedJob, provider: Provider, tune: TuneState) -> None:
    if tune.sending is None:
        tune = await _upload_and_begin(uploads, ledger, leased_job, provider, tune)
    if tune.finished or tune.sending is None:
        return  # cancelled during the upload
    job = next(iter((await provider.find(tune.sending.token)).jobs), None)
    if job is None and tune.cancel:
        now = datetime.now(UTC)
        await ledger.change(
            TUNE,
            leased_job.id,
            lambda tune: decisions.cancel_unsent(tune, at=now),
            caller=build_caller(leased_job.workspace_id, tune),
        )
        return
    if job is None:
        await leased_job.confirm()
        job = await provider.submit(_build_job_spec(tune, tune.sending))
    await _record_submission(ledger, leased_job, tune, replace_unstorable(job))


async def _upload_and_begin(
    uploads: Uploads, ledger: Ledger, leased_job: LeasedJob, provider: Provider, tune: TuneState
) -> TuneState:
    """Upload the files and record that the job is about to be created."""
    async with uploads.lock(tune.asked):
        training, validation = await uploads.upload_files(leased_job.workspace_id, tune.asked, provider)
        begun: StreamState[TuneState] = await ledger.change(
            TUNE,
            leased_job.id,
            lambda tune: decisions.begin(
                tune, token=str(leased_job.id), training_file=training, validation_file=validation
            ),
            caller=build_caller(leased_job.workspace_id, tune),
        )
    return begun.state


async def _record_submission(ledger: Ledger, leased_job: LeasedJob, tune: TuneState, job: RemoteJob) -> None:
    now = datetime.now(UTC)
    await ledger.change(
        TUNE,
        leased_job.id,
        lambda tune: decisions.record_submission(tune, job, at=now),
        caller=build_caller(leased_job.workspace_id, tune),
    )


async def _cancel(ledger: Ledger, leased_job: LeasedJob, provider: Provider, tune: TuneState) -> None:
    """Ask the provider to cancel the job. If it refuses, the tune does not fail; its job goes on."""
    refusal = None
    try:
        await provider.cancel(tune.job_id or "")
    except ProviderRefused as error:
        refusal = replace_unstorable(error.detail)
    await ledger.change(
        TUNE,
        leased_job.id,
        lambda tune: decisions.record_cancel_answer(tune, refusal=refusal),
        caller=build_caller(leased_job.workspace_id, tune),
    )


async def _fail(ledger: Ledger, leased_job: LeasedJob, tune: TuneState, failure: Failure) -> None:
    now = datetime.now(UTC)
    await ledger.change(
        TUNE,
        leased_job.id,
        lambda tune: decisions.fail(tune, failure, at=now),
        caller=build_caller(leased_job.workspace_id, tune),
    )


def build_caller(workspace_id: UUID, tune: TuneState) -> Caller:
    """Workers record under the id of the request that created the tune."""
    return Caller(workspace_id=workspace_id, actor=SERVER, request_id=tune.asked.request_id)


def _build_job_spec(tune: TuneState, sending: TuneSubmitting) -> JobSpec:
    asked = {name: getattr(tune.asked, name) for name in ("base_model", "suffix", "seed", "method", "hyperparameters")}
    validation = sending.validation_file.file_id if sending.validation_file else None
    return JobSpec(
        **asked, training_file=sending.training_file.file_id, validation_file=validation, token=sending.token
    )


def _build_failure(tune: TuneState, refused: ProviderRefused | NotFound | Conflict) -> Failure:
    code = (refused.provider_code if isinstance(refused, Refused) else None) or refused.code
    today, method = datetime.now(UTC).date(), tune.asked.method
    others = [
        model.kind
        for model in catalog.list_base_models()
        if model.kind is not None
        and method in model.methods
        and (model.no_new_tunes_from is None or model.no_new_tunes_from > today)
    ]
    hint = decisions.suggest_other_kinds(tune.asked.connection_kind, method, code=code, others=others)
    return replace_unstorable(Failure(code=code, message=refused.detail, hint=hint))


def _build_exhaustion(tune: TuneState, last_error: str | None) -> Failure:
    message = f"Gave up after {MAX_ATTEMPTS} attempts. Last error: {last_error or 'the worker died'}"
    # An attempt without a response may have created a job. Only the provider knows.
    hint = f"A job may exist at the provider; look for the token {tune.sending.token}." if tune.sending else None
    return Failure(code="dispatch_given_up", message=message, hint=hint)
