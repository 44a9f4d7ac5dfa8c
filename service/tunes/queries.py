"""Read tunes, for routes and workers."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine

from service.connections.queries import is_elsewhere
from service.database.rows import fetch_all, fetch_value
from service.errors import NotFound
from service.ledger.tables import leases
from service.providers.abilities import News
from service.providers.kinds import REPORTED_KINDS
from service.providers.provider import MetricPoint
from service.tunes.events import TuneStatus
from service.tunes.progress.decisions import FollowedTune, KnownDetails
from service.tunes.projection import tune_checkpoints, tune_events, tune_metrics, tunes
from service.tunes.tune_files import SentFile

# The kinds of lease under which workers send tunes, and follow the jobs of a connection.
DISPATCH, POLL = "dispatch", "poll"
# After an end, a cancelled job may still succeed, and details may be missing.
LATE = timedelta(minutes=10)
_IS_LATE = sa.and_(
    tunes.c.finished_at > sa.func.clock_timestamp() - LATE,
    sa.or_(tunes.c.missing, tunes.c.state == sa.literal_column("'cancelled'")),
)
_IS_FOLLOWED = (
    tunes.c.job_id.is_not(None),
    tunes.c.connection_kind.not_in([sa.literal_column(f"'{kind}'") for kind in sorted(REPORTED_KINDS)]),
    sa.or_(tunes.c.finished_at.is_(None), _IS_LATE),
)
# Of the context above this one, which gives a succeeded tune its version.
versions = sa.table("model_versions", *[sa.column(name) for name in ("workspace_id", "tune_id", "model_id", "name")])
Until = Literal["ended", "registered"]
WAIT_SECONDS = 0.25
FOLLOWED = FollowedTune.__struct_fields__
FILES = ("training_file", "validation_file")
DETAILS = {"events": tune_events, "checkpoints": tune_checkpoints}


class TuneFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which tunes to list. None means any."""

    state: TuneStatus | None = None
    dataset_id: UUID | None = None
    sweep_id: UUID | None = None
    model: str | None = None


async def get_tune(engine: AsyncEngine, workspace_id: UUID, tune_id: UUID) -> Any:
    """Get one tune. Raises NotFound."""
    rows = await fetch_all(engine, _select_tunes(workspace_id).where(tunes.c.id == tune_id))
    if not rows:
        raise NotFound(f"No such tune: {tune_id}.")
    return rows[0]


async def wait_for_tune(engine: AsyncEngine, workspace_id: UUID, tune_id: UUID, *, until: Until, wait: float) -> Any:
    """Get a tune once it is so far, or after `wait` seconds. Raises NotFound."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + wait
    while True:
        row = await get_tune(engine, workspace_id, tune_id)
        seconds_left = ends - loop.time()
        if is_reached(row, until) or seconds_left <= 0:
            return row
        await asyncio.sleep(min(WAIT_SECONDS, seconds_left))


def is_reached(tune: Any, until: Until) -> bool:
    """Whether the tune has ended, and is registered where it will be."""
    if tune.finished_at is None:
        return False
    will_register = until == "registered" and tune.state == "succeeded" and tune.model is not None
    return not will_register or tune.model_version is not None


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


async def list_by_ids(engine: AsyncEngine, workspace_id: UUID, tune_ids: Sequence[UUID]) -> Sequence[Any]:
    return await fetch_all(engine, _select_tunes(workspace_id).where(tunes.c.id.in_(tune_ids))) if tune_ids else []


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


async def is_awaited(engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID) -> bool:
    """Whether a tune of this dataset has not ended, so that it may need files at its provider."""
    unfinished = sa.exists().where(
        tunes.c.workspace_id == workspace_id,
        tunes.c.dataset_id == dataset_id,
        tunes.c.finished_at.is_(None),
    )
    return bool(await fetch_value(engine, sa.select(unfinished)))


async def find_sent_files(
    engine: AsyncEngine, workspace_id: UUID, sweep_id: UUID, connection_id: UUID
) -> tuple[SentFile, SentFile | None] | None:
    """Find files that another tune of the sweep has uploaded through this connection. Their content is the same."""
    query = (
        sa.select(tunes.c.training_file, tunes.c.validation_file)
        .where(tunes.c.workspace_id == workspace_id, tunes.c.sweep_id == sweep_id)
        .where(tunes.c.connection_id == connection_id, tunes.c.training_file.is_not(None))
        .where(~tunes.c.files_deleted)
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


async def list_followed(engine: AsyncEngine, workspace_id: UUID, connection_id: UUID) -> Sequence[FollowedTune]:
    """List the tunes whose jobs at this connection are followed."""
    columns = [tunes.c.recorded_trouble.label("trouble") if name == "trouble" else tunes.c[name] for name in FOLLOWED]
    query = sa.select(*columns).where(
        tunes.c.workspace_id == workspace_id, tunes.c.connection_id == connection_id, *_IS_FOLLOWED
    )
    return [FollowedTune(**row._mapping) for row in await fetch_all(engine, query)]  # noqa: SLF001 - public in spite of its name


async def load_known(engine: AsyncEngine, workspace_id: UUID, news: Mapping[UUID, News]) -> dict[UUID, KnownDetails]:
    """Load which of the news of these tunes are recorded already."""
    ids = {name: [(tune, each.id) for tune, told in news.items() for each in getattr(told, name)] for name in DETAILS}
    known = {name: await _find_ids(engine, workspace_id, table, ids[name]) for name, table in DETAILS.items()}
    points = await _load_points(
        engine, workspace_id, [(tune, point.step) for tune, told in news.items() for point in told.metrics]
    )
    return {
        tune: KnownDetails(
            **{name: frozenset(found.get(tune, ())) for name, found in known.items()}, points=points.get(tune, {})
        )
        for tune in news
    }


def select_to_dispatch(label: str) -> sa.Select[tuple[UUID, UUID]]:
    """Select tunes of all workspaces without a job, with one to cancel, pause or resume, or one that may have a twin.

    `label`: this machine's. Tunes of connections that are looked after on another one are left out here and below.
    """
    needs_attention: sa.ColumnElement[str] = sa.literal_column("'needs_attention'")
    to_send = sa.and_(tunes.c.finished_at.is_(None), tunes.c.job_id.is_(None), tunes.c.state != needs_attention)
    to_cancel = sa.and_(tunes.c.finished_at.is_(None), tunes.c.cancel == sa.literal_column("'requested'"))
    to_pause = sa.and_(tunes.c.finished_at.is_(None), tunes.c.pause_request.is_not(None))
    to_confirm = sa.and_(tunes.c.unconfirmed, tunes.c.job_id.is_not(None))
    return sa.select(tunes.c.workspace_id, tunes.c.id).where(
        sa.or_(to_send, to_cancel, to_pause, to_confirm), _is_here(label)
    )


def select_unneeded_files(hours: float, label: str) -> sa.Select[tuple[UUID, UUID]]:
    """Select tunes that ended so many hours ago, and whose files no unfinished tune has, or will find at its start."""
    other = tunes.alias("other")
    # Two connections may be of one account, which has a file of the same content only once.
    same_file = sa.or_(*[other.c[name]["file_id"] == tunes.c[name]["file_id"] for name in FILES])
    same_rows = sa.or_(other.c.dataset_id == tunes.c.dataset_id, other.c.dataset_digest == tunes.c.dataset_digest)
    in_use = sa.exists().where(
        other.c.connection_kind == tunes.c.connection_kind,
        other.c.finished_at.is_(None),
        sa.or_(same_file, sa.and_(same_rows, other.c.training_file.is_(None))),
    )
    ended_before = sa.func.clock_timestamp() - timedelta(hours=hours)
    return sa.select(tunes.c.workspace_id, tunes.c.id).where(
        tunes.c.finished_at < ended_before,
        tunes.c.training_file.is_not(None),
        ~tunes.c.files_deleted,
        ~in_use,
        _is_here(label),
    )


def select_to_poll(label: str) -> sa.Select[tuple[UUID, UUID]]:
    """Select connections of all workspaces with jobs to follow."""
    followed = sa.select(tunes.c.workspace_id, tunes.c.connection_id).where(*_IS_FOLLOWED, _is_here(label))
    return followed.distinct()


def _is_here(label: str) -> sa.ColumnElement[bool]:
    return ~is_elsewhere(label, tunes.c.workspace_id, tunes.c.connection_id)


def _select_tunes(workspace_id: UUID) -> sa.Select[Any]:
    """Select tunes, each with the version that it became, and its recorded trouble, else the error of the last attempt
    to reach its provider.
    """
    failed = (
        sa.select(sa.func.max(leases.c.last_error))
        .where(leases.c.workspace_id == tunes.c.workspace_id, tunes.c.finished_at.is_(None))
        .where(
            sa.or_(
                sa.and_(leases.c.kind == DISPATCH, leases.c.id == tunes.c.id),
                sa.and_(leases.c.kind == POLL, leases.c.id == tunes.c.connection_id, tunes.c.job_id.is_not(None)),
            )
        )
        .scalar_subquery()
    )
    trouble = sa.func.coalesce(tunes.c.recorded_trouble, failed)
    is_registered = sa.and_(versions.c.workspace_id == tunes.c.workspace_id, versions.c.tune_id == tunes.c.id)
    return (
        sa.select(tunes, trouble.label("trouble"), versions.c.model_id, versions.c.name.label("model_version"))
        .outerjoin(versions, is_registered)
        .where(tunes.c.workspace_id == workspace_id)
    )


async def _find_ids(
    engine: AsyncEngine, workspace_id: UUID, table: sa.Table, ids: Sequence[tuple[UUID, str]]
) -> dict[UUID, set[str]]:
    if not ids:
        return {}
    query = sa.select(table.c.tune_id, table.c.id).where(
        table.c.workspace_id == workspace_id, _is_any(table.c.tune_id, table.c.id, ids, sa.Text)
    )
    found: dict[UUID, set[str]] = {}
    for tune_id, name in await fetch_all(engine, query):
        found.setdefault(tune_id, set()).add(name)
    return found


async def _load_points(
    engine: AsyncEngine, workspace_id: UUID, steps: Sequence[tuple[UUID, int]]
) -> dict[UUID, dict[int, MetricPoint]]:
    if not steps:
        return {}
    query = sa.select(tune_metrics).where(
        tune_metrics.c.workspace_id == workspace_id,
        _is_any(tune_metrics.c.tune_id, tune_metrics.c.step, steps, sa.BigInteger),
    )
    found: dict[UUID, dict[int, MetricPoint]] = {}
    for row in await fetch_all(engine, query):
        fields = {name: getattr(row, name) for name in MetricPoint.__struct_fields__}
        found.setdefault(row.tune_id, {})[row.step] = msgspec.convert(fields, MetricPoint)
    return found


def _is_any(tune: Any, other: Any, pairs: Sequence[tuple[UUID, Any]], kind: Any) -> sa.ColumnElement[bool]:
    """Whether a row is one of these pairs, sent as two arrays, so that the statement stays the same."""
    ids, others = zip(*pairs, strict=True)
    wanted = sa.func.unnest(sa.cast(list(ids), ARRAY(sa.Uuid)), sa.cast(list(others), ARRAY(kind)))
    listed = wanted.table_valued("tune_id", "other", name="wanted").render_derived()
    return sa.tuple_(tune, other).in_(sa.select(listed.c.tune_id, listed.c.other))


def _select_of_tune(table: sa.Table, workspace_id: UUID, tune_id: UUID) -> sa.Select[Any]:
    return sa.select(table).where(table.c.workspace_id == workspace_id, table.c.tune_id == tune_id)
