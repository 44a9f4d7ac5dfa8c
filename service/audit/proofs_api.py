"""The audit tree over HTTP: signed heads, proofs, and the tiles from which anybody can make proofs themselves."""

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
from service.audit import log_export as exporting
from service.audit import proofs
from service.audit import worker as sealing
from service.audit.worker import Signer
from service.errors import Fault, Invalid, NotFound
from service.http.problems import refusals
from service.ledger.readers.feed import MOST
from service.ledger.store import Caller, Ledger
from tuneledger.audit.notes import checkpoint_of

CACHE_FOREVER = "private, max-age=31536000, immutable"
Size = Annotated[int, QueryParameter(ge=1, le=MOST, description="How many events the tree is over; at most sealed.")]
Seq = Annotated[int, QueryParameter(ge=1, le=MOST, description="Which event.")]


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
    """Public keys that signed it, as C2SP verifier keys."""
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
    summary="Read the latest signed head of the log",
    guards=[require_scope("audit:read")],
    responses=refusals(404),
    tags=["audit"],
)
async def get_ledger_checkpoint(
    caller: NamedDependency[Caller], ledger: NamedDependency[Ledger], signer: NamedDependency[Signer]
) -> LedgerCheckpoint:
    """It follows the log within seconds. 404 until the first event is sealed."""
    row = await sealing.find_checkpoint(ledger.engine, caller.workspace_id)
    if row is None:
        raise NotFound("Nothing is sealed yet; a worker does it within seconds of the first event.")
    text, _, _ = row.note.rpartition("\n\n")
    head = checkpoint_of(text + "\n")
    return LedgerCheckpoint(
        origin=head.origin,
        size=head.size,
        root=_encode_hash(head.root),
        note=row.note,
        keys=[str(verifier) for verifier in signer.verifiers],
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
        raise _no_such_tree("?seq", f"Event {seq} is not among the first {size}.")
    engine, workspace_id = ledger.engine, caller.workspace_id
    [leaf] = await sealing.load_leaves(engine, workspace_id, seq - 1, limit=1)
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
        raise _no_such_tree("?from_size", f"A log of {from_size} events is not the beginning of one of {to_size}.")
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
    summary="Read 256 hashes of the audit tree",
    guards=[require_scope("audit:read")],
    tags=["audit"],
)
async def get_ledger_tile(
    level: FromPath[int], number: FromPath[int], caller: NamedDependency[Caller], ledger: NamedDependency[Ledger]
) -> Response[Tile]:
    """A tile that is full never changes and may be kept for ever; one that is not full yet is not found."""
    hashes = await proofs.find_tile(ledger.engine, caller.workspace_id, level=level, number=number)
    if hashes is None:
        raise NotFound(f"There is no full tile {number} on level {level} yet.")
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
    caller: NamedDependency[Caller], ledger: NamedDependency[Ledger], signer: NamedDependency[Signer]
) -> Stream:
    """NDJSON of all that `tuneledger verify` needs, and no content: a header, the events, and the leaves as sealed."""
    lines = exporting.export_lines(ledger.engine, signer, caller.workspace_id)
    return Stream(lines, media_type="application/x-ndjson")


async def _require_sealed(ledger: Ledger, workspace_id: UUID, size: int, *, pointer: str) -> None:
    if await sealing.find_checkpoint(ledger.engine, workspace_id, at_least=size) is None:
        raise _no_such_tree(pointer, f"The log has not been sealed up to {size} events.")


def _no_such_tree(pointer: str, detail: str) -> Invalid:
    return Invalid(detail, errors=[Fault(pointer=pointer, detail=detail, code="no_such_tree")])


def _encode_hash(hash_: bytes) -> str:
    return base64.b64encode(hash_).decode()


def _encode_hashes(hashes: list[bytes]) -> list[str]:
    return [_encode_hash(hash_) for hash_ in hashes]


router = Router(
    path="/", route_handlers=[get_ledger_checkpoint, prove_event, prove_growth, get_ledger_tile, export_log]
)
