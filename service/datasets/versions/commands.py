"""Gather a version's seq and digest, and any import running then."""

from uuid import UUID

import msgspec

from service.datasets.domain import DatasetVersionFrozen
from service.datasets.filters.selection import Filter, Selection
from service.datasets.imports.queries import find_running_import
from service.datasets.versions import export
from service.http.as_of import resolve_as_of
from service.ledger.store import Ledger


class FreezeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """`importing` is an import that had added some of its rows at that seq, and not all."""

    frozen: DatasetVersionFrozen
    importing: UUID | None


async def gather_freeze_facts(
    ledger: Ledger, workspace_id: UUID, dataset_id: UUID, *, name: str, notes: str, filter_: Filter
) -> FreezeFacts:
    """Read everything as of one seq, so that concurrent writes do not matter."""
    seq = await resolve_as_of(ledger.engine, workspace_id, None)
    importing = await find_running_import(ledger.engine, workspace_id, dataset_id, seq=seq)
    selection = Selection(dataset_id=dataset_id, seq=seq, filter=filter_, answered=True)
    digest = await export.compute_digest(ledger.engine, workspace_id, selection)
    frozen = DatasetVersionFrozen(
        name=name,
        moment=seq,
        digest=digest.digest,
        examples=digest.examples,
        splits=digest.splits,
        filter=filter_,
        notes=notes,
    )
    return FreezeFacts(frozen=frozen, importing=importing)
