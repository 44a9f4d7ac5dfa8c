"""How a run is asked to stop."""

from uuid import UUID

from service.ledger.store import Caller, Ledger
from service.runs import runs
from service.runs.runs import RUN


async def cancel_run(ledger: Ledger, caller: Caller, run_id: UUID) -> None:
    """What is open at a provider is hung up, what was answered is kept."""
    await ledger.change(RUN, run_id, runs.cancel, caller=caller)
