"""Ask for a tune's weights, and ask a download to stop."""

from uuid import UUID

from service.database.engine import new_id
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Ledger
from service.providers.kinds import TRAITS
from service.tunes.events import TUNE
from service.tunes.weights import domain, queries
from service.tunes.weights.domain import WEIGHTS, WeightsRequested, WeightsState


async def request_weights(ledger: Ledger, caller: Caller, tune_id: UUID, *, checkpoint: str | None) -> UUID:
    """Begin a download, or find the one that is under way for the same. Returns the operation's id.

    Raises NotFound, or Conflict where there is nothing to download.
    """
    tune = await ledger.get(TUNE, caller.workspace_id, tune_id)
    gives_weights = TRAITS[tune.state.asked.connection_kind].weights
    domain.require_downloadable(tune.state, gives_weights=gives_weights, checkpoint=checkpoint)
    for open_id in await queries.list_open(ledger.engine, caller.workspace_id, tune_id):
        open_download = await ledger.get(WEIGHTS, caller.workspace_id, open_id)
        if open_download.state.asked.checkpoint == checkpoint and open_download.state.state != "cancelling":
            return open_id
    event = WeightsRequested(tune_id=tune_id, checkpoint=checkpoint, asked_by=caller.actor, asked_in=caller.request_id)
    return (await ledger.change(WEIGHTS, new_id(), lambda _: [event], caller=caller)).id


async def cancel_weights(ledger: Ledger, caller: Caller, operation_id: UUID) -> StreamState[WeightsState]:
    """A worker stops within seconds. Raises NotCancellable when it has ended."""
    return await ledger.change(WEIGHTS, operation_id, domain.cancel, caller=caller)
