"""Audit routes: signed checkpoints, Merkle proofs, tiles to compute proofs from, and the export of the log."""

import base64
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from service.access.auth import require_scope
from service.audit import proofs
from service.audit.log_export import export_lines
from service.audit.worker import find_checkpoint, load_leaves, load_verifiers
from service.errors import Fault, Invalid, NotFound
from service.http.problems import refusals
from service.ledger.readers.feed import MAX_SEQ
from service.ledger.store import Caller, Ledger
from service.settings import Settings
from tuneledger.audit.notes import checkpoint_of

CACHE_FOREVER = "private, max-age=31536000, immutable"
Size = Annotated[
    int, QueryParameter(ge=1, le=MAX_SEQ, description="Number of events in the tree; at most as many as are sealed.")
]
Seq = Annotated[int, QueryParameter(ge=1, le=MAX_SEQ, description="Number of the event in the log.")]


class LedgerCheckpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A signed checkpoint of the log: how many events it has, and the Merkle root over them."""

    origin: str
    """Name of the log: the server's log name and the workspace's id."""
    size: int
    """How many events the checkpoint covers."""
    root: str
    """RFC 9162 Merkle root over the first `size` events, in base64."""
    note: str
    """The signed text, in C2SP's tlog-checkpoint form. Keep it byte for byte."""
    keys: list[str]
    """Public keys that sign the log, as C2SP verifier keys."""
    sealed_at: datetime
    """When the checkpoint was signed."""


class InclusionProof(msgspec.Struct, frozen=True, kw_only=True):
    """Proof that event `seq` is in the log: leaf `seq` - 1 of the Merkle tree over the first `size` events."""

    seq: int
    """The event's number in the log."""
    size: int
    """How many events the tree covers."""
    leaf: str
    """Hash of the event, in base64."""
    root: str
    """Root of the tree, in base64."""
    hashes: list[str]
    """Sibling hashes from the leaf up to the root, in base64."""


class ConsistencyProof(msgspec.Struct, frozen=True, kw_only=True):
    """Proof that the log only grew: the first `from_size` of `to_size` events are unchanged."""

    from_size: int
    """Events in the earlier tree."""
    to_size: int
    """Events in the later tree."""
    from_root: str
    """Root of the earlier tree, in base64."""
    to_root: str
    """Root of the later tree, in base64."""
    hashes: list[str]
    """The RFC 9162 consistency proof: hashes in base64."""


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """256 hashes of the Merkle tree."""

    level: int
    """0: hashes of events. Above: roots of subtrees over 256 to the power of `level` events."""
    number: int
    """Position of the tile on its level, from 0."""
    hashes: list[str]
    """256 hashes, in base64."""


@get(
    "/ledger/checkpoint",
    operation_id="get_ledger_checkpoint",
    summary="Get the latest signed checkpoint of the log",
    guards=[require_scope("audit:read")],
    responses=refusals(404),
    tags=["audit"],
)
async def get_ledger_checkpoint(
    caller: NamedDependency[Caller], ledger: NamedDependency[Ledger], settings: NamedDependency[Settings]
) -> LedgerCheckpoint:
    """A worker signs new events within seconds. 404 until the first event is sealed."""
    row = await find_checkpoint(ledger.engine, caller.workspace_id)
    if row is None:
        raise NotFound("No checkpoint yet; a running worker signs one within seconds of the first event.")
    text, _, _ = row.note.rpartition("\n\n")
    head = checkpoint_of(text + "\n")
    return LedgerCheckpoint(
        origin=head.origin,
        size=head.size,
        root=_encode_hash(head.root),
        note=row.note,
        keys=[str(verifier) for verifier in await load_verifiers(ledger.engine, settings.log_origin)],
        sealed_at=row.sealed_at,
    )


@get(
    "/ledger/proofs/inclusion",
    operation_id="prove_event",
    summary="Prove that an event is in the log",
    guards=[require_scope("audit:read")],
    tags=["audit"],
)
async def prove_event(
    seq: Seq, size: Size, caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> InclusionProof:
    await _require_sealed(ledger, caller.workspace_id, size, pointer="?size")
    if seq > size:
        raise _no_such_tree("?seq", f"Event {seq} is not among the first {size} events.")
    engine, workspace_id = ledger.engine, caller.workspace_id
    [leaf] = await load_leaves(engine, workspace_id, seq - 1, limit=1)
    return InclusionProof(
        seq=seq,
        size=size,
        leaf=_encode_hash(leaf),
        root=_encode_hash(await proofs.load_root(engine, workspace_id, size)),
        hashes=_encode_hashes(await proofs.prove_inclusion(engine, workspace_id, seq=seq, size=size)),
    )


@get(
    "/ledger/proofs/consistency",
    operation_id="prove_growth",
    summary="Prove that the log only grew",
    guards=[require_scope("audit:read")],
    tags=["audit"],
)
async def prove_growth(
    from_size: Size, to_size: Size, caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> ConsistencyProof:
    await _require_sealed(ledger, caller.workspace_id, to_size, pointer="?to_size")
    if from_size > to_size:
        raise _no_such_tree("?from_size", "from_size must not be larger than to_size.")
    engine, workspace_id = ledger.engine, caller.workspace_id
    return ConsistencyProof(
        from_size=from_size,
        to_size=to_size,
        from_root=_encode_hash(await proofs.load_root(engine, workspace_id, from_size)),
        to_root=_encode_hash(await proofs.load_root(engine, workspace_id, to_size)),
        hashes=_encode_hashes(await proofs.prove_consistency(engine, workspace_id, old=from_size, new=to_size)),
    )


@get(
    "/ledger/tiles/{level:int}/{number:int}",
    operation_id="get_ledger_tile",
    summary="Get a tile of the audit tree: 256 hashes",
    guards=[require_scope("audit:read")],
    tags=["audit"],
)
async def get_ledger_tile(
    level: FromPath[int], number: FromPath[int], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[Tile]:
    """A full tile never changes, so it may be cached forever. 404 while a tile is not full."""
    hashes = await proofs.find_tile(ledger.engine, caller.workspace_id, level=level, number=number)
    if hashes is None:
        raise NotFound(f"Tile {number} on level {level} is not full yet.")
    return Response(
        Tile(level=level, number=number, hashes=_encode_hashes(hashes)), headers={"Cache-Control": CACHE_FOREVER}
    )


@get(
    "/events/export",
    operation_id="export_log",
    summary="Export the sealed log for a verifier",
    guards=[require_scope("audit:read")],
    media_type="application/x-ndjson",
    tags=["audit"],
)
async def export_log(
    caller: NamedDependency[Caller], ledger: NamedDependency[Ledger], settings: NamedDependency[Settings]
) -> Stream:
    """NDJSON with all that `tuneledger verify` needs and no texts: a header, the events, and the sealed leaves."""
    lines = export_lines(ledger.engine, settings.log_origin, caller.workspace_id)
    return Stream(lines, media_type="application/x-ndjson")


async def _require_sealed(ledger: Ledger, workspace_id: UUID, size: int, *, pointer: str) -> None:
    if await find_checkpoint(ledger.engine, workspace_id, at_least=size) is None:
        raise _no_such_tree(pointer, f"The log is not sealed up to {size} events yet.")


def _no_such_tree(pointer: str, detail: str) -> Invalid:
    return Invalid(detail, errors=[Fault(pointer=pointer, detail=detail, code="no_such_tree")])


def _encode_hash(hash_: bytes) -> str:
    return base64.b64encode(hash_).decode()


def _encode_hashes(hashes: list[bytes]) -> list[str]:
    return [_encode_hash(hash_) for hash_ in hashes]


router = Router(
    path="/", route_handlers=[get_ledger_checkpoint, prove_event, prove_growth, get_ledger_tile, export_log]
)
