"""What a client may ask of a job that is under way: cancel, pause, resume."""

from msgspec.structs import replace

from service.sandbox.jobs.domain import ENDED, Change, Record, told
from service.sandbox.wire import Refusal


def cancelled(record: Record, *, stubborn: bool, now: float) -> Change:
    """Stop the job. A stubborn one says yes and goes on to succeed, as a job that was all but done may."""
    _still_open(record)
    if stubborn:
        due = now if record.due_at is None else record.due_at
        job = replace(record.job, status=record.resumes_to or record.job.status)
        return Change(
            record=replace(record, job=job, due_at=due, stubborn=True, resumes_to=None),
            events=(told("Cancellation requested", now),),
        )
    job = replace(record.job, status="cancelled", finished_at=int(now), estimated_finish=None)
    return Change(record=replace(record, job=job, due_at=None), events=(told("Fine-tuning job cancelled", now),))


def paused(record: Record, *, now: float) -> Change:
    _still_open(record)
    if record.job.status not in ("queued", "running"):
        raise Refusal(f"Cannot pause a job in state {record.job.status}: {record.job.id}", code="invalid_job_state")
    job = replace(record.job, status="paused", estimated_finish=None)
    return Change(
        record=replace(record, job=job, due_at=None, resumes_to=record.job.status),
        events=(told("Fine-tuning job paused", now),),
    )


def resumed(record: Record, *, now: float, pace: float) -> Change:
    if record.job.status != "paused":
        raise Refusal(f"Job is not paused: {record.job.id}", code="invalid_job_state")
    job = replace(record.job, status=record.resumes_to or "queued")
    return Change(
        record=replace(record, job=job, due_at=now + pace, resumes_to=None),
        events=(told("Fine-tuning job resumed", now),),
    )


def _still_open(record: Record) -> None:
    if record.job.status in ENDED:
        raise Refusal(f"Job has already completed: {record.job.id}", code="invalid_job_state")
