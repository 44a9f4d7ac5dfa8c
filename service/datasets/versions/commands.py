"""Gather a version's seq and digest, and what was half done then."""

from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.datasets.bulk.queries import find_running_bulk
from service.datasets.domain import DatasetVersionFrozen
from service.datasets.filters.selection import Filter, Selection
from service.datasets.imports.queries import find_running_import
from service.datasets.merges.queries import find_open_merge
from service.datasets.versions.digests.queries import compute_digest
from service.http.as_of import resolve_as_of
from service.ledger.store import Ledger


class FreezeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """`unfinished` says which import, merge or bulk change had done some of its work at that seq, and not all."""

    frozen: DatasetVersionFrozen
    unfinished: str | None


async def gather_freeze_facts(
    ledger: Ledger, workspace_id: UUID, dataset_id: UUID, *, name: str, notes: str, filter_: Filter
) -> FreezeFacts:
    """Read everything as of one seq, so that concurrent writes do not matter."""
    seq = await resolve_as_of(ledger.engine, workspace_id, None)
    unfinished = await _find_unfinished(ledger.engine, workspace_id, dataset_id, seq=seq)
    selection = Selection(dataset_id=dataset_id, seq=seq, filter=filter_, answered=True)
    digest = await compute_digest(ledger.engine, workspace_id, selection)
    frozen = DatasetVersionFrozen(
        name=name,
        moment=seq,
        digest=digest.digest,
        examples=digest.examples,
        splits=digest.splits,
        filter=filter_,
        notes=notes,
    )
    return FreezeFacts(frozen=frozen, unfinished=unfinished)


async def _find_unfinished(engine: AsyncEngine, workspace_id: UUID, dataset_id: UUID, *, seq: int) -> str | None:
    if import_id := await find_running_import(engine, workspace_id, dataset_id, seq=seq):
        return f"Import {import_id} is adding examples"
    if bulk_id := await find_running_bulk(engine, workspace_id, dataset_id, seq=seq):
        return f"Bulk change {bulk_id} is changing examples"
    if merge_id := await find_open_merge(engine, workspace_id, dataset_id):
        return f"Merge {merge_id} is changing examples"
    return None
