"""Leases: who works on what until when, so that several workers share the work and a killed one's is found again."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import autocommit
from service.database.rows import execute, fetch_value
from service.ledger.tables import leases

# The database's clock alone: the workers' clocks may differ.
NOW = sa.func.clock_timestamp(type_=sa.DateTime(timezone=True))


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """Work that is `owner`'s until `leased_until`. `attempts` counts claims since work last ended well, this one too.

    A worker that dies releases nothing, so its claim counts as an attempt.
    """

    workspace_id: UUID
    kind: str
    id: UUID
    owner: UUID
    leased_until: datetime
    attempts: int
    last_error: str | None


async def claim(
    engine: AsyncEngine, kind: str, candidates: sa.Select[tuple[UUID, UUID]], *, owner: UUID, seconds: float, limit: int
) -> list[Lease]:
    """At most `limit` of the candidates (workspace_id, id) that are due and nobody's, the longest due first."""
    wanted = candidates.subquery("wanted")
    async with autocommit(engine).connect() as connection:
        await connection.execute(_make_missing(kind, wanted))
        result = await connection.execute(_take(kind, wanted, owner=owner, seconds=seconds, limit=limit))
        return [Lease(**row) for row in result.mappings()]


async def extend(engine: AsyncEngine, lease: Lease, *, seconds: float) -> Lease | None:
    """The lease, now until `seconds` from now; None when it is no longer ours: whoever has it does the work."""
    later = sa.update(leases).where(*_fence(lease)).values(leased_until=NOW + timedelta(seconds=seconds))
    until = await fetch_value(engine, later.returning(leases.c.leased_until))
    return msgspec.structs.replace(lease, leased_until=until) if until else None


async def release(engine: AsyncEngine, lease: Lease, *, due_in: float | None, error: str | None = None) -> bool:
    """Give it back, due again in so many seconds, or never (None) until it is a candidate anew.

    Without an `error` its attempts count from zero again. False when the lease was no longer ours, and nothing changes.
    """
    change: Any = sa.delete(leases).where(*_fence(lease))
    if due_in is not None:
        values: dict[str, Any] = {"owner": None, "leased_until": NOW, "due_at": NOW + timedelta(seconds=due_in)}
        values["last_error"] = error.replace("\0", "") if error else None
        if error is None:
            values["attempts"] = 0
        change = sa.update(leases).where(*_fence(lease)).values(values)
    return await execute(engine, change) == 1


def _make_missing(kind: str, wanted: sa.Subquery) -> sa.Insert:
    workspace_id, id_ = wanted.c
    known = sa.exists().where(leases.c.workspace_id == workspace_id, leases.c.kind == kind, leases.c.id == id_)
    # In one order for all workers: two that make the same rows then wait for each other in turn, never in a circle.
    rows = sa.select(workspace_id, sa.literal(kind), id_, NOW, NOW).where(~known).order_by(workspace_id, id_)
    names = ["workspace_id", "kind", "id", "leased_until", "due_at"]
    return insert(leases).from_select(names, rows).on_conflict_do_nothing()


def _take(kind: str, wanted: sa.Subquery, *, owner: UUID, seconds: float, limit: int) -> Any:
    workspace_id, id_ = wanted.c
    free = (
        sa.select(leases.c.workspace_id, leases.c.id)
        .join(wanted, sa.and_(leases.c.workspace_id == workspace_id, leases.c.id == id_))
        .where(leases.c.kind == kind, leases.c.due_at <= NOW, leases.c.leased_until <= NOW)
        .order_by(leases.c.due_at)
        .limit(limit)
        .with_for_update(of=leases, skip_locked=True)  # another worker is taking it at this moment
        .cte("free")
    )
    return (
        sa.update(leases)
        .where(leases.c.workspace_id == free.c.workspace_id, leases.c.kind == kind, leases.c.id == free.c.id)
        .values(owner=owner, leased_until=NOW + timedelta(seconds=seconds), attempts=leases.c.attempts + 1)
        .returning(*[leases.c[name] for name in Lease.__struct_fields__])
    )


def _fence(lease: Lease) -> list[sa.ColumnElement[bool]]:
    """Each claim ends at a moment of its own, so a lease that lapsed is told apart even from its owner's next one."""
    return [
        leases.c.workspace_id == lease.workspace_id,
        leases.c.kind == lease.kind,
        leases.c.id == lease.id,
        leases.c.owner == lease.owner,
        leases.c.leased_until == lease.leased_until,
    ]
