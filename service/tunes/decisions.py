"""Decisions about tunes, on plain values. Each one refuses, ignores or records."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar
from uuid import UUID

import msgspec
from msgspec.structs import replace

from service.errors import Conflict, Fault, NotFound, Unprocessable
from service.providers import curves
from service.providers.provider import (
    Method,
    MetricPoint,
    Progress,
    RemoteError,
    RemoteEvent,
    RemoteJob,
    State,
    TuneCheckpoint,
)
from service.tunes.events import (
    Failure,
    SentFile,
    TuneCancelled,
    TuneCancelRequested,
    TuneCancelSent,
    TuneEvent,
    TuneFailed,
    TuneProgressed,
    TuneRequested,
    TuneState,
    TuneSubmitted,
    TuneSubmitting,
    TuneSucceeded,
)

Step = Literal["send", "stop", "nothing"]
T = TypeVar("T", RemoteEvent, TuneCheckpoint)


def next_step(tune: TuneState) -> Step:
    """What the dispatcher does next: send the job, stop it, or nothing."""
    if tune.finished:
        return "nothing"
    if tune.job_id is None:
        return "send"
    return "stop" if tune.cancel == "requested" else "nothing"


def begin(
    tune: TuneState | None, *, token: str, training_file: SentFile, validation_file: SentFile | None
) -> list[TuneEvent]:
    """Record that the job is about to be created. A second call, or one after a cancellation, records nothing."""
    tune = _require_tune(tune)
    if tune.finished or tune.sending is not None:
        return []
    return [TuneSubmitting(token=token, training_file=training_file, validation_file=validation_file)]


def record_submission(tune: TuneState | None, job: RemoteJob, *, at: datetime) -> list[TuneEvent]:
    """Record that the job exists. If it has ended already, the next poll records that with all its details."""
    tune = _require_tune(tune)
    if tune.finished or tune.job_id is not None:
        return []
    return [TuneSubmitted(job_id=job.id, state=_as_unfinished(job.state), raw_status=job.raw_status, at=at)]


def observe(tune: TuneState | None, seen: Progress, *, at: datetime) -> list[TuneEvent]:
    """Record what a poll found new. A finished tune ignores it; without news nothing is recorded."""
    tune = _require_tune(tune)
    if tune.finished:
        return []
    job, news = seen.job, _build_observation(tune, seen)
    when = job.finished_at or at
    if job.state == "succeeded" and job.model:
        return [
            TuneSucceeded(job_id=job.id, provider_model=job.model, at=when, trained_tokens=job.trained_tokens, **news)
        ]
    if job.state == "failed":
        error = job.error or RemoteError(message="The provider gave no reason.")
        code = error.code or "provider_failed"
        return [TuneFailed(code=code, message=error.message, param=error.param, at=when, **news)]
    if job.state == "cancelled":
        return [TuneCancelled(at=when, **news)]
    # A success that does not name its model yet is still on its way.
    state = _as_unfinished(job.state)
    learned = any(name != "raw_status" for name in news)
    if (state, job.raw_status) == (tune.state, tune.raw_status) and not learned:
        return []
    return [TuneProgressed(state=state, estimated_finish=job.estimated_finish, **news)]


def fail(tune: TuneState | None, failure: Failure, *, at: datetime) -> list[TuneEvent]:
    tune = _require_tune(tune)
    if tune.finished:
        return []
    return [TuneFailed(code=failure.code, message=failure.message, param=failure.param, hint=failure.hint, at=at)]


def cancel(tune: TuneState | None, *, reason: str | None, at: datetime) -> list[TuneEvent]:
    """Cancel a tune: at once if no job can exist yet, or else by asking the provider. Its job may still succeed."""
    tune = _require_tune(tune)
    if tune.state == "cancelled" or (tune.cancel is not None and not tune.finished):
        return []
    if tune.finished:
        raise Conflict(f"The tune has ended ({tune.state}) and cannot be cancelled.")
    if tune.sending is None:
        return [TuneCancelled(at=at, reason=reason)]
    return [TuneCancelRequested(reason=reason)]


def record_cancel_answer(tune: TuneState | None, *, refusal: str | None) -> list[TuneEvent]:
    tune = _require_tune(tune)
    return [TuneCancelSent(refusal=refusal)] if tune.cancel == "requested" and not tune.finished else []


def cancel_unsent(tune: TuneState | None, *, at: datetime) -> list[TuneEvent]:
    """Record that a tune was cancelled while it was being sent, and that no job was created."""
    tune = _require_tune(tune)
    return [TuneCancelled(at=at)] if tune.cancel and tune.job_id is None and not tune.finished else []


def retry(tune: TuneState | None, tune_id: UUID, *, request_id: str) -> TuneRequested:
    """Request a new tune with the same settings. Raises Conflict unless the first one failed or was cancelled."""
    tune = _require_tune(tune)
    if tune.state not in ("failed", "cancelled"):
        raise Conflict(f"The tune is {tune.state}; only failed or cancelled tunes can be retried.")
    return replace(tune.asked, retries=tune_id, request_id=request_id)


def suggest_other_kinds(kind: str, method: str, *, code: str, others: Iterable[str]) -> str | None:
    """Suggest other kinds of provider when this one accepts no more jobs. None if that does not apply."""
    if code not in NO_CAPACITY_CODES or not (kinds := sorted(set(others) - {kind})):
        return None
    return f"The same dataset version can be tuned ({method}) through a connection of kind {', '.join(kinds)}."


NO_CAPACITY_CODES = frozenset(
    {"training_not_available", "insufficient_quota", "exceeded_quota", "billing_not_active", "model_not_found"}
)


def _require_tune(tune: TuneState | None) -> TuneState:
    if tune is None:
        raise NotFound("No such tune.")
    return tune


def _as_unfinished(state: State) -> State:
    return "running" if state in ("succeeded", "failed", "cancelled") else state


def _build_observation(tune: TuneState, seen: Progress) -> dict[str, Any]:
    """The fields of an Observed; what is known already is left out."""
    found = {
        "events": _select_new(tune, seen.events),
        "metrics": tuple(_select_new_points(tune, seen.metrics)),
        "checkpoints": _select_new(tune, seen.checkpoints),
    }
    return {"raw_status": seen.job.raw_status} | {name: items for name, items in found.items() if items}


def _select_new(tune: TuneState, items: Iterable[T]) -> tuple[T, ...]:
    fresh: dict[str, T] = {}
    for item in items:
        if item.id not in tune.seen:
            fresh.setdefault(item.id, item)
    return tuple(fresh.values())


def _select_new_points(tune: TuneState, points: Iterable[MetricPoint]) -> Iterable[MetricPoint]:
    """Steps not measured before, and steps of which more is known now; what was measured first counts."""
    for point in curves.merge_points(points, ()):
        known = tune.points.get(point.step)
        whole = curves.fill_gaps(known, point) if known else point
        if whole != known:
            yield whole


class ResolvedTarget(msgspec.Struct, frozen=True, kw_only=True):
    """A requested target, its connection's kind, and its base model's methods (None if unknown)."""

    connection_id: UUID
    connection_kind: str
    base_model: str
    hyperparameters: dict[str, bool | int | float | str]
    suffix: str | None
    methods: tuple[Method, ...] | None


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


def build_requests(targets: Sequence[ResolvedTarget], *, method: Method, **common: Any) -> list[TuneRequested]:
    """Build a request per target with the `common` fields. Raises Unprocessable when a model lacks the method."""
    faults = [
        Fault(
            pointer=f"/targets/{index}/base_model",
            detail=f"{target.base_model} supports {' or '.join(target.methods)}, not {method}.",
            code="method",
        )
        for index, target in enumerate(targets)
        if target.methods is not None and method not in target.methods
    ]
    if faults:
        raise Unprocessable(faults[0].detail, errors=faults)
    own = ("connection_id", "connection_kind", "base_model", "hyperparameters", "suffix")
    return [
        TuneRequested(**{name: getattr(target, name) for name in own}, method=method, **common) for target in targets
    ]
