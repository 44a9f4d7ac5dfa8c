"""Decide a client's requests on a running job: cancel, pause, resume."""

from msgspec.structs import replace

from service.sandbox.jobs.domain import END_STATUSES, Change, Record, build_event
from service.sandbox.wire import Refusal


def cancel(record: Record, *, ignores_cancel: bool, now: float) -> Change:
    """Cancel the job. With `ignores_cancel` it accepts, but succeeds anyway, as a nearly finished job may."""
    _require_open(record)
    if ignores_cancel:
        due = now if record.due_at is None else record.due_at
        job = replace(record.job, status=record.resumes_to or record.job.status)
        return Change(
            record=replace(record, job=job, due_at=due, stubborn=True, resumes_to=None),
            events=(build_event("Cancellation requested", now),),
        )
    job = replace(record.job, status="cancelled", finished_at=int(now), estimated_finish=None)
    return Change(record=replace(record, job=job, due_at=None), events=(build_event("Fine-tuning job cancelled", now),))


def pause(record: Record, *, now: float) -> Change:
    _require_open(record)
    if record.job.status not in ("queued", "running"):
        raise Refusal(f"Cannot pause a job in state {record.job.status}: {record.job.id}", code="invalid_job_state")
    job = replace(record.job, status="paused", estimated_finish=None)
    return Change(
        record=replace(record, job=job, due_at=None, resumes_to=record.job.status),
        events=(build_event("Fine-tuning job paused", now),),
    )


def resume(record: Record, *, now: float, pace: float) -> Change:
    if record.job.status != "paused":
        raise Refusal(f"Job is not paused: {record.job.id}", code="invalid_job_state")
    job = replace(record.job, status=record.resumes_to or "queued")
    return Change(
        record=replace(record, job=job, due_at=now + pace, resumes_to=None),
        events=(build_event("Fine-tuning job resumed", now),),
    )


def _require_open(record: Record) -> None:
    if record.job.status in END_STATUSES:
        raise Refusal(f"Job has already completed: {record.job.id}", code="invalid_job_state")
