"""A tune: one job at one provider, from the request to the model that came out of it."""

from datetime import datetime
from typing import Any, Literal, assert_never, get_args
from uuid import UUID

import msgspec
from msgspec.structs import replace

from service.datasets.splits import Split
from service.ledger.decider import Decider, Event
from service.providers.provider import FINISHED, Method, MetricPoint, RemoteEvent, State, TuneCheckpoint
from service.tunes.diagnosis.domain import CurveFinding, Symptom
from service.tunes.pauses.domain import PauseEvent, PauseRequest, build_pause
from service.tunes.preflight.cost_estimate import CostEstimate
from service.tunes.submission.wandb_run import WandbRun
from service.tunes.tune_files import ReportedFile, SentFile

Bump = Literal["minor", "major"]
# `needs_attention`: nobody but a person can tell whether a job exists at the provider.
TuneStatus = Literal[State, "needs_attention"]
Decision = Literal["adopt", "send_again"]


class TuneRequested(Event):
    """All settings of the tune. `dataset_digest` is hex; `request_id` is that of the HTTP request.

    `check_id`: the check of its examples that it had to pass, where `require_ready` was asked.
    """

    sweep_id: UUID
    connection_id: UUID
    connection_kind: str
    base_model: str
    dataset_id: UUID
    dataset_version: str
    dataset_seq: int
    dataset_digest: str
    train_split: Split
    train_examples: int
    validation_split: Split | None = None
    validation_examples: int = 0
    model: str | None = None
    bump: Bump = "minor"
    method: Method = "supervised"
    hyperparameters: dict[str, bool | int | float | str] = {}
    suffix: str | None = None
    seed: int | None = None
    notes: str | None = None
    retries: UUID | None = None
    request_id: str = ""
    estimate: CostEstimate | None = None
    check_id: UUID | None = None
    wandb: WandbRun | None = None


class TuneAdopted(TuneRequested, kw_only=True):
    """A tune whose job was made elsewhere."""

    job_id: str
    at: datetime


class TuneSubmitting(Event):
    """The job is about to be created. From here on it may exist, so workers first look for it by `token`."""

    token: str
    training_file: SentFile
    validation_file: SentFile | None = None


class TuneNotSubmitted(Event):
    """The provider has surely not created the job: it never got the request, or asked to wait."""

    message: str


class TuneInDoubt(Event):
    """A create got no response, so a job may exist. Before `not_before` nothing may be sent again."""

    message: str
    at: datetime
    not_before: datetime


class TuneNeedsAttention(Event):
    """Whether a job exists could not be found out."""

    message: str
    at: datetime


class TuneDecided(Event):
    """A person decided about a tune that needs attention: follow `job_id`, or send the job again."""

    decision: Decision
    at: datetime
    job_id: str | None = None
    reason: str | None = None


class TuneDuplicatesFound(Event):
    """Several jobs carry the token. `job_id`, the oldest, is followed, the others were cancelled.

    `refusals`: what the provider said to cancelling, by job.
    """

    job_id: str
    duplicates: tuple[str, ...]
    refusals: dict[str, str] = {}


class TuneConfirmed(Event):
    """After a doubt, one last look found no further job with the token."""


class TuneTroubled(Event):
    """The provider cannot be asked about the job, or no longer knows it."""

    message: str
    at: datetime


class TuneRecovered(Event):
    """The trouble is over."""

    at: datetime


class TuneReopened(Event):
    """A person asked to look again for the job of a tune that had ended."""

    at: datetime
    reason: str | None = None


class TuneFilesDeleted(Event):
    """The provider was asked to delete the tune's files, since no tune needs them any more."""

    file_ids: tuple[str, ...]
    refusal: str | None = None


class TuneSubmitted(Event):
    job_id: str
    state: State
    raw_status: str
    at: datetime


class Observed(Event, kw_only=True):
    """What a poll found new: log lines, metrics and checkpoints. `cursor`: the adapter's own, for the next poll.

    `missing`: some of it could not be read yet, although the job has ended. `cost`: what the provider charges.
    """

    raw_status: str | None = None
    cursor: str | None = None
    missing: bool = False
    cost: str | None = None
    currency: str | None = None
    events: tuple[RemoteEvent, ...] = ()
    metrics: tuple[MetricPoint, ...] = ()
    checkpoints: tuple[TuneCheckpoint, ...] = ()


class TuneProgressed(Observed):
    state: State
    estimated_finish: datetime | None = None


class TuneSucceeded(Observed):
    job_id: str
    provider_model: str
    at: datetime
    trained_tokens: int | None = None
    weights: tuple[ReportedFile, ...] = ()


class TuneFailed(Observed):
    """`message` is the provider's where it gave one; `hint` is ours."""

    code: str
    message: str
    at: datetime
    param: str | None = None
    hint: str | None = None


class TuneCancelRequested(Event):
    reason: str | None = None


class TuneCancelSent(Event):
    """The provider was asked to cancel the job. `refusal`: its message, if it refused."""

    refusal: str | None = None


class TuneCancelled(Observed):
    at: datetime
    reason: str | None = None


class TuneDetailed(Observed):
    """Details of a job, read after the tune had ended."""


class TuneDiagnosed(Event):
    """The curves show what they did not show before. Each symptom is recorded once for a tune, with its finding."""

    symptoms: tuple[Symptom, ...]
    findings: tuple[CurveFinding, ...]


SubmissionEvent = (
    TuneSubmitting
    | TuneNotSubmitted
    | TuneInDoubt
    | TuneNeedsAttention
    | TuneDecided
    | TuneSubmitted
    | TuneDuplicatesFound
    | TuneConfirmed
)
Ending = TuneSucceeded | TuneFailed | TuneCancelled
OtherEvent = (
    TuneRequested
    | TuneAdopted
    | TuneProgressed
    | TuneDetailed
    | TuneCancelRequested
    | TuneCancelSent
    | TuneTroubled
    | TuneRecovered
    | TuneReopened
    | TuneFilesDeleted
    | TuneDiagnosed
)
TuneEvent = SubmissionEvent | Ending | PauseEvent | OtherEvent


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why a tune failed."""

    code: str
    """The provider's error code, or one of ours."""
    message: str
    """What went wrong, in the provider's words where it gave any."""
    param: str | None = None
    """The field of the provider's request that was wrong; null where none is named."""
    hint: str | None = None
    """Another way to tune the same dataset; null where there is none."""


class Doubt(msgspec.Struct, frozen=True, kw_only=True):
    """Why a job may exist that nobody knows of, since when, and until when nothing is sent again."""

    message: str
    since: datetime
    not_before: datetime


class TuneState(msgspec.Struct, frozen=True, kw_only=True):
    """`asked`: the request. `posted`: a create may have been sent, and its response is not known.

    `unconfirmed`: there was a doubt, and the last look for a second job is still to come.
    """

    asked: TuneRequested
    state: TuneStatus = "pending"
    raw_status: str | None = None
    sending: TuneSubmitting | None = None
    posted: bool = False
    doubt: Doubt | None = None
    unconfirmed: bool = False
    job_id: str | None = None
    duplicates: tuple[str, ...] = ()
    trouble: str | None = None
    provider_model: str | None = None
    trained_tokens: int | None = None
    cost: str | None = None
    currency: str | None = None
    error: Failure | None = None
    symptoms: tuple[Symptom, ...] = ()
    cancel: Literal["requested", "sent"] | None = None
    pause_request: PauseRequest | None = None
    pause_refusal: str | None = None
    submitted_at: datetime | None = None
    estimated_finish: datetime | None = None
    finished_at: datetime | None = None

    @property
    def finished(self) -> bool:
        return self.state in FINISHED


def evolve(tune: TuneState | None, event: TuneEvent) -> TuneState:
    if isinstance(event, TuneAdopted):
        return TuneState(asked=event, state="running", job_id=event.job_id, submitted_at=event.at)
    if isinstance(event, TuneRequested):
        return TuneState(asked=event)
    assert tune is not None  # a stream begins with its request
    if isinstance(event, Observed):
        tune = replace(tune, raw_status=event.raw_status or tune.raw_status)
    if isinstance(event, SubmissionEvent):
        return replace(tune, **_build_submission(tune, event))
    if isinstance(event, PauseEvent):
        return replace(tune, **build_pause(event))
    if isinstance(event, Ending):
        return replace(tune, **_build_end(event))
    return replace(tune, **_build_change(tune, event))


def _build_submission(tune: TuneState, event: SubmissionEvent) -> dict[str, Any]:
    """What changes on the way to a job at the provider."""
    change: dict[str, Any] = {"posted": False, "doubt": None, "trouble": None}
    match event:
        case TuneSubmitting():
            change = {"sending": event, "posted": True, "doubt": None}
        case TuneNotSubmitted():
            change["trouble"] = event.message
        case TuneInDoubt():
            doubt = Doubt(message=event.message, since=event.at, not_before=event.not_before)
            change = {"doubt": doubt, "unconfirmed": True, "trouble": event.message}
        case TuneNeedsAttention():
            change = {"state": "needs_attention", "trouble": event.message}
        case TuneDecided():
            change["state"] = "pending"
            if event.job_id is not None:
                change |= {"state": "running", "job_id": event.job_id, "submitted_at": event.at}
        case TuneSubmitted():
            told = {"job_id": event.job_id, "state": event.state, "raw_status": event.raw_status}
            change |= told | {"submitted_at": event.at}
        case TuneDuplicatesFound():
            change = {"job_id": event.job_id, "duplicates": (*tune.duplicates, *event.duplicates)}
        case TuneConfirmed():
            change = {"unconfirmed": False}
        case _:
            assert_never(event)
    return change


def _build_end(event: Ending) -> dict[str, Any]:
    change: dict[str, Any] = dict.fromkeys(("estimated_finish", "trouble", "doubt", "pause_request"))
    change["finished_at"] = event.at
    if event.cost is not None:
        change |= {"cost": event.cost, "currency": event.currency}
    match event:
        case TuneSucceeded():
            result = {"provider_model": event.provider_model, "trained_tokens": event.trained_tokens}
            change |= {"state": "succeeded", "job_id": event.job_id, **result}
        case TuneFailed():
            error = Failure(code=event.code, message=event.message, param=event.param, hint=event.hint)
            change |= {"state": "failed", "error": error}
        case TuneCancelled():
            change["state"] = "cancelled"
        case _:
            assert_never(event)
    return change


def _build_change(tune: TuneState, event: OtherEvent) -> dict[str, Any]:
    change: dict[str, Any] = {}
    match event:
        case TuneRequested():
            change = {"asked": event}
        case TuneProgressed():
            change = {"state": event.state, "estimated_finish": event.estimated_finish}
        case TuneDetailed() | TuneFilesDeleted():
            pass
        case TuneCancelRequested() | TuneCancelSent():
            change = {"cancel": "sent" if isinstance(event, TuneCancelSent) else "requested"}
        case TuneTroubled() | TuneRecovered():
            change = {"trouble": getattr(event, "message", None)}
        case TuneDiagnosed():
            change = {"symptoms": (*tune.symptoms, *event.symptoms)}
        case TuneReopened():
            change = {"state": "running", "error": None, "finished_at": None, "trouble": None}
        case _:
            assert_never(event)
    return change


TUNE: Decider[TuneState, TuneEvent] = Decider("tune", events=get_args(TuneEvent), evolve=evolve)
