"""Delete expired requests: row by row by each workspace's retention, or a whole month that nobody keeps."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from service.database.rows import execute, fetch_column
from service.http.answers.erased_answers import Traces, replace_answers
from service.ledger.retry import sleep_or_stop
from service.monitoring.requests.request_tables import (
    PARTITIONED,
    client_ids,
    create_month,
    drop_month,
    list_months,
    lock_months,
    month_after,
    month_of,
    partition_name,
    requests,
)
from service.monitoring.retention.domain import Retention, find_oldest_kept
from service.monitoring.retention.queries import list_retentions
from service.worker.context import WorkerContext

PAUSE_SECONDS = 3_600.0
BATCH_ROWS = 10_000
# A loose index scan: one look-up per workspace, whatever the number of rows.
WORKSPACES_SQL = """
with recursive tenant as (
  (select workspace_id from {table} order by workspace_id limit 1)
  union all
  select (select r.workspace_id from {table} r where r.workspace_id > tenant.workspace_id
    order by r.workspace_id limit 1) from tenant where tenant.workspace_id is not null
)
select workspace_id from tenant where workspace_id is not null
"""

DELETE_FEEDBACK_SQL = """
delete from ledger.contents where ctid = any(array(
  select c.ctid from request_feedback f join ledger.contents c on c.workspace_id = $1 and c.subject = f.request_id
  where f.workspace_id = $1 and f.at < $2 limit $3))
"""
EXPIRED_SQL = "select id from telemetry.requests where workspace_id = $1 and at >= $2 and at < $3"
KEPT_RESPONSES = timedelta(days=8)

log = structlog.get_logger(__name__)


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Delete expired requests, and create the next month's partitions in advance, until `stop` is set."""
    while not stop.is_set():
        now = datetime.now(UTC)
        await create_month(context.engine, month_of(now))
        await create_month(context.engine, month_after(month_of(now)))
        await expire(context.engine, now=now)
        await sleep_or_stop(stop, PAUSE_SECONDS)


async def expire(engine: AsyncEngine, *, now: datetime) -> None:
    """Delete requests that their workspace does not keep. Several processes may do so at the same time."""
    retentions = await list_retentions(engine)
    for workspace_id, retention in retentions.items():
        if (oldest := find_oldest_kept(retention, now=now)) is not None:
            await _erase_copies(engine, workspace_id, before=oldest, now=now)
    for month in await list_months(engine):
        if month_after(month) <= month_of(now) and await _drop_if_unneeded(engine, month, retentions, now=now):
            log.info("month_dropped", month=f"{month:%Y-%m}")
            continue
        for workspace_id, retention in retentions.items():
            oldest = find_oldest_kept(retention, now=now)
            if oldest is not None and oldest > month:
                await _delete_expired(engine, workspace_id, month, before=min(oldest, month_after(month)))


async def _erase_copies(engine: AsyncEngine, workspace_id: UUID, *, before: datetime, now: datetime) -> None:
    """Erase what else has texts of expired requests: their feedback, and stored responses, which live for a week."""
    while await execute(engine, DELETE_FEEDBACK_SQL, (workspace_id, before, BATCH_ROWS)) == BATCH_ROWS:
        pass
    since = now - KEPT_RESPONSES
    if since < before and (ids := await fetch_column(engine, EXPIRED_SQL, (workspace_id, since, before))):
        await replace_answers(engine, workspace_id, Traces(ids=ids))


async def _drop_if_unneeded(
    engine: AsyncEngine, month: datetime, retentions: Mapping[UUID, Retention], *, now: datetime
) -> bool:
    """Drop a past month unless a workspace keeps requests of it; returns whether it was dropped."""
    name = partition_name(requests, month)
    async with engine.connect() as connection:
        if not _is_unneeded(await _list_workspaces(connection, name), month, retentions, now=now):
            return False
    async with engine.begin() as connection:
        await lock_months(connection)
        # Whoever logs a call into the month now waits, and then creates the month again.
        for table in PARTITIONED:
            await connection.execute(sa.text(f"lock table {table.fullname} in access exclusive mode"))
        exists = await connection.scalar(sa.text("select to_regclass(:name)"), {"name": name})
        if exists is None or not _is_unneeded(await _list_workspaces(connection, name), month, retentions, now=now):
            return False
        await drop_month(connection, month)
    # After the lock is released: there may be millions. Calls this old are refused anyway.
    await _delete_in_batches(engine, client_ids, client_ids.c.at >= month, client_ids.c.at < month_after(month))
    return True


async def _list_workspaces(connection: AsyncConnection, table: str) -> set[UUID]:
    return set((await connection.execute(sa.text(WORKSPACES_SQL.format(table=table)))).scalars())


def _is_unneeded(tenants: set[UUID], month: datetime, retentions: Mapping[UUID, Retention], *, now: datetime) -> bool:
    ends = [find_oldest_kept(retentions.get(tenant), now=now) for tenant in tenants]
    return all(end is not None and end >= month_after(month) for end in ends)


async def _delete_expired(engine: AsyncEngine, workspace_id: UUID, month: datetime, *, before: datetime) -> None:
    for table in (*PARTITIONED, client_ids):
        is_own = table.c.workspace_id == workspace_id
        await _delete_in_batches(engine, table, is_own, table.c.at >= month, table.c.at < before)


async def _delete_in_batches(engine: AsyncEngine, table: sa.Table, *which: sa.ColumnElement[bool]) -> None:
    """Delete a few thousand at a time, so that no lock is held for long."""
    keys = [table.c[column.name] for column in table.primary_key]
    batch = sa.delete(table).where(*which, sa.tuple_(*keys).in_(sa.select(*keys).where(*which).limit(BATCH_ROWS)))
    deleted = BATCH_ROWS
    while deleted == BATCH_ROWS:
        async with engine.begin() as connection:
            deleted = (await connection.execute(batch)).rowcount
