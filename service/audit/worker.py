"""The sealer: add new events to the audit tree of each workspace, and sign a checkpoint.

All it writes follows from the leaves and never changes. Two sealers at once write the same subtrees and two valid
checkpoints, so no lock is needed.
"""

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import DATABASE_ERRORS
from service.database.rows import execute, fetch_all, fetch_column, find_one
from service.ledger.retry import sleep_or_stop
from service.ledger.tables import checkpoints, events, heads, signers, subtrees, tiles
from service.ledger.witness import LogWentBack, Sealed, Witness, open_witness
from service.settings import Settings, load_signing_seeds
from service.worker.context import WorkerContext
from tuneledger.audit.lines import TILE
from tuneledger.audit.merkle import Frontier, ProofRefused, check_consistency
from tuneledger.audit.notes import HASH_BYTES, Checkpoint, Verifier, sign

PAUSE_SECONDS = 1.0
MAX_LEAVES = 50_000  # new leaves in one checkpoint
LEVEL_BITS = TILE.bit_length() - 1  # each stored level has a hash for 256 of the level below

# Shown by /metrics as a reader that stopped.
_SAVE_REFUSAL = sa.text(
    "insert into ledger.readers (name, workspace_id, seq, stopped_because)"
    " values ('sealing', :workspace_id, 0, :because)"
    " on conflict (name, workspace_id) do update set stopped_because = excluded.stopped_because"
)
_DELETE_REFUSAL = sa.text("delete from ledger.readers where name = 'sealing' and workspace_id = :workspace_id")

log = structlog.get_logger(__name__)


class Signer(msgspec.Struct, frozen=True, kw_only=True):
    """The origin name of this server's logs, and its signing keys, the current one first."""

    origin: str
    keys: tuple[Ed25519PrivateKey, ...]

    def sign_checkpoint(self, workspace_id: UUID, tree: Frontier) -> str:
        checkpoint = Checkpoint(origin=build_log_name(self.origin, workspace_id), size=tree.size, root=tree.root())
        return sign(str(checkpoint), name=self.origin, keys=self.keys)

    @property
    def verifiers(self) -> list[Verifier]:
        return [Verifier(name=self.origin, public=key.public_key().public_bytes_raw()) for key in self.keys]


@lru_cache(maxsize=8)
def load_signer(settings: Settings) -> Signer:
    keys = tuple(Ed25519PrivateKey.from_private_bytes(seed) for seed in load_signing_seeds(settings))
    return Signer(origin=settings.log_origin, keys=keys)


def build_log_name(origin: str, workspace_id: UUID) -> str:
    """Build the origin line of the workspace's checkpoints."""
    return f"{origin}/{workspace_id}"


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Seal new events within seconds, until `stop` is set."""
    signer, witness = load_signer(context.settings), open_witness(context.settings)
    published = False
    while not stop.is_set():
        try:
            if not published:
                await publish_keys(context.engine, signer)
                published = True
            has_more = await seal_all(context.engine, signer, witness)
        except DATABASE_ERRORS as error:
            log.warning("sealer_without_database", error=str(error)[:300])
            has_more = False
        await sleep_or_stop(stop, 0 if has_more else PAUSE_SECONDS)


async def publish_keys(engine: AsyncEngine, signer: Signer) -> None:
    """Store the public keys that sign from now on, in place of those before. The API shows them, and has no others."""
    rows = [
        {"origin": signer.origin, "position": position, "public": verifier.public}
        for position, verifier in enumerate(signer.verifiers)
    ]
    upsert = insert(signers)
    upsert = upsert.on_conflict_do_update(constraint=signers.primary_key, set_={"public": upsert.excluded.public})
    async with engine.begin() as connection:
        await connection.execute(upsert, rows)
        await connection.execute(
            sa.delete(signers).where(signers.c.origin == signer.origin, signers.c.position >= len(rows))
        )


async def load_verifiers(engine: AsyncEngine, origin: str) -> list[Verifier]:
    """Load the public keys that sign now, the current one first; none until a worker has started."""
    query = sa.select(signers.c.public).where(signers.c.origin == origin).order_by(signers.c.position)
    return [Verifier(name=origin, public=bytes(public)) for public in await fetch_column(engine, query)]


async def seal_all(engine: AsyncEngine, signer: Signer, witness: Witness | None = None) -> bool:
    """Seal a batch of each workspace that has new events. Returns whether any has more.

    A workspace whose log does not go on from what `witness` keeps is left unsealed; the log and /metrics say so.
    """
    sealed = sa.select(sa.func.max(checkpoints.c.size)).where(checkpoints.c.workspace_id == heads.c.workspace_id)
    behind = sa.select(heads.c.workspace_id, heads.c.seq).where(
        heads.c.seq > sa.func.coalesce(sealed.scalar_subquery(), 0)
    )
    has_more = False
    for workspace_id, seq in await fetch_all(engine, behind):
        try:
            has_more |= await seal(engine, signer, workspace_id, witness) < seq
        except LogWentBack as refusal:
            log.error("sealing_refused", workspace=str(workspace_id), because=str(refusal))  # noqa: TRY400 - no fault of ours
            await execute(engine, _SAVE_REFUSAL, {"workspace_id": workspace_id, "because": str(refusal)})
        else:
            if witness is not None:
                await execute(engine, _DELETE_REFUSAL, {"workspace_id": workspace_id})
    return has_more


async def seal(engine: AsyncEngine, signer: Signer, workspace_id: UUID, witness: Witness | None = None) -> int:
    """Sign a checkpoint over at most MAX_LEAVES new leaves. Returns its size. Raises LogWentBack."""
    tree = await load_latest_tree(engine, workspace_id)
    witnessed = witness.find(workspace_id) if witness else None
    if witnessed is not None and witnessed.size <= tree.size:
        await _check_grown(engine, workspace_id, witnessed, tree)
    first = tree.size - tree.size % TILE  # reload the leaves of the tile that is not full
    leaves = await load_leaves(engine, workspace_id, first, limit=tree.size - first + MAX_LEAVES)
    new_leaves = leaves[tree.size - first :]
    if witnessed is not None and witnessed.size > tree.size:
        _check_same(witnessed, tree, new_leaves)
    if not new_leaves:
        return tree.size
    complete_subtrees = await asyncio.to_thread(_add_leaves, tree, new_leaves)
    full_tiles = [
        {"workspace_id": workspace_id, "number": (first + at) // TILE, "hashes": b"".join(leaves[at : at + TILE])}
        for at in range(0, len(leaves) - TILE + 1, TILE)
    ]
    checkpoint = {"size": tree.size, "edge": b"".join(tree.hashes), "note": signer.sign_checkpoint(workspace_id, tree)}
    if witness is not None and (witnessed is None or witnessed.size < tree.size):
        witness.keep(workspace_id, Sealed(size=tree.size, root=tree.root()))
    async with engine.begin() as connection:
        if full_tiles:
            await connection.execute(insert(tiles).on_conflict_do_nothing(), full_tiles)
            rows = [{"workspace_id": workspace_id} | row for row in complete_subtrees]
            await connection.execute(insert(subtrees).on_conflict_do_nothing(), rows)
        statement = insert(checkpoints).values(workspace_id=workspace_id, **checkpoint).on_conflict_do_nothing()
        await connection.execute(statement)
    return tree.size


async def _check_grown(engine: AsyncEngine, workspace_id: UUID, witnessed: Sealed, tree: Frontier) -> None:
    """Check that the checkpoint which the database has extends the kept one, by a proof from its subtrees."""
    # Imported here: proofs.py reads LEVEL_BITS of this module.
    from service.audit.proofs import prove_consistency  # noqa: PLC0415

    try:
        path = (
            []
            if witnessed.size == tree.size
            else await prove_consistency(engine, workspace_id, old=witnessed.size, new=tree.size)
        )
        check_consistency(witnessed.size, tree.size, path, witnessed.root, tree.root())
    except (ProofRefused, KeyError) as error:
        raise LogWentBack(
            f"the log of {tree.size} events does not extend the {witnessed.size} sealed before"
        ) from error


def _check_same(witnessed: Sealed, tree: Frontier, leaves: Sequence[bytes]) -> None:
    """Check that the kept root comes about on the way: the machine was killed before its checkpoint was stored."""
    missing = witnessed.size - tree.size
    if len(leaves) < missing:
        raise LogWentBack(f"{witnessed.size} events were sealed, and the log or its checkpoints are shorter")
    replayed = Frontier(tree.size, tree.hashes)
    for leaf in leaves[:missing]:
        replayed.add(leaf)
    if replayed.root() != witnessed.root:
        raise LogWentBack(f"the first {witnessed.size} events are not those that were sealed")


def _add_leaves(tree: Frontier, leaves: Sequence[bytes]) -> list[dict[str, Any]]:
    """Add the leaves to the tree. Returns rows of the subtrees that are now complete."""
    rows = []
    for leaf in leaves:
        hashes = tree.add(leaf)
        for level in range(1, (len(hashes) - 1) // LEVEL_BITS + 1):
            number = (tree.size >> LEVEL_BITS * level) - 1
            rows.append({"level": level, "number": number, "hash": hashes[LEVEL_BITS * level]})
    return rows


async def load_latest_tree(engine: AsyncEngine, workspace_id: UUID) -> Frontier:
    """Load the tree as of the latest checkpoint; an empty tree without one."""
    row = await find_checkpoint(engine, workspace_id)
    if row is None:
        return Frontier()
    edge = [row.edge[at : at + HASH_BYTES] for at in range(0, len(row.edge), HASH_BYTES)]
    return Frontier(row.size, edge)


async def find_checkpoint(engine: AsyncEngine, workspace_id: UUID, *, at_least: int = 0, is_first: bool = False) -> Any:
    """Find the latest checkpoint, or the first; None when there is none of at least this size."""
    query = (
        sa.select(checkpoints)
        .where(checkpoints.c.workspace_id == workspace_id, checkpoints.c.size >= at_least)
        .order_by(checkpoints.c.size if is_first else checkpoints.c.size.desc())
        .limit(1)
    )
    return await find_one(engine, query)


async def load_leaves(engine: AsyncEngine, workspace_id: UUID, after: int, *, limit: int) -> list[bytes]:
    query = (
        sa.select(events.c.leaf)
        .where(events.c.workspace_id == workspace_id, events.c.seq > after)
        .order_by(events.c.seq)
        .limit(limit)
    )
    return [bytes(leaf) for leaf in await fetch_column(engine, query)]
