"""Read tunes, for routes and workers."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, fetch_value
from service.errors import NotFound
from service.ledger.tables import leases
from service.providers.provider import State
from service.tunes.events import SentFile
from service.tunes.projection import tune_checkpoints, tune_events, tune_metrics, tunes

# The kinds of lease under which workers send and follow tunes.
DISPATCH, POLL = "dispatch", "poll"


class TuneFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which tunes to list. None means any."""

    state: State | None = None
    dataset_id: UUID | None = None
    sweep_id: UUID | None = None
    model: str | None = None


async def get_tune(engine: AsyncEngine, workspace_id: UUID, tune_id: UUID) -> Any:
    """Get one tune. Raises NotFound."""
    rows = await fetch_all(engine, _select_tunes(workspace_id).where(tunes.c.id == tune_id))
    if not rows:
        raise NotFound(f"No such tune: {tune_id}.")
    return rows[0]


async def list_tunes(
    engine: AsyncEngine, workspace_id: UUID, filters: TuneFilter, *, before: UUID | None, limit: int
) -> Sequence[Any]:
    """List tunes, the newest first, starting before the id `before`."""
    query = _select_tunes(workspace_id).order_by(tunes.c.id.desc()).limit(limit)
    for name in filters.__struct_fields__:
        if (value := getattr(filters, name)) is not None:
            query = query.where(tunes.c[name] == value)
    return await fetch_all(engine, query if before is None else query.where(tunes.c.id < before))


async def list_sweep(engine: AsyncEngine, workspace_id: UUID, sweep_id: UUID) -> Sequence[Any]:
    """List a sweep's tunes, the oldest first. Raises NotFound when there are none."""
    rows = await fetch_all(engine, _select_tunes(workspace_id).where(tunes.c.sweep_id == sweep_id).order_by(tunes.c.id))
    if not rows:
        raise NotFound(f"No such sweep: {sweep_id}.")
    return rows


async def list_events(
    engine: AsyncEngine, workspace_id: UUID, tune_id: UUID, *, after: tuple[int, int] | None, limit: int
) -> Sequence[Any]:
    """List a job's log lines, the oldest first."""
    sort_key = sa.tuple_(tune_events.c.seq, tune_events.c.position)
    query = _select_of_tune(tune_events, workspace_id, tune_id).order_by(*sort_key.clauses).limit(limit)
    return await fetch_all(engine, query if after is None else query.where(sort_key > after))


async def list_metrics(
    engine: AsyncEngine, workspace_id: UUID, tune_id: UUID, *, after: int | None, limit: int
) -> Sequence[Any]:
    query = _select_of_tune(tune_metrics, workspace_id, tune_id).order_by(tune_metrics.c.step).limit(limit)
    return await fetch_all(engine, query if after is None else query.where(tune_metrics.c.step > after))


async def list_checkpoints(
    engine: AsyncEngine, workspace_id: UUID, tune_id: UUID, *, after: tuple[int, str] | None, limit: int
) -> Sequence[Any]:
    sort_key = sa.tuple_(tune_checkpoints.c.step, tune_checkpoints.c.id)
    query = _select_of_tune(tune_checkpoints, workspace_id, tune_id).order_by(*sort_key.clauses).limit(limit)
    return await fetch_all(engine, query if after is None else query.where(sort_key > after))


async def is_connection_in_use(engine: AsyncEngine, workspace_id: UUID, connection_id: UUID) -> bool:
    """Whether a tune that has not ended runs on this connection."""
    running = sa.exists().where(
        tunes.c.workspace_id == workspace_id, tunes.c.connection_id == connection_id, tunes.c.finished_at.is_(None)
    )
    return bool(await fetch_value(engine, sa.select(running)))


async def find_sent_files(
    engine: AsyncEngine, workspace_id: UUID, sweep_id: UUID, connection_id: UUID
) -> tuple[SentFile, SentFile | None] | None:
    """Find files that another tune of the sweep has uploaded through this connection. Their content is the same."""
    query = (
        sa.select(tunes.c.training_file, tunes.c.validation_file)
        .where(tunes.c.workspace_id == workspace_id, tunes.c.sweep_id == sweep_id)
        .where(tunes.c.connection_id == connection_id, tunes.c.training_file.is_not(None))
        .order_by(tunes.c.id.desc())
        .limit(1)
    )
    rows = await fetch_all(engine, query)
    return msgspec.convert(tuple(rows[0]), tuple[SentFile, SentFile | None]) if rows else None


async def list_seconds_per_token(engine: AsyncEngine, workspace_id: UUID, kind: str, base_model: str) -> list[float]:
    """How long the workspace's last tunes of this model took for a token, from their sending to their end."""
    seconds = sa.extract("epoch", tunes.c.finished_at - tunes.c.submitted_at)
    query = (
        sa.select(seconds / tunes.c.trained_tokens)
        .where(tunes.c.workspace_id == workspace_id, tunes.c.connection_kind == kind)
        .where(tunes.c.base_model == base_model, tunes.c.state == "succeeded", tunes.c.trained_tokens > 0)
        .order_by(tunes.c.id.desc())
        .limit(20)
    )
    return [float(row[0]) for row in await fetch_all(engine, query)]


def select_to_dispatch() -> sa.Select[tuple[UUID, UUID]]:
    """Select tunes of all workspaces without a job, or with a job to cancel."""
    is_due = sa.or_(tunes.c.job_id.is_(None), tunes.c.cancel == sa.literal_column("'requested'"))
    return sa.select(tunes.c.workspace_id, tunes.c.id).where(tunes.c.finished_at.is_(None), is_due)


def select_to_poll() -> sa.Select[tuple[UUID, UUID]]:
    """Select tunes of all workspaces with a running job."""
    running = (tunes.c.finished_at.is_(None), tunes.c.job_id.is_not(None))
    return sa.select(tunes.c.workspace_id, tunes.c.id).where(*running)


def _select_tunes(workspace_id: UUID) -> sa.Select[Any]:
    """Select tunes, each with the error of the last failed attempt to reach its provider, unless it has ended."""
    trouble = (
        sa.select(sa.func.max(leases.c.last_error))
        .where(leases.c.workspace_id == tunes.c.workspace_id, leases.c.id == tunes.c.id)
        .where(leases.c.kind.in_([DISPATCH, POLL]), tunes.c.finished_at.is_(None))
        .scalar_subquery()
    )
    return sa.select(tunes, trouble.label("trouble")).where(tunes.c.workspace_id == workspace_id)


def _select_of_tune(table: sa.Table, workspace_id: UUID, tune_id: UUID) -> sa.Select[Any]:
    return sa.select(table).where(table.c.workspace_id == workspace_id, table.c.tune_id == tune_id)
