"""Erase the texts of logged requests. Their figures stay, so reports do not change."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import autocommit
from service.database.rows import fetch_all
from service.errors import NotFound
from service.http.answers.erased_answers import Traces, replace_answers
from service.ledger.store import Batch, Caller, Entry, Ledger, load_many
from service.monitoring.requests import domain
from service.monitoring.requests.domain import REQUEST
from service.monitoring.requests.identities import MILLISECOND, time_of

BATCH_REQUESTS = 1_000
_FIND = """
select r.id, r.at from unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[]) as named (id, low, high)
join telemetry.requests r on r.workspace_id = $1 and r.id = named.id and r.at >= named.low and r.at < named.high
"""
_TOMBSTONE = """
update telemetry.requests r
set client_id = null, user_hash = null, provider_request_id = null, erased_at = coalesce(erased_at, now())
from unnest($2::uuid[], $3::timestamptz[]) as named (id, at)
where r.workspace_id = $1 and r.at = named.at and r.id = named.id
"""
_DELETE_TEXTS = """
delete from telemetry.texts t using unnest($2::uuid[], $3::timestamptz[]) as named (id, at)
where t.workspace_id = $1 and t.at = named.at and t.id = named.id
"""
_DELETE_FEEDBACK = "delete from ledger.contents where workspace_id = $1 and subject = any($2::uuid[])"


async def erase_request(ledger: Ledger, caller: Caller, request_id: UUID, *, reason: str | None) -> None:
    """Record the erasure, then delete the texts; a repeated call finishes an interrupted one. Raises NotFound."""
    if not await _find_times(ledger.engine, caller.workspace_id, [request_id]):
        raise NotFound(f"No such request: {request_id}.")
    await replace_answers(ledger.engine, caller.workspace_id, Traces(ids=[request_id]))
    await erase_requests(ledger, caller, [request_id], reason=reason)


async def erase_requests(ledger: Ledger, caller: Caller, request_ids: Sequence[UUID], *, reason: str | None) -> None:
    """Erase many requests, in bounded statements. Ids that retention has deleted are passed over."""
    for start in range(0, len(request_ids), BATCH_REQUESTS):
        rows = await _find_times(ledger.engine, caller.workspace_id, request_ids[start : start + BATCH_REQUESTS])
        ids, times = [row.id for row in rows], [row.at for row in rows]
        await _record(ledger, caller, ids, reason=reason)
        async with autocommit(ledger.engine).connect() as connection:
            await connection.exec_driver_sql(_TOMBSTONE, (caller.workspace_id, ids, times))
            await connection.exec_driver_sql(_DELETE_TEXTS, (caller.workspace_id, ids, times))
            await connection.exec_driver_sql(_DELETE_FEEDBACK, (caller.workspace_id, ids))


async def _find_times(engine: AsyncEngine, workspace_id: UUID, request_ids: Sequence[UUID]) -> Sequence[Any]:
    """(id, at) of those that are there: the time leads to the partition."""
    known = [(id_, at) for id_ in request_ids if (at := time_of(id_)) is not None]
    ids, lows = [id_ for id_, _ in known], [at for _, at in known]
    return await fetch_all(engine, _FIND, (workspace_id, ids, lows, [low + MILLISECOND for low in lows]))


async def _record(ledger: Ledger, caller: Caller, request_ids: Sequence[UUID], *, reason: str | None) -> None:
    async def gather() -> Batch:
        stored = await load_many(ledger, REQUEST, caller.workspace_id, request_ids)
        entries = [
            Entry(stream=REQUEST.stream, stream_id=id_, after=stored[id_].version if id_ in stored else 0, event=event)
            for id_ in request_ids
            for event in domain.erase(stored[id_].state if id_ in stored else None, reason=reason)
        ]
        return Batch(entries=entries)

    await ledger.change_many(caller, gather, subject="these requests")
