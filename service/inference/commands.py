"""Cancel a run."""

from uuid import UUID

from service.inference.domain import RUN, cancel
from service.ledger.store import Caller, Ledger


async def cancel_run(ledger: Ledger, caller: Caller, run_id: UUID) -> None:
    """Stop open provider calls; keep the answers received so far."""
    await ledger.change(RUN, run_id, cancel, caller=caller)
