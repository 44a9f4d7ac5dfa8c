"""Decisions about tunes, on plain values. Each one refuses, ignores or records."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from service.errors import Conflict, Fault, NotFound, Unprocessable
from service.providers.kinds import REPORTED_KINDS
from service.providers.provider import (
    FINISHED,
    RemoteJob,
    State,
)
from service.tunes.events import (
    Decision,
    Failure,
    TuneCancelled,
    TuneCancelRequested,
    TuneCancelSent,
    TuneConfirmed,
    TuneDecided,
    TuneDuplicatesFound,
    TuneEvent,
    TuneFailed,
    TuneFilesDeleted,
    TuneInDoubt,
    TuneNeedsAttention,
    TuneNotSubmitted,
    TuneReopened,
    TuneRequested,
    TuneState,
    TuneSubmitted,
    TuneSubmitting,
    TuneTroubled,
)
from service.tunes.pauses.domain import PauseRequest
from service.tunes.tune_files import SentFile

Choice = Literal[Decision, "give_up"]
Step = Literal["send", "stop", "confirm", "nothing", PauseRequest]

CHOICES = (
    "Look at the provider, then POST /v1/tunes/{id}/decide with adopt and the job's id, with send_again if there is "
    "no job, or with give_up."
)


def next_step(tune: TuneState) -> Step:
    """What the dispatcher does next: send the job, stop, pause or resume it, look whether it is the only one."""
    if tune.job_id is None:
        return "nothing" if tune.finished or tune.state == "needs_attention" else "send"
    if tune.cancel == "requested" and not tune.finished:
        return "stop"
    if tune.pause_request is not None and not tune.finished:
        return tune.pause_request
    return "confirm" if tune.unconfirmed else "nothing"


def begin(
    tune: TuneState | None, *, token: str, training_file: SentFile, validation_file: SentFile | None
) -> list[TuneEvent]:
    """Record that the job is about to be created.

    A second call, or one after a cancellation, records nothing. Nor does a call while a job may exist.
    """
    tune = require_tune(tune)
    if tune.finished or tune.posted or tune.cancel or tune.job_id is not None or tune.state == "needs_attention":
        return []
    return [TuneSubmitting(token=token, training_file=training_file, validation_file=validation_file)]


def begin_again(tune: TuneState | None) -> list[TuneEvent]:
    """Record that the job is about to be created once more, after it was found that there is none."""
    tune = require_tune(tune)
    if tune.finished or tune.sending is None or tune.job_id is not None or tune.state == "needs_attention":
        return []
    return [tune.sending]


def record_undone(tune: TuneState | None, *, message: str) -> list[TuneEvent]:
    """Record that the provider has surely not created the job."""
    tune = require_tune(tune)
    return [TuneNotSubmitted(message=message)] if tune.posted and not tune.finished else []


def record_doubt(tune: TuneState | None, *, message: str, at: datetime, settles: timedelta) -> list[TuneEvent]:
    """Record that a job may exist. Repeating it records nothing."""
    tune = require_tune(tune)
    if tune.finished or not tune.posted or tune.doubt is not None:
        return []
    return [TuneInDoubt(message=message, at=at, not_before=at + settles)]


def ask_for_attention(tune: TuneState | None, *, message: str, at: datetime) -> list[TuneEvent]:
    tune = require_tune(tune)
    if tune.finished or tune.job_id is not None or tune.state == "needs_attention":
        return []
    return [TuneNeedsAttention(message=f"{message} {CHOICES}", at=at)]


def decide(
    tune: TuneState | None, decision: Choice, *, job_id: str | None, reason: str | None, at: datetime
) -> list[TuneEvent]:
    """Decide about a tune of which nobody knows whether its job exists. Raises Conflict for any other."""
    tune = require_tune(tune)
    if tune.state != "needs_attention":
        raise Conflict(f"The tune is {tune.state}. Only one that needs attention can be decided.")
    if decision == "give_up":
        message = f"Given up: {reason}" if reason else "Given up, since nobody could tell whether the job exists."
        return [TuneFailed(code="given_up", message=message, at=at)]
    return [TuneDecided(decision=decision, job_id=job_id, reason=reason, at=at)]


def record_submission(tune: TuneState | None, job: RemoteJob, *, at: datetime) -> list[TuneEvent]:
    """Record that the job exists. If it has ended already, the next poll records that with all its details."""
    tune = require_tune(tune)
    if tune.finished or tune.job_id is not None:
        return []
    return [TuneSubmitted(job_id=job.id, state=as_unfinished(job.state), raw_status=job.raw_status, at=at)]


def choose_job(jobs: Sequence[RemoteJob]) -> RemoteJob:
    """Of several jobs with one token, the oldest that still runs or has succeeded; else the oldest."""
    return next((job for job in jobs if job.state not in ("failed", "cancelled")), jobs[0])


def record_duplicates(
    tune: TuneState | None, *, job_id: str, duplicates: Sequence[str], refusals: dict[str, str]
) -> list[TuneEvent]:
    tune = require_tune(tune)
    new = tuple(name for name in duplicates if name not in tune.duplicates)
    return [TuneDuplicatesFound(job_id=job_id, duplicates=new, refusals=refusals)] if new else []


def confirm(tune: TuneState | None) -> list[TuneEvent]:
    return [TuneConfirmed()] if require_tune(tune).unconfirmed else []


def record_trouble(tune: TuneState | None, *, message: str, at: datetime) -> list[TuneEvent]:
    """Record that the provider cannot be asked, once until it can."""
    if tune is None or tune.state in FINISHED or tune.trouble is not None:
        return []
    return [TuneTroubled(message=message, at=at)]


def fail(tune: TuneState | None, failure: Failure, *, at: datetime) -> list[TuneEvent]:
    tune = require_tune(tune)
    if tune.finished:
        return []
    return [TuneFailed(code=failure.code, message=failure.message, param=failure.param, hint=failure.hint, at=at)]


def cancel(tune: TuneState | None, *, reason: str | None, at: datetime) -> list[TuneEvent]:
    """Cancel a tune: at once if no job can exist yet, or else by asking the provider. Its job may still succeed."""
    tune = require_tune(tune)
    if tune.state == "cancelled" or (tune.cancel is not None and not tune.finished):
        return []
    if tune.finished:
        raise Conflict(f"The tune has ended ({tune.state}) and cannot be cancelled.")
    if tune.state == "needs_attention":
        raise Conflict(f"The tune needs attention and cannot be cancelled. {CHOICES}")
    if tune.asked.connection_kind in REPORTED_KINDS or (not tune.posted and tune.job_id is None):
        return [TuneCancelled(at=at, reason=reason)]
    return [TuneCancelRequested(reason=reason)]


def record_cancel_answer(tune: TuneState | None, *, refusal: str | None) -> list[TuneEvent]:
    tune = require_tune(tune)
    return [TuneCancelSent(refusal=refusal)] if tune.cancel == "requested" and not tune.finished else []


def cancel_unsent(tune: TuneState | None, *, at: datetime) -> list[TuneEvent]:
    """Record that a tune was cancelled while it was being sent, and that no job was created."""
    tune = require_tune(tune)
    return [TuneCancelled(at=at)] if tune.cancel and tune.job_id is None and not tune.finished else []


def look_again(tune: TuneState | None, *, reason: str | None, at: datetime) -> list[TuneEvent]:
    """Follow the job of a failed or cancelled tune again. Raises Conflict unless it has ended so, with a job."""
    tune = require_tune(tune)
    if tune.state not in ("failed", "cancelled") or tune.job_id is None:
        raise Conflict("Only a failed or cancelled tune that has a job can be looked at again.")
    return [TuneReopened(at=at, reason=reason)]


def record_deletion(tune: TuneState | None, *, file_ids: tuple[str, ...], refusal: str | None) -> list[TuneEvent]:
    require_tune(tune)
    return [TuneFilesDeleted(file_ids=file_ids, refusal=refusal)]


def retry(tune: TuneState | None, tune_id: UUID, *, request_id: str) -> TuneRequested:
    """Request a new tune with the same settings. Raises Conflict unless the first one failed or was cancelled."""
    tune = require_tune(tune)
    if tune.state not in ("failed", "cancelled"):
        raise Conflict(f"The tune is {tune.state}; only failed or cancelled tunes can be retried.")
    asked = {name: getattr(tune.asked, name) for name in TuneRequested.__struct_fields__}
    return TuneRequested(**asked | {"retries": tune_id, "request_id": request_id})


def suggest_connections(names: Sequence[str], method: str, *, code: str) -> str | None:
    """Suggest the workspace's other connections when this one accepts no more jobs. None if that does not apply."""
    if code not in NO_CAPACITY_CODES or not names:
        return None
    return f"The same dataset version can be tuned ({method}) through {' or '.join(names)}."


NO_CAPACITY_CODES = frozenset(
    {"training_not_available", "insufficient_quota", "exceeded_quota", "billing_not_active", "model_not_found"}
)


def require_tune(tune: TuneState | None) -> TuneState:
    if tune is None:
        raise NotFound("No such tune.")
    return tune


def as_unfinished(state: State) -> State:
    return "running" if state in ("succeeded", "failed", "cancelled") else state


def count_splits(splits: Mapping[str, int], *, train: str, validation: str | None) -> dict[str, Any]:
    """Build the split fields of a request. An empty validation split means none.

    Raises Unprocessable without an example to train on, or when both are one.
    """
    if validation == train:
        detail = f"Choose another validation split; {train} is used for training."
        raise Unprocessable(detail, errors=[Fault(pointer="/splits/validation", detail=detail)])
    if not splits.get(train):
        detail = f"The version has no examples in the split {train}."
        raise Unprocessable(detail, errors=[Fault(pointer="/splits/train", detail=detail, code="empty")])
    validation_examples = splits.get(validation, 0) if validation else 0
    return {
        "train_split": train,
        "train_examples": splits[train],
        "validation_split": validation if validation_examples else None,
        "validation_examples": validation_examples,
    }
