"""The receipt of an erasure as a signed note: a line for each kind of text, and for each holder."""

import hashlib
from collections.abc import Iterable, Iterator
from uuid import UUID

from service.audit.worker import Signer, build_log_name
from service.erasure.domain import ErasureState
from tuneledger.audit.notes import sign


def sign_receipt(signer: Signer, workspace_id: UUID, erasure_id: UUID, erasure: ErasureState) -> str:
    """Sign the receipt with the keys that sign the log's checkpoints."""
    lines = [f"{build_log_name(signer.origin, workspace_id)}/erasures/{erasure_id}", *_write_lines(erasure)]
    return sign("".join(f"{line}\n" for line in lines), name=signer.origin, keys=signer.keys)


def hash_digests(digests: Iterable[str]) -> str:
    """SHA-256 over the sorted digests, in hex: the same as a frozen dataset version's."""
    return hashlib.sha256(b"".join(sorted(bytes.fromhex(digest) for digest in digests))).hexdigest()


def _write_lines(erasure: ErasureState) -> Iterator[str]:
    for kind, texts in sorted(erasure.erased.items()):
        yield f"{kind} {texts.count + len(texts.ids)} texts {len(texts.digests)} sha256:{hash_digests(texts.digests)}"
    holders = erasure.holders
    yield from (f"dataset version {held.dataset_id} {held.name} {held.examples}" for held in holders.versions)
    yield from (f"tune {id_}" for id_ in holders.tunes)
    for file in holders.files:
        outcome = "deleted" if erasure.copies.get(("file", file.file_id)) is None else "refused"
        yield f"provider file {file.connection_id} {file.file_id} {outcome}"
    for held in holders.models:
        gone = erasure.copies.get(("model", held.name), "kept") is None
        yield f"model version {held.model_id} {held.version}{' deleted' if gone else ''}"
    yield from (f"evaluation {id_}" for id_ in holders.evaluations)
    yield from (f"sent copy {copy.operation_id} {copy.location}" for copy in holders.sent_copies)
