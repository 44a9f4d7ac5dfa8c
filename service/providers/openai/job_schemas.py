"""OpenAI's job format, read leniently, and its conversion into our types. Pure."""

import json
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import msgspec

from service.providers import curves
from service.providers.provider import (
    JobSpec,
    MetricPoint,
    RemoteError,
    RemoteEvent,
    RemoteJob,
    State,
    TuneCheckpoint,
    Unreachable,
)

TOKEN_KEY = "tuneledger_job_id"  # noqa: S105 - the name of a metadata field
MAX_SUFFIX_LENGTH = 64

STATUS: dict[str, State] = {
    "created": "pending",
    "pending": "pending",
    "validating_files": "validating",
    "queued": "queued",
    "running": "running",
    "pausing": "running",
    "resuming": "running",
    "cancelling": "running",
    "paused": "paused",
    "succeeded": "succeeded",
    "failed": "failed",
    "cancelled": "cancelled",
    "canceled": "cancelled",
}

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    data: list[T] | None = None
    has_more: bool | None = None


class Model(msgspec.Struct, frozen=True, kw_only=True):
    id: str


class File(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    status: str | None = None


class Job(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    status: str | None = None
    model: str | None = None
    fine_tuned_model: str | None = None
    suffix: str | None = None
    user_provided_suffix: str | None = None
    trained_tokens: int | None = None
    finished_at: float | None = None
    estimated_finish: float | None = None
    result_files: list[str] | None = None
    error: Any = None
    metadata: Any = None


class Event(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    created_at: float | None = None
    level: str | None = None
    message: str | None = None
    data: Any = None


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    step_number: int
    created_at: float | None = None
    fine_tuned_model_checkpoint: str | None = None
    metrics: Any = None


def decode(content: bytes, shape: type[T]) -> T:
    """Decode a response. An unreadable one does not say what was done, so it counts as no response."""
    try:
        # json, not msgspec: servers written in Python send a loss of NaN as the bare word.
        return msgspec.convert(json.loads(content), shape, strict=False)
    except (ValueError, RecursionError) as unreadable:
        raise Unreachable("the provider's response could not be read", because="unreadable") from unreadable


def build_job_body(order: JobSpec, *, metadata: bool) -> dict[str, Any]:
    """The request that creates a job. Without metadata the token travels in the suffix."""
    method: dict[str, Any] = {"type": order.method}
    if order.hyperparameters:
        method[order.method] = {"hyperparameters": order.hyperparameters}
    body = {
        "model": order.base_model,
        "training_file": order.training_file,
        "validation_file": order.validation_file,
        "suffix": order.suffix if metadata else build_suffix_with_token(order),
        "seed": order.seed,
        "method": method,
        "metadata": {TOKEN_KEY: order.token} if metadata else None,
    }
    return {name: value for name, value in body.items() if value is not None}


def build_suffix_with_token(order: JobSpec) -> str:
    room = MAX_SUFFIX_LENGTH - len(order.token) - 1
    return f"{order.suffix[:room]}-{order.token}" if order.suffix and room > 0 else order.token


def has_token(job: Job, token: str) -> bool:
    """Whether this job was submitted with the token, by metadata, else by suffix, else by the name of its model."""
    if isinstance(job.metadata, dict) and TOKEN_KEY in job.metadata:
        return bool(job.metadata[TOKEN_KEY] == token)
    return any(token in (name or "") for name in (job.suffix, job.user_provided_suffix, job.fine_tuned_model))


def convert_job(job: Job) -> RemoteJob:
    raw_status = job.status or ""
    return RemoteJob(
        id=job.id,
        state=STATUS.get(raw_status, "running"),
        raw_status=raw_status,
        base_model=job.model or "",
        model=job.fine_tuned_model or None,
        trained_tokens=job.trained_tokens,
        error=convert_error(job.error),
        finished_at=parse_unix_time(job.finished_at),
        estimated_finish=parse_unix_time(job.estimated_finish),
        result_files=tuple(job.result_files or ()),
    )


def convert_error(error: object) -> RemoteError | None:
    """None for null, `{}` and an object of nulls: a job that went well comes with any of the three."""
    if isinstance(error, str) and error:
        return RemoteError(message=error)
    if not isinstance(error, dict):
        return None
    code, message, param = (str(error[name]) if error.get(name) else None for name in ("code", "message", "param"))
    if not code and not message:
        return None
    return RemoteError(message=message or code or "", code=code, param=param)


def convert_event(event: Event) -> RemoteEvent:
    return RemoteEvent(
        id=event.id, at=parse_unix_time(event.created_at), level=event.level or "info", message=event.message or ""
    )


def collect_points(events: list[Event]) -> list[MetricPoint]:
    return [found for event in events if isinstance(event.data, dict) and (found := curves.build_point(event.data))]


def convert_checkpoint(checkpoint: Checkpoint) -> TuneCheckpoint:
    metrics = checkpoint.metrics if isinstance(checkpoint.metrics, dict) else {}
    step = checkpoint.step_number
    return TuneCheckpoint(
        id=checkpoint.id,
        step=step,
        model=checkpoint.fine_tuned_model_checkpoint or "",
        at=parse_unix_time(checkpoint.created_at),
        metrics=curves.build_point({**metrics, "step": step}) or MetricPoint(step=step),
    )


def parse_unix_time(seconds: float | None) -> datetime | None:
    """Unix seconds as a time; zero and what no calendar holds are no time."""
    if not seconds or seconds < 0:
        return None
    try:
        return datetime.fromtimestamp(seconds, tz=UTC)
    except (OverflowError, ValueError, OSError):
        return None
