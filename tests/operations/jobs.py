"""A stream whose work takes long, for the tests of the operations it shows itself as."""

from collections.abc import Iterable
from typing import assert_never
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql.dml import UpdateBase

from service.ledger.decider import Decider, Event
from service.ledger.projections import EventBatch
from service.ledger.store import Caller, Ledger
from service.operations.projection import operations


class JobQueued(Event):
    total: int | None = None


class JobCounted(Event):
    done: int


class JobCancelRequested(Event):
    pass


class JobEnded(Event):
    state: str
    result: dict[str, int] | None = None
    error: dict[str, str] | None = None


JobEvent = JobQueued | JobCounted | JobCancelRequested | JobEnded


def evolve(state: str | None, event: JobEvent) -> str:
    match event:
        case JobQueued():
            return "queued"
        case JobCounted():
            return "running"
        case JobCancelRequested():
            return state or ""
        case JobEnded():
            return event.state
        case _:
            assert_never(event)


JOB: Decider[str, JobEvent] = Decider(
    "job", events=(JobQueued, JobCounted, JobCancelRequested, JobEnded), evolve=evolve
)


def project_jobs(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(JobQueued):
        new = log.rows(JobQueued, total=sa.BigInteger)
        columns: dict[str, sa.ColumnElement[object]] = {
            "workspace_id": new.c.workspace_id,
            "id": new.c.stream_id,
            "kind": sa.literal("job"),
            "state": sa.literal("queued"),
            "done": sa.literal(0),
            "total": new.c.total,
            "unit": sa.literal("rows"),
            "cancel_requested": sa.literal_column("false", sa.Boolean),
            "created_at": new.c.recorded_at,
            "created_by": new.c.actor,
            "updated_at": new.c.recorded_at,
            "version": new.c.version,
        }
        yield sa.insert(operations).from_select(list(columns), sa.select(*columns.values()))
    if log.has(JobCounted):
        at = log.rows(JobCounted, done=sa.BigInteger)
        yield _update(at).values(state="running", done=at.c.done, version=at.c.version)
    if log.has(JobCancelRequested):
        cancel_requests = log.rows(JobCancelRequested)
        yield _update(cancel_requests).values(cancel_requested=True, version=cancel_requests.c.version)
    if log.has(JobEnded):
        end = log.rows(JobEnded, state=sa.Text, result=JSONB, error=JSONB)
        yield _update(end).values(
            state=end.c.state,
            result=end.c.result,
            error=end.c.error,
            finished_at=end.c.recorded_at,
            version=end.c.version,
        )


def _update(rows: sa.Subquery) -> sa.Update:
    same = (operations.c.workspace_id == rows.c.workspace_id, operations.c.id == rows.c.stream_id)
    return sa.update(operations).where(*same).values(updated_at=rows.c.recorded_at)


def job_ledger(engine: AsyncEngine) -> Ledger:
    return Ledger(engine, {"job": [project_jobs]}, unique_fields={})


async def record(ledger: Ledger, caller: Caller, job_id: UUID, event: JobEvent) -> None:
    await ledger.change(JOB, job_id, lambda _: [event], caller=caller)


async def cancel_job(ledger: Ledger, caller: Caller, job_id: UUID) -> None:
    await record(job_ledger(ledger.engine), caller, job_id, JobCancelRequested())
