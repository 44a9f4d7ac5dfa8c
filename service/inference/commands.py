"""How a run is asked to stop."""

from uuid import UUID

from service.inference import domain as runs
from service.inference.domain import RUN
from service.ledger.store import Caller, Ledger


async def cancel_run(ledger: Ledger, caller: Caller, run_id: UUID) -> None:
    """What is open at a provider is hung up, what was answered is kept."""
    await ledger.change(RUN, run_id, runs.cancel, caller=caller)
