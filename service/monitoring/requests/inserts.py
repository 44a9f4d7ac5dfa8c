"""Insert logged requests: one statement per batch, once per client id."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.rows import fetch_all, fetch_column
from service.monitoring.requests.call_validation import RequestRow
from service.monitoring.requests.request_tables import create_month, month_of

# Its tables are locked as everybody locks them, requests before texts, since a month that is dropped locks both.
# In the order of their digests: two batches that share some then wait for each other in turn, never in a circle.
INSERT_SQL = """
with given as (
  select * from unnest($3::timestamptz[], $4::uuid[], $5::uuid[], $6::text[], $7::uuid[], $8::text[], $9::text[],
    $10::int[], $11::int[], $12::int[], $13::bigint[], $14::text[], $15::text[], $16::bool[], $17::text[],
    $18::text[], $19::text[], $20::text[], $21::text[], $22::text[])
  as given (at, id, digest, client_id, model_id, model_version, alias, latency_ms, input_tokens, output_tokens, cost,
    currency, error_code, valid, user_hash, input, output, tool_calls, error, metadata)
), claimed as (
  insert into telemetry.client_ids (workspace_id, digest, id, at)
  select $1, digest, id, at from given where digest is not null order by digest
  on conflict do nothing returning id
), fresh as materialized (
  select * from given where digest is null or id in (select id from claimed)
), kept as (
  insert into telemetry.requests (workspace_id, at, id, client_id, model_id, model_version, alias, latency_ms,
    input_tokens, output_tokens, cost, currency, error_code, valid, user_hash, logged_by, received_at)
  select $1, at, id, client_id, model_id, model_version, alias, latency_ms,
    input_tokens, output_tokens, cost, currency, error_code, valid, user_hash, $2, clock_timestamp() from fresh
), said as (
  insert into telemetry.texts (workspace_id, at, id, input, output, tool_calls, error, metadata)
  select $1, at, id, input, output, tool_calls, error, metadata from fresh
)
select id from fresh
"""
EARLIER_IDS_SQL = "select digest, id from telemetry.client_ids where workspace_id = $1 and digest = any($2::uuid[])"
MISSING_PARTITION_CODES = (
    "23514",
    "42P01",
)  # check_violation is its word for it; undefined_table while one is being dropped

_months_by_engine: WeakKeyDictionary[AsyncEngine, set[datetime]] = WeakKeyDictionary()


async def insert_requests(
    engine: AsyncEngine, workspace_id: UUID, rows: Sequence[RequestRow], *, by: str
) -> dict[UUID, UUID]:
    """The id each row is kept under, by its own: another one where its client id was kept before."""
    if not rows:
        return {}
    months = {month_of(row.at) for row in rows}
    await _create_months(engine, months - _months_by_engine.setdefault(engine, set()))
    arguments = (workspace_id, by, *map(list, zip(*rows, strict=True)))
    try:
        fresh = await _insert(engine, arguments)
    except sa.exc.DBAPIError as error:
        if getattr(error.orig and error.orig.__cause__, "sqlstate", None) not in MISSING_PARTITION_CODES:
            raise
        await _create_months(engine, months)  # its partitions were dropped since, as nobody kept anything in them
        fresh = await _insert(engine, arguments)
    repeated = {row.digest for row in rows if row.id not in fresh and row.digest is not None}
    earlier = await _find_earlier_ids(engine, workspace_id, repeated) if repeated else {}
    return {row.id: row.id if row.id in fresh else earlier.get(row.digest, row.id) for row in rows}


async def _create_months(engine: AsyncEngine, months: Collection[datetime]) -> None:
    for month in sorted(months):
        await create_month(engine, month)
        _months_by_engine[engine].add(month)


async def _insert(engine: AsyncEngine, arguments: tuple[Any, ...]) -> set[UUID]:
    return set(await fetch_column(engine, INSERT_SQL, arguments))


async def _find_earlier_ids(
    engine: AsyncEngine, workspace_id: UUID, digests: Collection[UUID]
) -> dict[UUID | None, UUID]:
    rows: Any = await fetch_all(engine, EARLIER_IDS_SQL, (workspace_id, list(digests)))
    return {row.digest: row.id for row in rows}
