"""One tune on its way to a job at its provider."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from service.access.actors import SERVER
from service.errors import Problem, ProviderRefused
from service.integrations.domain import DEFAULT_URLS
from service.integrations.integration_accounts import open_integration
from service.ledger.store import Caller
from service.providers.abilities import Pauser, Provider
from service.providers.kinds import TRAITS
from service.providers.provider import FINISHED, JobSpec, RemoteJob, Unreachable
from service.providers.traits import IDEMPOTENT
from service.text import replace_unstorable
from service.tunes import decisions
from service.tunes.events import TUNE, Failure, TuneEvent, TuneState, TuneSubmitting
from service.tunes.pauses.decisions import record_answer
from service.tunes.pauses.domain import PauseRequest, is_pausing
from service.tunes.submission.training_file import Uploads
from service.worker.context import WorkerContext
from service.worker.leased_tasks import LeasedJob

WANDB_PROJECT = "tuneledger"


class Submission:
    """What the steps need. `tune` is the tune as it was recorded last."""

    provider: Provider

    def __init__(self, *, context: WorkerContext, leased_job: LeasedJob, tune: TuneState) -> None:
        self.context = context
        self.leased_job = leased_job
        self.tune = tune
        traits = TRAITS[tune.asked.connection_kind]
        self.is_idempotent = traits.identity in IDEMPOTENT
        settles = context.settings.tune_settle_seconds
        self.settles_after = traits.settles_after if settles is None else settles

    async def send(self, uploads: Uploads) -> float | None:
        """Upload the files, record that the job is about to be created, and create it."""
        tune = self.tune
        if tune.sending is not None:
            await self.record(decisions.begin_again)
        else:
            async with uploads.lock(tune.asked):
                training, validation = await uploads.upload_files(
                    self.leased_job.workspace_id, tune.asked, self.provider
                )
                await self.record(
                    lambda tune: decisions.begin(
                        tune, token=str(self.leased_job.id), training_file=training, validation_file=validation
                    )
                )
        return await self.create() if self.tune.posted and not self.tune.finished else None

    async def create(self) -> float | None:
        """Create the job, and look whether it is the only one. A create without a response is recorded as a doubt."""
        assert self.tune.sending is not None  # recorded before
        await self.leased_job.confirm()
        try:
            job = await self.provider.submit(await self._build_order(self.tune.sending))
        except Unreachable as error:
            await self._record_no_response(error)
            raise
        job, now = replace_unstorable(job), datetime.now(UTC)
        await self.record(lambda tune: decisions.record_submission(tune, job, at=now))
        if self.is_idempotent:
            return 0.0 if self.tune.unconfirmed else None
        with suppress(Problem):  # the job is recorded; after a doubt, there is another look
            await self.follow_one((await self.provider.find(self.tune.sending.token)).jobs)
        return self.settles_after if self.tune.unconfirmed else None

    async def follow_one(self, jobs: Sequence[RemoteJob]) -> None:
        """Follow the oldest of the jobs with the tune's token, and cancel the others."""
        if not jobs:
            return
        jobs = await self._add_followed(jobs)
        chosen, now = replace_unstorable(decisions.choose_job(jobs)), datetime.now(UTC)
        await self.record(lambda tune: decisions.record_submission(tune, chosen, at=now))
        others = [job for job in jobs if job.id != chosen.id and job.id not in self.tune.duplicates]
        if not others:
            return
        refusals = {}
        for other in others:
            if other.state not in FINISHED and (refusal := await self._cancel(other.id)):
                refusals[other.id] = refusal
        names = [other.id for other in others]
        await self.record(
            lambda tune: decisions.record_duplicates(tune, job_id=chosen.id, duplicates=names, refusals=refusals)
        )

    async def _add_followed(self, jobs: Sequence[RemoteJob]) -> Sequence[RemoteJob]:
        """Add the job that is followed already, if lists do not show it yet, so that its twin is not followed too."""
        job_id = self.tune.job_id
        if job_id is None or any(job.id == job_id for job in jobs):
            return jobs
        followed = await self.provider.job(job_id)
        youngest = datetime.max.replace(tzinfo=UTC)
        return sorted([*jobs, followed], key=lambda job: job.created_at or youngest)

    async def stop(self) -> float | None:
        """Ask the provider to cancel the job. If it refuses, the tune does not fail; its job goes on."""
        refusal = await self._cancel(self.tune.job_id or "")
        await self.record(lambda tune: decisions.record_cancel_answer(tune, refusal=refusal))
        return self.settles_after if self.tune.unconfirmed else None

    async def send_pause(self, request: PauseRequest) -> float | None:
        """Ask the provider to pause the job or to go on with it. Its refusal is recorded, and fails nothing."""
        job, refusal = None, None
        try:
            job = await self._ask_pauser(request)
        except ProviderRefused as refused:
            refusal = replace_unstorable(refused.detail)
            # It may be so already, as when a worker was killed before it could record the answer.
            with suppress(ProviderRefused):
                job = await self.provider.job(self.tune.job_id or "")
            if job is not None and is_pausing(job) == (request == "pause"):
                refusal = None
        told = job and replace_unstorable(job)
        await self.record(lambda tune: record_answer(tune, request, job=told, refusal=refusal))
        return self.settles_after if self.tune.unconfirmed else None

    async def fail(self, failure: Failure) -> None:
        now = datetime.now(UTC)
        await self.record(lambda tune: decisions.fail(tune, failure, at=now))

    async def record(self, decide: Callable[[TuneState | None], list[TuneEvent]]) -> None:
        caller = build_caller(self.leased_job.workspace_id, self.tune)
        stored = await self.context.ledger.change(TUNE, self.leased_job.id, decide, caller=caller)
        self.tune = stored.state

    async def _cancel(self, job_id: str) -> str | None:
        """Ask the provider to cancel a job. Returns its refusal."""
        try:
            await self.provider.cancel(job_id)
        except ProviderRefused as refused:
            return replace_unstorable(refused.detail)
        return None

    async def _build_order(self, sending: TuneSubmitting) -> JobSpec:
        """The job to create, with the key of Weights & Biases where the provider writes a run by itself."""
        order, wanted = build_job_spec(self.tune, sending), self.tune.asked.wandb
        if wanted is None:
            return order
        account = await open_integration(self.context, self.leased_job.workspace_id, wanted.integration_id, "wandb")
        options = account.settings.options
        run = {
            "api_key": account.secret,
            "base_url": None if account.settings.url == DEFAULT_URLS["wandb"] else account.settings.url,
            "project": wanted.project or options.get("project", WANDB_PROJECT),
            "name": wanted.name,
            "entity": options.get("entity"),
        }
        return msgspec.structs.replace(order, extra=order.extra | {"wandb": run})

    async def _ask_pauser(self, request: PauseRequest) -> RemoteJob:
        if not isinstance(self.provider, Pauser):
            raise ProviderRefused("The provider cannot pause a job.")
        ask = self.provider.pause if request == "pause" else self.provider.resume
        return await ask(self.tune.job_id or "")

    async def _record_no_response(self, error: Unreachable) -> None:
        message, now = replace_unstorable(error.detail), datetime.now(UTC)
        if error.undone:
            await self.record(lambda tune: decisions.record_undone(tune, message=message))
            return
        settles = timedelta(seconds=0 if self.is_idempotent else self.settles_after)
        await self.record(lambda tune: decisions.record_doubt(tune, message=message, at=now, settles=settles))


def build_caller(workspace_id: UUID, tune: TuneState) -> Caller:
    """Workers record under the id of the request that created the tune."""
    return Caller(workspace_id=workspace_id, actor=SERVER, request_id=tune.asked.request_id)


def build_job_spec(tune: TuneState, sending: TuneSubmitting) -> JobSpec:
    asked = {name: getattr(tune.asked, name) for name in ("base_model", "suffix", "seed", "method", "hyperparameters")}
    validation = sending.validation_file.file_id if sending.validation_file else None
    return JobSpec(
        **asked, training_file=sending.training_file.file_id, validation_file=validation, token=sending.token
    )
