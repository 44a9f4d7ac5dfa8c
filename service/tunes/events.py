"""A tune: one job at one provider, from the request to the model that came out of it."""

from datetime import datetime
from typing import Any, Literal, assert_never
from uuid import UUID

import msgspec
from msgspec.structs import replace

from service.datasets.splits import Split
from service.ledger.decider import Decider, Event
from service.providers.provider import FINISHED, Method, MetricPoint, RemoteEvent, State, TuneCheckpoint

Bump = Literal["minor", "major"]


class TuneRequested(Event):
    """All settings of the tune. `dataset_digest` is hex; `request_id` is that of the HTTP request."""

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


class SentFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file as the provider got it: `digest` is the sha256 of its bytes in hex, `file_id` the provider's name."""

    file_id: str
    """The file's id at the provider."""
    digest: str
    """SHA-256 of the file's bytes, in hex."""
    bytes: int
    """The file's size in bytes."""
    rows: int
    """How many examples the file has."""


class TuneSubmitting(Event):
    """The job is about to be created. From here on it may exist, so workers first look for it by `token`."""

    token: str
    training_file: SentFile
    validation_file: SentFile | None = None


class TuneSubmitted(Event):
    job_id: str
    state: State
    raw_status: str
    at: datetime


class Observed(Event, kw_only=True):
    """What a poll found new: log lines, metrics and checkpoints."""

    raw_status: str | None = None
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


TuneEvent = (
    TuneRequested
    | TuneSubmitting
    | TuneSubmitted
    | TuneProgressed
    | TuneSucceeded
    | TuneFailed
    | TuneCancelRequested
    | TuneCancelSent
    | TuneCancelled
)


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


class TuneState(msgspec.Struct, frozen=True, kw_only=True):
    """`asked`: the request. `seen`: ids of known log lines and checkpoints. `points`: metrics by step."""

    asked: TuneRequested
    state: State = "pending"
    raw_status: str | None = None
    sending: TuneSubmitting | None = None
    job_id: str | None = None
    provider_model: str | None = None
    trained_tokens: int | None = None
    error: Failure | None = None
    cancel: Literal["requested", "sent"] | None = None
    submitted_at: datetime | None = None
    estimated_finish: datetime | None = None
    finished_at: datetime | None = None
    last_event: str | None = None
    seen: frozenset[str] = frozenset()
    points: dict[int, MetricPoint] = {}

    @property
    def finished(self) -> bool:
        return self.state in FINISHED


def evolve(tune: TuneState | None, event: TuneEvent) -> TuneState:
    if isinstance(event, TuneRequested):
        return TuneState(asked=event)
    assert tune is not None  # noqa: S101 - a stream begins with its request
    return replace(_add_observations(tune, event) if isinstance(event, Observed) else tune, **_build_change(event))


def _build_change(event: TuneEvent) -> dict[str, Any]:
    change: dict[str, Any]
    match event:
        case TuneRequested():
            change = {"asked": event}
        case TuneSubmitting():
            change = {"sending": event}
        case TuneSubmitted():
            change = {name: getattr(event, name) for name in ("job_id", "state", "raw_status")}
            change["submitted_at"] = event.at
        case TuneProgressed():
            change = {"state": event.state, "estimated_finish": event.estimated_finish}
        case TuneSucceeded():
            change = _build_end(
                "succeeded", event.at, provider_model=event.provider_model, trained_tokens=event.trained_tokens
            )
        case TuneFailed():
            error = Failure(code=event.code, message=event.message, param=event.param, hint=event.hint)
            change = _build_end("failed", event.at, error=error)
        case TuneCancelRequested():
            change = {"cancel": "requested"}
        case TuneCancelSent():
            change = {"cancel": "sent"}
        case TuneCancelled():
            change = _build_end("cancelled", event.at)
        case _:
            assert_never(event)
    return change


def _build_end(state: State, at: datetime, **result: Any) -> dict[str, Any]:
    return {"state": state, "estimated_finish": None, "finished_at": at, **result}


def _add_observations(tune: TuneState, event: Observed) -> TuneState:
    ids = {each.id for each in event.events} | {each.id for each in event.checkpoints}
    return replace(
        tune,
        raw_status=event.raw_status or tune.raw_status,
        last_event=event.events[-1].id if event.events else tune.last_event,
        seen=tune.seen | ids if ids else tune.seen,
        points=tune.points | {point.step: point for point in event.metrics} if event.metrics else tune.points,
    )


TUNE: Decider[TuneState, TuneEvent] = Decider(
    "tune",
    events=(
        TuneRequested,
        TuneSubmitting,
        TuneSubmitted,
        TuneProgressed,
        TuneSucceeded,
        TuneFailed,
        TuneCancelRequested,
        TuneCancelSent,
        TuneCancelled,
    ),
    evolve=evolve,
)
