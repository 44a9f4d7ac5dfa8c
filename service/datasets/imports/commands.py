"""Asking an import to stop: by its own route or as the operation it shows as."""

from uuid import UUID

from service.datasets.imports import domain as decide
from service.datasets.imports.domain import IMPORT, ImportState
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Ledger


async def cancel_import(ledger: Ledger, caller: Caller, import_id: UUID) -> StreamState[ImportState]:
    """What it has added by then is taken back by a worker. Raises NotCancellable when it has ended."""
    return await ledger.change(IMPORT, import_id, decide.cancel, caller=caller)
