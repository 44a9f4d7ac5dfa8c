"""Export the log for a verifier: events with all that their leaf hashes cover, sealed leaves, checkpoints. No texts."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.audit.worker import build_log_name, find_checkpoint, load_verifiers
from service.database.engine import autocommit
from service.database.rows import fetch_column
from service.ledger.tables import checkpoints, events, tiles
from tuneledger.audit.lines import FORMAT, TILE

WINDOW_EVENTS = 16 * TILE
_MICROSECONDS = sa.cast(sa.extract("epoch", events.c.recorded_at) * 1_000_000, sa.BigInteger).label("recorded_us")
_PLAIN_COLUMNS = [events.c[name] for name in ("seq", "stream", "stream_id", "version", "type", "actor", "request_id")]
EVENT_COLUMNS = [
    *_PLAIN_COLUMNS,
    _MICROSECONDS,
    sa.cast(events.c.data, sa.Text).label("data"),
    sa.func.encode(events.c.leaf, "hex").label("leaf"),
]


async def export_lines(engine: AsyncEngine, origin: str, workspace_id: UUID) -> AsyncIterator[bytes]:
    """Yield NDJSON: a header with the checkpoints, then events in order, and after each 256 their sealed leaves."""
    row = await find_checkpoint(engine, workspace_id)
    size = row.size if row else 0
    yield _line(
        {
            "format": FORMAT,
            "workspace_id": workspace_id,
            "origin": build_log_name(origin, workspace_id),
            "size": size,
            "checkpoint": row.note if row else None,
            "earlier": await _load_earlier_checkpoints(engine, workspace_id, size),
            "keys": [str(verifier) for verifier in await load_verifiers(engine, origin)],
        }
    )
    for first in range(0, size, WINDOW_EVENTS):
        yield await _export_window(engine, workspace_id, first, min(first + WINDOW_EVENTS, size))


async def _load_earlier_checkpoints(engine: AsyncEngine, workspace_id: UUID, size: int) -> list[str]:
    """Load the earlier checkpoints within the last, incomplete tile; its leaves are not sealed yet."""
    query = sa.select(checkpoints.c.note).where(
        checkpoints.c.workspace_id == workspace_id, checkpoints.c.size > size - size % TILE, checkpoints.c.size < size
    )
    return list(await fetch_column(engine, query.order_by(checkpoints.c.size)))


async def _export_window(engine: AsyncEngine, workspace_id: UUID, first: int, end: int) -> bytes:
    ours = events.c.workspace_id == workspace_id
    query = sa.select(*EVENT_COLUMNS).where(ours, events.c.seq > first, events.c.seq <= end).order_by(events.c.seq)
    sealed = sa.select(tiles.c.number, sa.func.encode(tiles.c.hashes, "hex").label("hashes")).where(
        tiles.c.workspace_id == workspace_id, tiles.c.number >= first // TILE, tiles.c.number < end // TILE
    )
    async with autocommit(engine).connect() as connection:
        rows = (await connection.execute(query)).mappings().all()
        hashes: dict[int, str] = {row.number: row.hashes for row in await connection.execute(sealed)}
    lines = bytearray()
    tile = first // TILE
    for row in rows:
        while row["seq"] > (tile + 1) * TILE:
            lines += _tile_line(tile, hashes)
            tile += 1
        lines += _line(dict(row))
    for number in range(tile, end // TILE):
        lines += _tile_line(number, hashes)
    return bytes(lines)


def _tile_line(number: int, hashes: dict[int, str]) -> bytes:
    return _line({"tile": number, "hashes": hashes[number]}) if number in hashes else b""


def _line(value: dict[str, Any]) -> bytes:
    return msgspec.json.encode(value) + b"\n"
