"""The log for a verifier: every event with what its leaf is made of, the sealed leaves, the signed head. No content."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.audit import worker as sealing
from service.audit.worker import Signer
from service.database.engine import autocommit
from service.database.rows import fetch_column
from service.ledger.tables import checkpoints, events, tiles
from tuneledger.audit.lines import FORMAT, TILE

WINDOW_EVENTS = 16 * TILE
_MICROSECONDS = sa.cast(sa.extract("epoch", events.c.recorded_at) * 1_000_000, sa.BigInteger).label("recorded_us")
_PLAIN_COLUMNS = [events.c[name] for name in ("seq", "stream", "stream_id", "version", "type", "actor", "request_id")]
_COLUMNS = [
    *_PLAIN_COLUMNS,
    _MICROSECONDS,
    sa.cast(events.c.data, sa.Text).label("data"),
    sa.func.encode(events.c.leaf, "hex").label("leaf"),
]


async def export_lines(engine: AsyncEngine, signer: Signer, workspace_id: UUID) -> AsyncIterator[bytes]:
    """NDJSON: a header with the heads, then events in order, and after each 256 of them the leaves that were sealed."""
    row = await sealing.find_checkpoint(engine, workspace_id)
    size = row.size if row else 0
    yield _line(
        {
            "format": FORMAT,
            "workspace_id": workspace_id,
            "origin": signer.log(workspace_id),
            "size": size,
            "checkpoint": row.note if row else None,
            "earlier": await _load_earlier_checkpoints(engine, workspace_id, size),
            "keys": [str(verifier) for verifier in signer.verifiers],
        }
    )
    for first in range(0, size, WINDOW_EVENTS):
        yield await _export_window(engine, workspace_id, first, min(first + WINDOW_EVENTS, size))


async def _load_earlier_checkpoints(engine: AsyncEngine, workspace_id: UUID, size: int) -> list[str]:
    """The heads over a part of the last tile, whose leaves are not sealed yet: less than 256."""
    query = sa.select(checkpoints.c.note).where(
        checkpoints.c.workspace_id == workspace_id, checkpoints.c.size > size - size % TILE, checkpoints.c.size < size
    )
    return list(await fetch_column(engine, query.order_by(checkpoints.c.size)))


async def _export_window(engine: AsyncEngine, workspace_id: UUID, first: int, end: int) -> bytes:
    ours = events.c.workspace_id == workspace_id
    query = sa.select(*_COLUMNS).where(ours, events.c.seq > first, events.c.seq <= end).order_by(events.c.seq)
    sealed = sa.select(tiles.c.number, sa.func.encode(tiles.c.hashes, "hex").label("hashes")).where(
        tiles.c.workspace_id == workspace_id, tiles.c.number >= first // TILE, tiles.c.number < end // TILE
    )
    async with autocommit(engine).connect() as connection:
        rows = (await connection.execute(query)).mappings().all()
        kept: dict[int, str] = {row.number: row.hashes for row in await connection.execute(sealed)}
    piece = bytearray()
    told = first // TILE
    for row in rows:
        while row["seq"] > (told + 1) * TILE:
            piece += _tile_line(told, kept)
            told += 1
        piece += _line(dict(row))
    for number in range(told, end // TILE):
        piece += _tile_line(number, kept)
    return bytes(piece)


def _tile_line(number: int, kept: dict[int, str]) -> bytes:
    return _line({"tile": number, "hashes": kept[number]}) if number in kept else b""


def _line(value: dict[str, Any]) -> bytes:
    return msgspec.json.encode(value) + b"\n"
