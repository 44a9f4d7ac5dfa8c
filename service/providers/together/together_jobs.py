"""Together's jobs, read leniently: any field may be absent, null or of another type. Pure."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from service.providers.curves import to_number
from service.providers.openai.job_schemas import decode, parse_time, to_count
from service.providers.provider import FINISHED, RemoteError, RemoteJob, State
from service.providers.together.together_order import shorten_token

NANODOLLARS = 1_000_000_000
MAX_SECONDS = 100_000_000
STATUS: dict[str, State] = {
    "pending": "pending",
    "queued": "queued",
    "running": "running",
    "compressing": "running",
    "uploading": "running",
    "cancel_requested": "running",
    "completed": "succeeded",
    "error": "failed",
    "user_error": "failed",
    "cancelled": "cancelled",
    "canceled": "cancelled",
}
# A status that nobody knows yet may still be a last one: then the log ends with one of these.
LAST_EVENTS: dict[str, State] = {
    "job_complete": "succeeded",
    "job_error": "failed",
    "job_user_error": "failed",
    "job_stopped": "cancelled",
}


class TogetherJob(msgspec.Struct, frozen=True, kw_only=True):
    """The full job, and the shorter one of lists."""

    id: str
    status: Any = None
    model: Any = None
    model_output_name: Any = None
    model_object_id: Any = None
    adapter_object_id: Any = None
    suffix: Any = None
    token_count: Any = None
    total_price: Any = None
    total_steps: Any = None
    steps_completed: Any = None
    training_type: Any = None
    progress: Any = None
    events: Any = None
    created_at: Any = None
    updated_at: Any = None


class JobList(msgspec.Struct, frozen=True, kw_only=True):
    data: list[Any] | None = None


def read_job(content: bytes) -> TogetherJob:
    return decode(content, TogetherJob)


def read_jobs(content: bytes) -> tuple[list[TogetherJob], bool]:
    """The jobs of a list, and whether all of its entries could be read. One odd job hides no other."""
    entries = decode(content, JobList).data or []
    jobs = [job for entry in entries if (job := _read_entry(entry)) is not None]
    return jobs, len(jobs) == len(entries)


def _read_entry(entry: Any) -> TogetherJob | None:
    try:
        return msgspec.convert(entry, TogetherJob, strict=False)
    except (msgspec.ValidationError, UnicodeError):  # a lone surrogate is no text
        return None


def select_by_token(jobs: list[TogetherJob], token: str) -> list[TogetherJob]:
    """Those that were submitted with the token, by their suffix, else by the name of their model."""
    short = shorten_token(token)

    def has_token(job: TogetherJob) -> bool:
        return any(short in name.lower() for name in (job.suffix, job.model_output_name) if isinstance(name, str))

    return [job for job in jobs if has_token(job)]


def convert_job(job: TogetherJob) -> RemoteJob:
    raw_status = read_text(job.status) or ""
    state = STATUS.get(raw_status.lower()) or find_last_state(job.events) or "running"
    price = to_count(job.total_price)
    updated_at = parse_time(job.updated_at)
    return RemoteJob(
        id=job.id,
        state=state,
        raw_status=raw_status,
        base_model=read_text(job.model) or "",
        # Together names the model when it takes the job; it is there when the job has succeeded.
        model=read_text(job.model_output_name) if state == "succeeded" else None,
        trained_tokens=to_count(job.token_count),
        error=find_error(job.events) if state == "failed" else None,
        finished_at=updated_at if state in FINISHED else None,
        estimated_finish=None if state in FINISHED else estimate_finish(job, updated_at),
        created_at=parse_time(job.created_at),
        updated_at=updated_at,
        steps_done=to_count(job.steps_completed),
        steps_total=to_count(job.total_steps),
        cost=None if price is None or state not in FINISHED else Decimal(price) / NANODOLLARS,
    )


def find_last_state(events: Any) -> State | None:
    """The state that the log ends with, for a status that is not known."""
    found = [state for event in list_objects(events) if (state := LAST_EVENTS.get(read_type(event)))]
    return found[-1] if found else None


def find_error(events: Any) -> RemoteError | None:
    """Why a job failed. A job has no field for it: it is the last line of its log that is an error."""
    lines = [event for event in list_objects(events) if is_error(event) and read_text(event.get("message"))]
    if not lines:
        return None
    return RemoteError(message=str(lines[-1]["message"]), code=read_type(lines[-1]) or None)


def is_error(event: dict[str, Any]) -> bool:
    return "error" in read_type(event) or "error" in (read_text(event.get("level")) or "").lower()


def read_type(event: dict[str, Any]) -> str:
    """The event's type in lowercase: Together's SDK has both spellings."""
    return (read_text(event.get("type")) or "").lower()


def estimate_finish(job: TogetherJob, updated_at: datetime | None) -> datetime | None:
    """When it will end. Counted from its last change, so that the same answer gives the same time."""
    progress = job.progress if isinstance(job.progress, dict) else {}
    seconds = to_number(progress.get("seconds_remaining"))
    if not progress.get("estimate_available") or updated_at is None or not seconds or not 0 < seconds < MAX_SECONDS:
        return None
    try:
        return updated_at + timedelta(seconds=seconds)
    except OverflowError:
        return None


def list_objects(values: Any) -> list[dict[str, Any]]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def read_text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
