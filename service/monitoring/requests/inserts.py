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

# Lock order: requests before texts, as when a month is dropped. Client ids are inserted in the order of their digests,
# so that two batches that share some cannot deadlock.
INSERT_SQL = """
with sent as (
  select * from unnest($3::timestamptz[], $4::uuid[], $5::uuid[], $6::text[], $7::uuid[], $8::text[], $9::text[],
    $10::int[], $11::int[], $12::int[], $13::bigint[], $14::text[], $15::text[], $16::bool[], $17::text[],
    $18::text[], $19::text[], $20::text[], $21::text[], $22::text[], $23::text[], $24::text[], $25::int[],
    $26::int[], $27::text[], $28::text[])
  as sent (at, id, digest, client_id, model_id, model_version, alias, latency_ms, input_tokens, output_tokens, cost,
    currency, error_code, valid, user_hash, input, output, tool_calls, error, metadata, tools, finish_reason,
    cached_tokens, reasoning_tokens, provider_code, provider_request_id)
), claimed as (
  insert into telemetry.client_ids (workspace_id, digest, id, at)
  select $1, digest, id, at from sent where digest is not null order by digest
  on conflict do nothing returning id
), fresh as materialized (
  select * from sent where digest is null or id in (select id from claimed)
), new_requests as (
  insert into telemetry.requests (workspace_id, at, id, client_id, model_id, model_version, alias, latency_ms,
    input_tokens, output_tokens, cost, currency, error_code, valid, user_hash, finish_reason, cached_tokens,
    reasoning_tokens, provider_code, provider_request_id, logged_by, received_at)
  select $1, at, id, client_id, model_id, model_version, alias, latency_ms,
    input_tokens, output_tokens, cost, currency, error_code, valid, user_hash, finish_reason, cached_tokens,
    reasoning_tokens, provider_code, provider_request_id, $2, clock_timestamp() from fresh
), new_texts as (
  insert into telemetry.texts (workspace_id, at, id, input, output, tool_calls, error, metadata, tools)
  select $1, at, id, input, output, tool_calls, error, metadata, tools from fresh
)
select id from fresh
"""
EARLIER_IDS_SQL = "select digest, id from telemetry.client_ids where workspace_id = $1 and digest = any($2::uuid[])"
# check_violation when there is no partition, undefined_table while one is being dropped.
MISSING_PARTITION_CODES = ("23514", "42P01")

_months_by_engine: WeakKeyDictionary[AsyncEngine, set[datetime]] = WeakKeyDictionary()


async def insert_requests(
    engine: AsyncEngine, workspace_id: UUID, rows: Sequence[RequestRow], *, by: str
) -> dict[UUID, UUID]:
    """Insert rows; returns the stored id by row id. It differs when the client id was stored before."""
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
        await _create_months(engine, months)  # dropped since we created them, when retention emptied them
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
