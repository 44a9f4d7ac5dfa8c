"""Cancel an import."""

from uuid import UUID

from service.datasets.imports import domain
from service.datasets.imports.domain import IMPORT, ImportState
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Ledger


async def cancel_import(ledger: Ledger, caller: Caller, import_id: UUID) -> StreamState[ImportState]:
    """A worker removes what it has added so far. Raises NotCancellable when it has ended."""
    return await ledger.change(IMPORT, import_id, domain.cancel, caller=caller)
