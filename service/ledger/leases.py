"""Leases: several workers share the work, and the work of a killed worker is claimed again when its lease ends."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import autocommit
from service.database.rows import execute, fetch_value
from service.database.statement_text import compile_statement, value
from service.ledger.tables import leases

# The clock of the database, since the workers' clocks may differ.
NOW = sa.func.clock_timestamp(type_=sa.DateTime(timezone=True))

NOTHING_HELD: Mapping[UUID, int] = MappingProxyType({})
_IS_FREE = (leases.c.due_at <= NOW, leases.c.leased_until <= NOW)


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """A claim on work by `owner` until `leased_until`. `attempts` counts the claims since the last success.

    A worker that dies releases nothing, so its claim counts as an attempt. `due_at`: since when the work was due.
    """

    workspace_id: UUID
    kind: str
    id: UUID
    owner: UUID
    leased_until: datetime
    due_at: datetime
    attempts: int
    last_error: str | None


class Claimer:
    """Claims the work of one kind. Its statements are composed once, since that costs more than to send them."""

    def __init__(self, kind: str, candidates: sa.Select[tuple[UUID, UUID]]) -> None:
        rows = candidates.subquery("candidates")
        self._insert = compile_statement(_insert_missing(kind, rows))
        self._claim = compile_statement(_claim_free(kind, rows))

    async def claim(
        self,
        engine: AsyncEngine,
        *,
        owner: UUID,
        seconds: float,
        limit: int,
        held: Mapping[UUID, int] = NOTHING_HELD,
    ) -> list[Lease]:
        """Claim at most `limit` of the candidates (workspace_id, id) that are due and free, the longest due first.

        `limit` is the number of the owner's free slots, `held` how many each workspace has. It gets a further one only
        while it holds fewer than are free: one alone fills half of them (rounded up), a second one half of the rest,
        and so a newcomer finds room.
        """
        counts = msgspec.json.encode({str(workspace): count for workspace, count in held.items()}).decode()
        values = {"owner": owner, "seconds": timedelta(seconds=seconds), "limit": limit, "held": counts}
        async with autocommit(engine).connect() as connection:
            await connection.exec_driver_sql(self._insert.sql, self._insert.arguments({}))
            result = await connection.exec_driver_sql(self._claim.sql, self._claim.arguments(values))
            return [Lease(**row) for row in result.mappings()]


async def claim(
    engine: AsyncEngine,
    kind: str,
    candidates: sa.Select[tuple[UUID, UUID]],
    *,
    owner: UUID,
    seconds: float,
    limit: int,
    held: Mapping[UUID, int] = NOTHING_HELD,
) -> list[Lease]:
    """Claim once what a Claimer claims again and again."""
    return await Claimer(kind, candidates).claim(engine, owner=owner, seconds=seconds, limit=limit, held=held)


async def extend(engine: AsyncEngine, lease: Lease, *, seconds: float) -> Lease | None:
    """Extend the lease to `seconds` from now; None when another worker has it."""
    update = sa.update(leases).where(*_is_ours(lease)).values(leased_until=NOW + timedelta(seconds=seconds))
    until = await fetch_value(engine, update.returning(leases.c.leased_until))
    return msgspec.structs.replace(lease, leased_until=until) if until else None


async def wake(engine: AsyncEngine, workspace_id: UUID, kind: str, id_: UUID) -> bool:
    """Make work due now; what is being done just then, once more. Returns False where there is none."""
    ours = (leases.c.workspace_id == workspace_id, leases.c.kind == kind, leases.c.id == id_)
    return await execute(engine, sa.update(leases).where(*ours).values(due_at=NOW)) == 1


async def release(engine: AsyncEngine, lease: Lease, *, due_in: float | None, error: str | None = None) -> bool:
    """Release the lease; the work is due again in `due_in` seconds, or, for None, once it is a candidate again.

    Without an `error` the attempts restart at zero. Returns False, and changes nothing, when another worker has it.
    """
    change: Any = sa.delete(leases).where(*_is_ours(lease))
    if due_in is not None:
        was_woken = leases.c.due_at != lease.due_at
        due_at = sa.case((was_woken, leases.c.due_at), else_=NOW + timedelta(seconds=due_in))
        values: dict[str, Any] = {"owner": None, "leased_until": NOW, "due_at": due_at}
        values["last_error"] = error.replace("\0", "") if error else None
        if error is None:
            values["attempts"] = 0
        change = sa.update(leases).where(*_is_ours(lease)).values(values)
    return await execute(engine, change) == 1


def _insert_missing(kind: str, candidate_rows: sa.Subquery) -> sa.Insert:
    workspace_id, id_ = candidate_rows.c
    known = sa.exists().where(leases.c.workspace_id == workspace_id, leases.c.kind == kind, leases.c.id == id_)
    # All workers insert in one order, so that two that insert the same rows cannot deadlock.
    rows = sa.select(workspace_id, sa.literal(kind), id_, NOW, NOW).where(~known).order_by(workspace_id, id_)
    names = ["workspace_id", "kind", "id", "leased_until", "due_at"]
    return insert(leases).from_select(names, rows).on_conflict_do_nothing()


def _claim_free(kind: str, candidate_rows: sa.Subquery) -> Any:
    ranked = _rank_free(kind, candidate_rows).subquery("ranked")
    limit, until = value("limit", sa.BigInteger), NOW + value("seconds", sa.Interval)
    free = (
        sa.select(leases.c.workspace_id, leases.c.id)
        .join(ranked, sa.and_(leases.c.workspace_id == ranked.c.workspace_id, leases.c.id == ranked.c.id))
        .where(leases.c.kind == kind, *_IS_FREE, ranked.c.held < limit - ranked.c.position)
        .with_for_update(of=leases, skip_locked=True)  # another worker is claiming it right now
        .cte("free")
    )
    return (
        sa.update(leases)
        .where(leases.c.workspace_id == free.c.workspace_id, leases.c.kind == kind, leases.c.id == free.c.id)
        .values(owner=value("owner", sa.Uuid), leased_until=until, attempts=leases.c.attempts + 1)
        .returning(*[leases.c[name] for name in Lease.__struct_fields__])
    )


def _rank_free(kind: str, candidate_rows: sa.Subquery) -> sa.Select[Any]:
    """Rank free work in rounds of one for each workspace; `held` is what its workspace has when its turn comes."""
    workspace_id, id_ = candidate_rows.c
    counts = sa.cast(value("held", JSONB), JSONB)
    already = sa.func.coalesce(sa.cast(counts[sa.cast(leases.c.workspace_id, sa.Text)].astext, sa.Integer), 0)
    turn = sa.func.row_number().over(partition_by=leases.c.workspace_id, order_by=(leases.c.due_at, leases.c.id))
    turns = (
        sa.select(leases.c.workspace_id, leases.c.id, leases.c.due_at, (already + turn - 1).label("held"))
        .join(candidate_rows, sa.and_(leases.c.workspace_id == workspace_id, leases.c.id == id_))
        .where(leases.c.kind == kind, *_IS_FREE)
        .subquery("turns")
    )
    position = sa.func.row_number().over(order_by=(turns.c.held, turns.c.due_at, turns.c.id)) - 1
    return sa.select(turns.c.workspace_id, turns.c.id, turns.c.held, position.label("position"))


def _is_ours(lease: Lease) -> list[sa.ColumnElement[bool]]:
    """Conditions for a lease that is still ours. `leased_until` tells a claim apart even from its owner's next one."""
    return [
        leases.c.workspace_id == lease.workspace_id,
        leases.c.kind == lease.kind,
        leases.c.id == lease.id,
        leases.c.owner == lease.owner,
        leases.c.leased_until == lease.leased_until,
    ]
