"""Which examples of a dataset a version, a time or a seq names."""

from uuid import UUID

import msgspec

from service.datasets.filters.selection import Selection
from service.datasets.projection import load_version
from service.datasets.versions.version_as_of import resolve_as_of_in
from service.ledger.store import Ledger


async def resolve_selection(
    ledger: Ledger, workspace_id: UUID, dataset_id: UUID, as_of: str | None, *, parameter: str
) -> Selection:
    """A version's name selects its examples; a time or seq selects all that were there. Raises Invalid."""
    if as_of is not None and as_of[:1].isalpha():
        seq = await resolve_as_of_in(ledger, workspace_id, dataset_id, as_of, parameter=parameter)
        row = await load_version(ledger.engine, workspace_id, dataset_id, as_of)
        return msgspec.structs.replace(row.selection(), seq=seq)
    return Selection(
        dataset_id=dataset_id,
        seq=await resolve_as_of_in(ledger, workspace_id, dataset_id, as_of, parameter=parameter),
    )
