"""Read tables of runs and their calls."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql.dml import UpdateBase

from service.database.engine import metadata
from service.database.rows import fetch_all, fetch_column, fetch_dicts, fetch_value, find_one
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
from service.ledger.tables import contents
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
    sa.Index("ix_calls_run", "workspace_id", "run_id", "seq"),
    sa.Index("ix_calls_reuse", "workspace_id", "reuse", "seq", postgresql_where=sa.text("reuse is not null")),
)
END_STATUSES: dict[type[Event], str] = {RunSucceeded: "succeeded", RunFailed: "failed", RunCancelled: "cancelled"}
PROGRESS_EVENTS: tuple[type[Event], ...] = (RunAdvanced, *END_STATUSES)


def project_runs(log: EventBatch) -> Iterable[UpdateBase]:
    if log.has(RunRequested):
        yield from _insert_runs(log)
    if log.has(RunCancelRequested):
        wish = log.rows(RunCancelRequested)
        for table, more in ((runs, {}), (operations, {"updated_at": wish.c.recorded_at, "version": wish.c.version})):
            yield (
                sa.update(table)
                .where(table.c.workspace_id == wish.c.workspace_id, table.c.id == wish.c.stream_id)
                .values(cancel_requested=True, **more)
            )
    if log.has(*PROGRESS_EVENTS):
        yield from _update_progress(log)


def _insert_runs(log: EventBatch) -> Iterable[UpdateBase]:
    new = log.rows(RunRequested, kind=sa.Text, resource=sa.Text, total=sa.BigInteger, unit=sa.Text)
    here = {
        "workspace_id": new.c.workspace_id,
        "id": new.c.stream_id,
        "kind": new.c.kind,
        "state": sa.literal_column("'queued'"),
        "cancel_requested": sa.false(),
    }
    yield sa.insert(runs).from_select(list(here), sa.select(*here.values()))
    shown = here | {
        "done": sa.literal_column("0"),
        "total": new.c.total,
        "unit": new.c.unit,
        "resource": new.c.resource,
        "created_at": new.c.recorded_at,
        "created_by": new.c.actor,
        "updated_at": new.c.recorded_at,
        "version": new.c.version,
    }
    yield sa.insert(operations).from_select(list(shown), sa.select(*shown.values()))


def _update_progress(log: EventBatch) -> Iterable[UpdateBase]:
    move = log.rows(
        *PROGRESS_EVENTS, done=sa.BigInteger, total=sa.BigInteger, result=JSONB, code=sa.Text, detail=sa.Text
    )
    state = sa.case(
        *[(move.c.type == kind.__name__, word) for kind, word in END_STATUSES.items()],
        else_="running",
    )
    yield (
        sa.update(runs)
        .where(runs.c.workspace_id == move.c.workspace_id, runs.c.id == move.c.stream_id)
        .values(state=state)
    )
    ended = sa.or_(*[move.c.type == kind.__name__ for kind in END_STATUSES])
    error = sa.func.jsonb_build_object("code", move.c.code, "detail", move.c.detail)
    yield (
        sa.update(operations)
        .where(operations.c.workspace_id == move.c.workspace_id, operations.c.id == move.c.stream_id)
        .values(
            state=state,
            done=sa.func.coalesce(move.c.done, operations.c.done),
            total=sa.func.coalesce(move.c.total, operations.c.total),
            result=move.c.result,
            error=sa.case((move.c.type == RunFailed.__name__, error)),
            updated_at=move.c.recorded_at,
            finished_at=sa.case((ended, move.c.recorded_at)),
            version=move.c.version,
        )
    )


def project_calls(log: EventBatch) -> Iterable[UpdateBase]:
    if not log.has(CallAnswered, CallFailed):
        return
    end = log.rows(
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
    ).c
    served = {
        name: end.served[name].astext for name in ("connection_id", "provider_model", "model_id", "model_version")
    }
    same = "key run_id content finish_reason input_tokens output_tokens cost attempts repeats reuse recorded_at seq"
    values = {name: end[name] for name in ("workspace_id", *same.split())} | {
        "id": end.stream_id,
        "connection_id": sa.cast(served["connection_id"], sa.Uuid),
        "provider_model": served["provider_model"],
        "model_id": sa.cast(served["model_id"], sa.Uuid),
        "model_version": served["model_version"],
        "state": sa.case((end.type == CallAnswered.__name__, "answered"), else_="failed"),
        "subject": sa.func.coalesce(end.repeats, end.stream_id),
        "currency": sa.func.coalesce(end.currency, "USD"),
        "latency_ms": sa.func.coalesce(end.latency_ms, 0),
        "in_doubt": sa.func.coalesce(end.in_doubt, sa.false()),
        "error_code": end.code,
        "error_detail": end.detail,
    }
    yield sa.insert(calls).from_select(list(values), sa.select(*values.values()))


def select_open_runs() -> sa.Select[tuple[UUID, UUID]]:
    """Runs of all workspaces that have not ended."""
    return sa.select(runs.c.workspace_id, runs.c.id).where(sa.text(f"state in {OPEN_STATUSES}"))


async def is_cancel_requested(engine: AsyncEngine, workspace_id: UUID, run_id: UUID) -> bool:
    wished = sa.select(runs.c.cancel_requested).where(runs.c.workspace_id == workspace_id, runs.c.id == run_id)
    return bool(await fetch_value(engine, wished))


async def find_call(engine: AsyncEngine, workspace_id: UUID, call_id: UUID) -> Any:
    """The call with its text (`body`, null where it has none or it was erased), or None."""
    return await _fetch_one(engine, _with_text(workspace_id).where(calls.c.id == call_id))


async def list_ended_call_ids(engine: AsyncEngine, workspace_id: UUID, run_id: UUID) -> set[UUID]:
    query = sa.select(calls.c.id).where(calls.c.workspace_id == workspace_id, calls.c.run_id == run_id)
    return set(await fetch_column(engine, query))


async def find_reusable_answer(engine: AsyncEngine, workspace_id: UUID, reuse: str) -> Any:
    """The latest answer to it that is still there, or None."""
    query = (
        _with_text(workspace_id)
        .where(calls.c.reuse == reuse, calls.c.state == "answered", contents.c.body.is_not(None))
        .order_by(calls.c.seq.desc())
        .limit(1)
    )
    return await _fetch_one(engine, query)


async def list_calls(
    engine: AsyncEngine, workspace_id: UUID, run_id: UUID, *, state: str | None, after: int | None, limit: int
) -> Sequence[Any]:
    """The first that ended first, with their texts."""
    query = _with_text(workspace_id).where(calls.c.run_id == run_id).order_by(calls.c.seq).limit(limit)
    if state is not None:
        query = query.where(calls.c.state == state)
    if after is not None:
        query = query.where(calls.c.seq > after)
    return await fetch_all(engine, query)


async def sum_usage(engine: AsyncEngine, workspace_id: UUID, run_id: UUID) -> dict[str, Any]:
    """What a run has used: calls that were paid, repeated for free and failed, tokens, and cost where it is known."""
    paid = calls.c.repeats.is_(None)
    query = sa.select(
        sa.func.count().filter(paid, calls.c.state == "answered").label("answered"),
        sa.func.count().filter(~paid).label("reused"),
        sa.func.count().filter(calls.c.state == "failed").label("failed"),
        sa.cast(sa.func.coalesce(sa.func.sum(calls.c.input_tokens).filter(paid), 0), sa.BigInteger).label(
            "input_tokens"
        ),
        sa.cast(sa.func.coalesce(sa.func.sum(calls.c.output_tokens).filter(paid), 0), sa.BigInteger).label(
            "output_tokens"
        ),
        sa.func.sum(calls.c.cost).filter(paid).label("cost"),
        sa.func.count().filter(paid, calls.c.cost.is_(None)).label("calls_without_price"),
    ).where(calls.c.workspace_id == workspace_id, calls.c.run_id == run_id)
    [used] = await fetch_dicts(engine, query)
    return {**used, "cost": format_cost(used["cost"])}


def format_cost(amount: Decimal | None, currency: str = "USD") -> dict[str, str] | None:
    return None if amount is None else {"amount": format(amount.normalize(), "f"), "currency": currency}


def _with_text(workspace_id: UUID) -> sa.Select[Any]:
    kept = sa.and_(
        contents.c.workspace_id == calls.c.workspace_id,
        contents.c.subject == calls.c.subject,
        contents.c.digest == sa.func.decode(calls.c.content, "hex"),
    )
    query = sa.select(calls, contents.c.body).outerjoin_from(calls, contents, kept)
    return query.where(calls.c.workspace_id == workspace_id)


async def _fetch_one(engine: AsyncEngine, query: sa.Select[Any]) -> Any:
    return await find_one(engine, query)
