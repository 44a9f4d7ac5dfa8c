"""Vertex's tuning jobs, read leniently: any field may be absent, null or of another type. Pure."""

from typing import Any

import msgspec

from service.providers.curves import MAX_STEP, to_number
from service.providers.openai.job_schemas import guess_state, parse_time, to_count
from service.providers.provider import FINISHED, MetricPoint, RemoteError, RemoteJob, State, TuneCheckpoint
from service.providers.vertex.vertex_errors import name_code
from service.providers.vertex.vertex_order import LABEL

STATUS: dict[str, State] = {
    "JOB_STATE_UNSPECIFIED": "pending",
    "JOB_STATE_PENDING": "pending",
    "JOB_STATE_QUEUED": "queued",
    "JOB_STATE_RUNNING": "running",
    "JOB_STATE_UPDATING": "running",
    "JOB_STATE_CANCELLING": "running",
    "JOB_STATE_PAUSED": "paused",
    "JOB_STATE_SUCCEEDED": "succeeded",
    "JOB_STATE_PARTIALLY_SUCCEEDED": "succeeded",
    "JOB_STATE_FAILED": "failed",
    "JOB_STATE_EXPIRED": "failed",
    "JOB_STATE_CANCELLED": "cancelled",
}
# What a job that is pending or running does, where Vertex says so.
PHASES: dict[str, State] = {
    "TUNING_JOB_STATE_WAITING_FOR_QUOTA": "queued",
    "TUNING_JOB_STATE_WAITING_FOR_CAPACITY": "queued",
    "TUNING_JOB_STATE_PROCESSING_DATASET": "validating",
    "TUNING_JOB_STATE_TUNING": "running",
    "TUNING_JOB_STATE_POST_PROCESSING": "running",
}
REFINED = frozenset({"JOB_STATE_PENDING", "JOB_STATE_QUEUED", "JOB_STATE_RUNNING"})
Item = dict[str, Any]


class VertexJob(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    name: str
    state: Any = None
    tuning_job_state: Any = None
    base_model: Any = None
    pre_tuned_model: Any = None
    tuned_model: Any = None
    tuning_data_stats: Any = None
    tuning_job_metadata: Any = None
    labels: Any = None
    error: Any = None
    create_time: Any = None
    end_time: Any = None
    update_time: Any = None

    @property
    def id(self) -> str:
        return self.name.rpartition("/")[2]


class JobPage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    tuning_jobs: list[Any] | None = None
    next_page_token: str | None = None


def read_page(page: JobPage) -> tuple[list[VertexJob], bool]:
    """The jobs of a page, and whether all of its entries could be read. One odd job hides no other."""
    entries = page.tuning_jobs or []
    jobs = [job for entry in entries if (job := _read_entry(entry)) is not None]
    return jobs, len(jobs) == len(entries)


def _read_entry(entry: Any) -> VertexJob | None:
    try:
        return msgspec.convert(entry, VertexJob, strict=False)
    except msgspec.ValidationError:
        return None


def has_label(job: VertexJob, label: str) -> bool:
    return to_object(job.labels).get(LABEL) == label


def convert_job(job: VertexJob) -> RemoteJob:
    tuned, stats, done = to_object(job.tuned_model), find_stats(job), to_object(job.tuning_job_metadata)
    ended, error = parse_time(job.end_time), convert_error(job.error)
    model = read_text(tuned.get("endpoint")) or read_text(tuned.get("model"))
    raw_status = read_text(job.state) or ""
    # Vertex deploys a model while its job still runs: it counts when the job has ended.
    state = STATUS.get(raw_status) or guess_state(
        error=error, model=model if ended else None, finished=ended is not None
    )
    if raw_status in REFINED:
        state = PHASES.get(str(job.tuning_job_state), state)
    return RemoteJob(
        id=job.id,
        state=state,
        raw_status=raw_status,
        base_model=read_text(job.base_model) or read_text(to_object(job.pre_tuned_model).get("baseModel")) or "",
        model=model if state == "succeeded" else None,
        trained_tokens=to_count(stats.get("totalBillableTokenCount")),
        error=error or name_end(raw_status) if state == "failed" else None,
        created_at=parse_time(job.create_time),
        finished_at=ended if state in FINISHED else None,
        updated_at=parse_time(job.update_time),
        steps_done=to_count(done.get("completedStepCount")),
        steps_total=to_count(stats.get("tuningStepCount")),
    )


def find_stats(job: VertexJob) -> Item:
    """The numbers of the method that was used."""
    return next((to_object(stats) for stats in to_object(job.tuning_data_stats).values() if to_object(stats)), {})


def convert_error(error: Any) -> RemoteError | None:
    message, code = read_text(to_object(error).get("message")), name_code(to_object(error).get("code"))
    return RemoteError(message=message or code or "", code=code) if message or code not in {None, "OK"} else None


def name_end(raw_status: str) -> RemoteError:
    """Why a job failed that has no error, such as one that expired."""
    return RemoteError(message=f"The job ended as {raw_status}.", code=raw_status)


def list_checkpoints(job: VertexJob) -> tuple[TuneCheckpoint, ...]:
    """The checkpoints that can be run, each by its own endpoint."""
    entries = to_object(job.tuned_model).get("checkpoints")
    found: list[TuneCheckpoint] = []
    for entry in map(to_object, entries if isinstance(entries, list) else ()):
        step = to_number(entry.get("step"))
        if step is None or not 0 <= step <= MAX_STEP:
            continue
        found.append(
            TuneCheckpoint(
                id=f"{job.id}:{entry.get('checkpointId') or int(step)}",
                step=int(step),
                model=read_text(entry.get("endpoint")) or "",
                at=None,
                metrics=MetricPoint(step=int(step)),
            )
        )
    return tuple(sorted(found, key=lambda each: each.step))


def to_object(value: Any) -> Item:
    return value if isinstance(value, dict) else {}


def read_text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
