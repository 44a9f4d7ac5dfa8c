"""What a frozen version will say: the moment it names, what proves it, and who was half-way in at that moment."""

from uuid import UUID

import msgspec

from service.datasets.domain import DatasetVersionFrozen
from service.datasets.examples.filters import Filter, Selection
from service.datasets.imports.queries import find_running_import
from service.datasets.versions import export as exports
from service.http.as_of import resolve_as_of
from service.ledger.store import Ledger


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """`importing` is an import that had added some of its rows at that moment, and not all."""

    frozen: DatasetVersionFrozen
    importing: UUID | None


async def gather(
    ledger: Ledger, workspace_id: UUID, dataset_id: UUID, *, name: str, notes: str, wanted: Filter
) -> Facts:
    """All of it as of one seq, so that what is written meanwhile is in none of it."""
    seq = await resolve_as_of(ledger.engine, workspace_id, None)
    importing = await find_running_import(ledger.engine, workspace_id, dataset_id, seq=seq)
    selection = Selection(dataset_id=dataset_id, seq=seq, filter=wanted)
    summed = await exports.sum_up(ledger.engine, workspace_id, selection)
    frozen = DatasetVersionFrozen(
        name=name,
        moment=seq,
        digest=summed.digest,
        examples=summed.examples,
        splits=summed.splits,
        filter=wanted,
        notes=notes,
    )
    return Facts(frozen=frozen, importing=importing)
