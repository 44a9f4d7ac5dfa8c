"""Fireworks' jobs, read leniently: any field may be absent, null or of another type. Pure."""

from contextlib import suppress
from decimal import Decimal
from typing import Any

import msgspec

from service.providers.abilities import News
from service.providers.curves import to_number
from service.providers.fireworks.fireworks_client import Status, read_status, read_text
from service.providers.openai.job_schemas import guess_state, parse_time, to_count
from service.providers.provider import FINISHED, RemoteError, RemoteEvent, RemoteJob, State

SUPERVISED = "supervisedFineTuningJobs"
COLLECTIONS = (SUPERVISED, "dpoJobs", "reinforcementFineTuningJobs")
NANOS = 1_000_000_000
PERCENT = 100
STATES: dict[str, State] = {
    "UNSPECIFIED": "pending",
    "CREATING": "pending",
    "PENDING": "pending",
    "VALIDATING": "validating",
    "CREATING_INPUT_DATASET": "validating",
    "RE_QUEUEING": "queued",
    "RUNNING": "running",
    "WRITING_RESULTS": "running",
    "IDLE": "running",
    "CANCELLING": "running",
    "PAUSED": "paused",
    "COMPLETED": "succeeded",
    "EARLY_STOPPED": "succeeded",
    "FAILED": "failed",
    "EXPIRED": "failed",
    "CANCELLED": "cancelled",
    "DELETING": "cancelled",
    "DELETING_CLEANING_UP": "cancelled",
    "DELETED": "cancelled",
}


class FireworksJob(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    name: str
    state: Any = None
    status: Any = None
    base_model: Any = None
    warm_start_from: Any = None
    output_model: Any = None
    job_progress: Any = None
    estimated_cost: Any = None
    training_config: Any = None
    create_time: Any = None
    update_time: Any = None
    completed_time: Any = None


def read_jobs(entries: list[dict[str, Any]]) -> list[FireworksJob]:
    """The jobs of a list. One odd job hides no other."""
    jobs: list[FireworksJob] = []
    for entry in entries:
        with suppress(msgspec.ValidationError, UnicodeError):  # a lone surrogate is no text
            jobs.append(msgspec.convert(entry, FireworksJob))
    return jobs


def split_job_id(job_id: str, *, home: str) -> tuple[tuple[str, ...], str]:
    """The collections that may have a job, and its id there.

    Ids are `abc` for a supervised job, `dpoJobs/abc` for another kind; whole names are accepted too.
    """
    collection, _, last = job_id.removeprefix(f"{home}/").rpartition("/")
    return (collection,) if collection in COLLECTIONS else COLLECTIONS if not collection else (), last


def convert_job(job: FireworksJob) -> RemoteJob:
    raw_status = read_text(job.state) or ""
    error = find_error(read_status(job.status))
    finished_at = parse_time(job.completed_time)
    model = read_model(job)
    state = STATES.get(raw_status.removeprefix("JOB_STATE_")) or guess_state(
        error=error, model=model if finished_at else None, finished=finished_at is not None
    )
    cost, currency = read_cost(job.estimated_cost)
    percent = read_percent(job.job_progress)
    config = job.training_config if isinstance(job.training_config, dict) else {}
    bases = (job.base_model, config.get("baseModel"), job.warm_start_from, config.get("warmStartFrom"))
    return RemoteJob(
        id=build_id(job.name),
        state=state,
        raw_status=raw_status,
        base_model=next(filter(None, map(read_text, bases)), ""),
        # The model is named when the job is made; it is there when the job has succeeded.
        model=model if state == "succeeded" else None,
        error=(error or RemoteError(message=f"The job ended as {raw_status}.")) if state == "failed" else None,
        finished_at=finished_at if state in FINISHED else None,
        created_at=parse_time(job.create_time),
        updated_at=parse_time(job.update_time),
        steps_done=percent,
        steps_total=None if percent is None else PERCENT,
        cost=cost,
        currency=currency,
    )


def build_id(name: str) -> str:
    collection, _, last = "/".join(name.rsplit("/", 2)[-2:]).partition("/")
    return last if collection == SUPERVISED else f"{collection}/{last}" if last else collection


def read_model(job: FireworksJob) -> str | None:
    """The tuned model's name. A job without one has its own id as its model's."""
    config = job.training_config if isinstance(job.training_config, dict) else {}
    named = read_text(job.output_model) or read_text(config.get("outputModel"))
    home, _, job_id = job.name.rpartition("/")
    home = home.rpartition("/")[0]
    model = named or job_id
    return model if "/" in model or not home else f"{home}/models/{model}"


def find_error(status: Status) -> RemoteError | None:
    message = read_text(status.message)
    return None if status.is_ok or not message else RemoteError(message=message, code=read_text(status.code))


def read_cost(money: Any) -> tuple[Decimal | None, str]:
    """google.type.Money: whole units as text, and billionths."""
    fields = money if isinstance(money, dict) else {}
    units, nanos = to_number(fields.get("units", 0)), to_number(fields.get("nanos", 0))
    if not fields or units is None or nanos is None or not 0 <= units < NANOS or not 0 <= nanos < NANOS:
        return None, "USD"
    return Decimal(int(units)) + Decimal(int(nanos)) / NANOS, read_text(fields.get("currencyCode")) or "USD"


def read_percent(progress: Any) -> int | None:
    percent = to_count(progress.get("percent")) if isinstance(progress, dict) else None
    return None if percent is None else min(percent, PERCENT)


def build_news(job: RemoteJob, *, cursor: str | None) -> News:
    """Fireworks keeps no log: each change of state or progress that is seen becomes a line of one."""
    line = job.raw_status if job.steps_done is None else f"{job.raw_status}, {job.steps_done}%"
    if line == cursor:
        return News(cursor=cursor)
    level = "error" if job.state == "failed" else "info"
    return News(cursor=line, events=(RemoteEvent(id=line, at=job.updated_at, level=level, message=line),))
