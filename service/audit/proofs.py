"""Merkle proofs over the sealed log: that an event is in it, and that it only grew."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.audit.worker import LEVEL_BITS
from service.database.engine import autocommit
from service.ledger.tables import events, subtrees
from tuneledger.audit import merkle
from tuneledger.audit.lines import TILE
from tuneledger.audit.merkle import Range, root_of

MAX_LEVEL = 6  # 256 to the power of 7 is more than the largest seq

TreePosition = tuple[int, int]  # a level, 0 for leaves, and a number on it


async def prove_inclusion(engine: AsyncEngine, workspace_id: UUID, *, seq: int, size: int) -> list[bytes]:
    """Build the inclusion proof of event `seq` in the tree of the first `size` events. Raises ValueError."""
    return await _build_proof(engine, workspace_id, merkle.inclusion(seq - 1, size))


async def prove_consistency(engine: AsyncEngine, workspace_id: UUID, *, old: int, new: int) -> list[bytes]:
    """Build the proof that the tree of `new` events extends that of `old`. Raises ValueError when `old` is larger."""
    return await _build_proof(engine, workspace_id, merkle.consistency(old, new))


async def load_root(engine: AsyncEngine, workspace_id: UUID, size: int) -> bytes:
    """Compute the root of the first `size` events from the sealed subtrees."""
    [root] = await _build_proof(engine, workspace_id, [(0, size)]) if size else [merkle.EMPTY_ROOT]
    return root


async def find_tile(engine: AsyncEngine, workspace_id: UUID, *, level: int, number: int) -> list[bytes] | None:
    """Load the 256 hashes of a full tile; None when it is not full or out of range."""
    if not (0 <= level <= MAX_LEVEL and 0 <= number < 1 << 50):
        return None
    positions = [(level, at) for at in range(number * TILE, (number + 1) * TILE)]
    hashes = await _load_hashes(engine, workspace_id, set(positions))
    return [hashes[position] for position in positions] if len(hashes) == TILE else None


async def _build_proof(engine: AsyncEngine, workspace_id: UUID, ranges: Sequence[Range]) -> list[bytes]:
    subtrees_ = [part for first, end in ranges for part in merkle.edges(end - first, first)]
    positions_of = {part: list(_positions(part)) for part in subtrees_}
    hashes = await _load_hashes(
        engine, workspace_id, {position for positions in positions_of.values() for position in positions}
    )
    roots = {part: root_of([hashes[position] for position in positions]) for part, positions in positions_of.items()}
    return merkle.gathered(ranges, roots.__getitem__)


def _positions(part: Range) -> Iterable[TreePosition]:
    """The positions of the stored hashes, of the highest possible level, that a complete subtree consists of."""
    first, end = part
    level = (end - first).bit_length() - 1
    level //= LEVEL_BITS
    step = 1 << LEVEL_BITS * level
    return ((level, number) for number in range(first // step, end // step))


async def _load_hashes(
    engine: AsyncEngine, workspace_id: UUID, positions: set[TreePosition]
) -> dict[TreePosition, bytes]:
    leaves = sorted(number + 1 for level, number in positions if level == 0)
    above = [position for position in positions if position[0]]
    hashes: dict[TreePosition, bytes] = {}
    async with autocommit(engine).connect() as connection:
        if leaves:
            query = sa.select(events.c.seq, events.c.leaf).where(
                events.c.workspace_id == workspace_id, events.c.seq == sa.any_(sa.cast(leaves, sa.ARRAY(sa.BigInteger)))
            )
            hashes |= {(0, seq - 1): bytes(leaf) for seq, leaf in await connection.execute(query)}
        for level in {level for level, _ in above}:
            numbers = sorted(number for at, number in above if at == level)
            query = sa.select(subtrees.c.number, subtrees.c.hash).where(
                subtrees.c.workspace_id == workspace_id,
                subtrees.c.level == level,
                subtrees.c.number == sa.any_(sa.cast(numbers, sa.ARRAY(sa.BigInteger))),
            )
            hashes |= {(level, number): bytes(hash_) for number, hash_ in await connection.execute(query)}
    return hashes
