"""OpenAI's job format, read leniently, and its conversion into our types. Pure."""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
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
MAX_COUNT = 2**53

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
    "completed": "succeeded",
    "failed": "failed",
    "error": "failed",
    "expired": "failed",
    "cancelled": "cancelled",
    "canceled": "cancelled",
}

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    data: list[T] | None = None
    has_more: bool | None = None


class Model(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    shutdown_date: Any = None


class File(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    status: str | None = None
    filename: str | None = None
    bytes: int | None = None


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """An upload in parts, or one of its parts. `file` is there once it is complete."""

    id: str
    file: File | None = None


class Job(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    status: str | None = None
    model: str | None = None
    fine_tuned_model: str | None = None
    suffix: str | None = None
    user_provided_suffix: str | None = None
    trained_tokens: Any = None
    created_at: Any = None
    finished_at: Any = None
    estimated_finish: Any = None
    result_files: list[str] | None = None
    error: Any = None
    metadata: Any = None


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a job's log. Where the server gives it no id, it gets one that follows from what it says."""

    id: str = ""
    created_at: Any = None
    level: str | None = None
    message: str | None = None
    data: Any = None

    def __post_init__(self) -> None:
        if not self.id:
            said = json.dumps([self.created_at, self.level, self.message, self.data], sort_keys=True)
            msgspec.structs.force_setattr(self, "id", f"line-{hashlib.sha256(said.encode()).hexdigest()[:24]}")


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    step_number: int
    created_at: Any = None
    fine_tuned_model_checkpoint: str | None = None
    metrics: Any = None


def find_base_model(model: str) -> str | None:
    """The base model in the name of a tuned one, such as `ft:gpt-4.1-mini:acme:news:9xYz`."""
    parts = model.split(":")
    return parts[1] if len(parts) > 2 and parts[0] == "ft" else None  # noqa: PLR2004 - ft, a base, and the rest


def decode(content: bytes, shape: type[T]) -> T:
    """Decode a response. An unreadable one does not say what was done, so it counts as no response."""
    try:
        # json, not msgspec: servers written in Python send a loss of NaN as the bare word.
        return msgspec.convert(json.loads(content), shape, strict=False)
    except (ValueError, RecursionError) as unreadable:
        raise Unreachable("the provider's response could not be read", because="unreadable") from unreadable


def build_job_body(order: JobSpec, *, metadata: bool) -> dict[str, Any]:
    """The request that creates a job. Without metadata the token travels in the suffix."""
    extra = {name: value for name, value in order.extra.items() if name != "wandb"}
    settings = ({"hyperparameters": order.hyperparameters} if order.hyperparameters else {}) | extra
    method: dict[str, Any] = {"type": order.method} | ({order.method: settings} if settings else {})
    body = {
        "model": order.start_from or order.base_model,
        "training_file": order.training_file,
        "validation_file": order.validation_file,
        "suffix": order.suffix if metadata else build_suffix_with_token(order),
        "seed": order.seed,
        "method": method,
        "metadata": {TOKEN_KEY: order.token} if metadata else None,
        "integrations": build_integrations(order),
    }
    return {name: value for name, value in body.items() if value is not None}


def build_integrations(order: JobSpec) -> list[dict[str, Any]] | None:
    """OpenAI has the key of Weights & Biases in its own settings: none is sent."""
    tracker = order.extra.get("wandb") or {}
    run = {name: tracker[name] for name in ("project", "name", "entity") if tracker.get(name)}
    return [{"type": "wandb", "wandb": run}] if run else None


def build_suffix_with_token(order: JobSpec) -> str:
    room = MAX_SUFFIX_LENGTH - len(order.token) - 1
    return f"{order.suffix[:room]}-{order.token}" if order.suffix and room > 0 else order.token


def has_token(job: Job, token: str) -> bool:
    """Whether this job was submitted with the token, by metadata, else by suffix, else by the name of its model."""
    if isinstance(job.metadata, dict) and TOKEN_KEY in job.metadata:
        return bool(job.metadata[TOKEN_KEY] == token)
    return any(token in (name or "") for name in (job.suffix, job.user_provided_suffix, job.fine_tuned_model))


def convert_job(job: Job) -> RemoteJob:
    raw_status, error = job.status or "", convert_error(job.error)
    finished_at, model = parse_time(job.finished_at), job.fine_tuned_model or None
    state = STATUS.get(raw_status.lower()) or guess_state(error=error, model=model, finished=finished_at is not None)
    return RemoteJob(
        id=job.id,
        state=state,
        raw_status=raw_status,
        base_model=job.model or "",
        model=model,
        trained_tokens=to_count(job.trained_tokens),
        error=error,
        created_at=parse_time(job.created_at),
        finished_at=finished_at,
        estimated_finish=parse_time(job.estimated_finish),
        result_files=tuple(job.result_files or ()),
    )


def guess_state(*, error: RemoteError | None, model: str | None, finished: bool) -> State:
    """The state behind a status that nobody knows: running, unless the job names its end in another way."""
    if model and not (error and finished):
        return "succeeded"
    return "failed" if finished else "running"


def get_creation(job: RemoteJob) -> datetime:
    """When a job was created; long ago where the server does not say."""
    return job.created_at or datetime.min.replace(tzinfo=UTC)


def collect_shutdown_dates(models: Iterable[Model]) -> dict[str, date]:
    known = ((model.id, parse_time(model.shutdown_date)) for model in models)
    return {name: end.date() for name, end in known if end}


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
        id=event.id, at=parse_time(event.created_at), level=event.level or "info", message=event.message or ""
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
        at=parse_time(checkpoint.created_at),
        metrics=curves.build_point({**metrics, "step": step}) or MetricPoint(step=step),
    )


def parse_time(value: object) -> datetime | None:
    """Unix seconds, as a number or a text, or an ISO date; zero and what no calendar holds are no time."""
    seconds = curves.to_number(value)
    try:
        if seconds is None and isinstance(value, str):
            moment = datetime.fromisoformat(value)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return datetime.fromtimestamp(seconds, tz=UTC) if seconds and seconds > 0 else None
    except (OverflowError, ValueError, OSError):
        return None


def to_count(value: object) -> int | None:
    """A whole number of 0 or more, also written as a float or a text."""
    number = curves.to_number(value)
    return int(number) if number is not None and 0 <= number < MAX_COUNT else None
