"""Read exports of models, and what an export is made from."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine

from service.audit.log_export import EVENT_COLUMNS
from service.audit.proofs import prove_inclusion
from service.audit.worker import build_log_name, find_checkpoint, load_verifiers
from service.database.engine import autocommit
from service.database.rows import fetch_all, fetch_column, find_one
from service.ledger.tables import events
from service.models.exports.projection import IS_OPEN
from service.models.projection import alias_moves
from service.operations.projection import operations
from service.tunes.weights.projection import KIND as WEIGHTS_KIND

# The kind of lease under which workers export models.
LEASE_KIND = "model_export"


def select_open() -> sa.Select[tuple[UUID, UUID]]:
    """Select the exports of all workspaces that have not ended."""
    return sa.select(operations.c.workspace_id, operations.c.id).where(IS_OPEN)


async def list_open(engine: AsyncEngine, workspace_id: UUID, resource: str) -> Sequence[UUID]:
    """List the ids of a version's exports that have not ended."""
    of_version = (operations.c.workspace_id == workspace_id, operations.c.resource == resource)
    return await fetch_column(engine, sa.select(operations.c.id).where(*of_version, IS_OPEN))


async def list_downloads(engine: AsyncEngine, workspace_id: UUID, tune_id: UUID) -> Sequence[Any]:
    """List the downloads of a tune's weights that succeeded, the newest first."""
    query = sa.select(operations.c.id, operations.c.result).where(
        operations.c.workspace_id == workspace_id,
        operations.c.kind == WEIGHTS_KIND,
        operations.c.resource == f"/v1/tunes/{tune_id}/weights",
        operations.c.state == "succeeded",
    )
    return await fetch_all(engine, query.order_by(operations.c.id.desc()))


async def find_last_move(engine: AsyncEngine, workspace_id: UUID, model_id: UUID, version: str) -> Any:
    """Find the last move of an alias to the version that a gate was checked for; None where there was none."""
    query = sa.select(alias_moves).where(
        alias_moves.c.workspace_id == workspace_id,
        alias_moves.c.model_id == model_id,
        alias_moves.c.version == version,
        alias_moves.c.ruling.is_not(None),
    )
    return await find_one(engine, query.order_by(alias_moves.c.seq.desc()).limit(1))


async def load_log_proof(
    engine: AsyncEngine, workspace_id: UUID, *, origin: str, model_id: UUID, version: str
) -> Mapping[str, Any] | None:
    """Load the event that registered the version, with the proof that it is in the log; None until it is sealed."""
    query = sa.select(*EVENT_COLUMNS).where(
        events.c.workspace_id == workspace_id,
        events.c.stream_id == model_id,
        events.c.type == "ModelVersionRegistered",
        sa.cast(events.c.data, JSONB)["model_version"].astext == version,
    )
    async with autocommit(engine).connect() as connection:
        event = dict((await connection.execute(query)).mappings().one())
    checkpoint = await find_checkpoint(engine, workspace_id, at_least=event["seq"])
    if checkpoint is None:
        return None
    hashes = await prove_inclusion(engine, workspace_id, seq=event["seq"], size=checkpoint.size)
    return {
        "workspace_id": str(workspace_id),
        "origin": build_log_name(origin, workspace_id),
        "event": event,
        "checkpoint": checkpoint.note,
        "inclusion": [each.hex() for each in hashes],
        "keys": [str(verifier) for verifier in await load_verifiers(engine, origin)],
    }
