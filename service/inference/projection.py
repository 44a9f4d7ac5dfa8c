"""Read tables: `runs`, with their row in `operations`, and `calls`."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import metadata
from service.inference.domain import (
    OPEN_STATUSES,
    CallAnswered,
    CallFailed,
    RunAdvanced,
    RunCancelled,
    RunCancelRequested,
    RunFailed,
    RunRequested,
    RunSucceeded,
)
from service.ledger.decider import Event
from service.ledger.projections import EventBatch
from service.operations.projection import operations

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("cancel_requested", sa.Boolean, nullable=False),
    sa.Index("ix_runs_open", "workspace_id", "id", postgresql_where=sa.text(f"state in {OPEN_STATUSES}")),
)
calls = sa.Table(
    "calls",
    metadata,
    sa.Column("workspace_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("run_id", sa.Uuid, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("connection_id", sa.Uuid, nullable=False),
    sa.Column("provider_model", sa.Text, nullable=False),
    sa.Column("model_id", sa.Uuid),
    sa.Column("model_version", sa.Text),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("subject", sa.Uuid, nullable=False),
    sa.Column("content", sa.Text),
    sa.Column("finish_reason", sa.Text),
    sa.Column("input_tokens", sa.BigInteger),
    sa.Column("output_tokens", sa.BigInteger),
    sa.Column("cost", sa.Numeric),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("latency_ms", sa.BigInteger, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("in_doubt", sa.Boolean, nullable=False),
    sa.Column("repeats", sa.Uuid),
    sa.Column("reuse", sa.Text),
    sa.Column("error_code", sa.Text),
    sa.Column("error_detail", sa.Text),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("cached_tokens", sa.BigInteger),
    sa.Column("reasoning_tokens", sa.BigInteger),
    sa.Column("provider_code", sa.Text),
    sa.Column("provider_request_id", sa.Text),
    sa.Index("ix_calls_run", "workspace_id", "run_id", "seq"),
    sa.Index("ix_calls_reuse", "workspace_id", "reuse", "seq", postgresql_where=sa.text("reuse is not null")),
)
COPIED_COLUMNS = (
    *("workspace_id", "key", "run_id", "content", "finish_reason", "input_tokens", "output_tokens", "cached_tokens"),
    *("reasoning_tokens", "cost", "attempts", "repeats", "reuse", "recorded_at", "seq", "provider_code"),
    "provider_request_id",
)
END_STATUSES: dict[type[Event], str] = {RunSucceeded: "succeeded", RunFailed: "failed", RunCancelled: "cancelled"}
PROGRESS_EVENTS: tuple[type[Event], ...] = (RunAdvanced, *END_STATUSES)


def project_runs(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(RunRequested):
        yield from _insert_runs(log)
    if log.has(RunCancelRequested):
        yield from _mark_cancel_requested(log)
    if log.has(*PROGRESS_EVENTS):
        yield from _update_progress(log)


def _mark_cancel_requested(log: EventBatch) -> Iterable[UpdateBase]:
    requests = log.rows(RunCancelRequested).c
    for table, more in ((runs, {}), (operations, {"updated_at": requests.recorded_at, "version": requests.version})):
        yield (
            sa.update(table)
            .where(table.c.workspace_id == requests.workspace_id, table.c.id == requests.stream_id)
            .values(cancel_requested=True, **more)
        )


def _insert_runs(log: EventBatch) -> Iterable[UpdateBase]:
    requests = log.rows(RunRequested, kind=sa.Text, resource=sa.Text, total=sa.BigInteger, unit=sa.Text)
    run = {
        "workspace_id": requests.c.workspace_id,
        "id": requests.c.stream_id,
        "kind": requests.c.kind,
        "state": sa.literal_column("'queued'"),
        "cancel_requested": sa.false(),
    }
    yield sa.insert(runs).from_select(list(run), sa.select(*run.values()))
    operation = run | {
        "done": sa.literal_column("0"),
        "total": requests.c.total,
        "unit": requests.c.unit,
        "resource": requests.c.resource,
        "created_at": requests.c.recorded_at,
        "created_by": requests.c.actor,
        "updated_at": requests.c.recorded_at,
        "version": requests.c.version,
    }
    yield sa.insert(operations).from_select(list(operation), sa.select(*operation.values()))


def _update_progress(log: EventBatch) -> Iterable[UpdateBase]:
    changes = log.rows(
        *PROGRESS_EVENTS, done=sa.BigInteger, total=sa.BigInteger, result=JSONB, code=sa.Text, detail=sa.Text
    )
    state = sa.case(
        *[(changes.c.type == event.__name__, status) for event, status in END_STATUSES.items()],
        else_="running",
    )
    yield (
        sa.update(runs)
        .where(runs.c.workspace_id == changes.c.workspace_id, runs.c.id == changes.c.stream_id)
        .values(state=state)
    )
    ended = sa.or_(*[changes.c.type == event.__name__ for event in END_STATUSES])
    error = sa.func.jsonb_build_object("code", changes.c.code, "detail", changes.c.detail)
    yield (
        sa.update(operations)
        .where(operations.c.workspace_id == changes.c.workspace_id, operations.c.id == changes.c.stream_id)
        .values(
            state=state,
            done=sa.func.coalesce(changes.c.done, operations.c.done),
            total=sa.func.coalesce(changes.c.total, operations.c.total),
            result=changes.c.result,
            error=sa.case((changes.c.type == RunFailed.__name__, error)),
            updated_at=changes.c.recorded_at,
            finished_at=sa.case((ended, changes.c.recorded_at)),
            version=changes.c.version,
        )
    )


def project_calls(log: EventBatch) -> Iterable[UpdateBase]:
    if not log.has(CallAnswered, CallFailed):
        return
    ended = log.rows(
        CallAnswered,
        CallFailed,
        run_id=sa.Uuid,
        key=sa.Text,
        served=JSONB,
        content=sa.Text,
        attempts=sa.Integer,
        latency_ms=sa.BigInteger,
        finish_reason=sa.Text,
        input_tokens=sa.BigInteger,
        output_tokens=sa.BigInteger,
        cost=sa.Numeric,
        currency=sa.Text,
        reuse=sa.Text,
        repeats=sa.Uuid,
        in_doubt=sa.Boolean,
        code=sa.Text,
        detail=sa.Text,
        cached_tokens=sa.BigInteger,
        reasoning_tokens=sa.BigInteger,
        provider_code=sa.Text,
        provider_request_id=sa.Text,
    ).c
    served = {
        name: ended.served[name].astext for name in ("connection_id", "provider_model", "model_id", "model_version")
    }
    values = {name: ended[name] for name in COPIED_COLUMNS} | {
        "id": ended.stream_id,
        "connection_id": sa.cast(served["connection_id"], sa.Uuid),
        "provider_model": served["provider_model"],
        "model_id": sa.cast(served["model_id"], sa.Uuid),
        "model_version": served["model_version"],
        "state": sa.case((ended.type == CallAnswered.__name__, "answered"), else_="failed"),
        "subject": sa.func.coalesce(ended.repeats, ended.stream_id),
        "currency": sa.func.coalesce(ended.currency, "USD"),
        "latency_ms": sa.func.coalesce(ended.latency_ms, 0),
        "in_doubt": sa.func.coalesce(ended.in_doubt, sa.false()),
        "error_code": ended.code,
        "error_detail": ended.detail,
    }
    yield sa.insert(calls).from_select(list(values), sa.select(*values.values()))
