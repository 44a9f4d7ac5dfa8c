"""Ask for the export of a model version, and ask one to stop."""

from uuid import UUID

from service.database.engine import new_id
from service.extras import require_extra
from service.integrations.domain import INTEGRATION, ExportTarget, check_target
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Ledger
from service.models.domain import MODEL, get_version
from service.models.exports import domain, queries
from service.models.exports.domain import (
    MODEL_EXPORT,
    ExportForm,
    ModelExportRequested,
    ModelExportState,
)
from service.providers.kinds import TRAITS
from service.tunes.events import TUNE


async def request_export(
    ledger: Ledger,
    caller: Caller,
    model_id: UUID,
    name: str,
    *,
    forms: tuple[ExportForm, ...],
    to: ExportTarget | None,
) -> UUID:
    """Begin an export, or find the same one that is under way. Returns the operation's id.

    Raises NotFound, MissingExtra, or Conflict where there are no weights to export.
    """
    model = await ledger.get(MODEL, caller.workspace_id, model_id)
    version = get_version(model.state, name)
    tune = await ledger.get(TUNE, caller.workspace_id, version.tune_id) if version.tune_id else None
    gives_weights = TRAITS[tune.state.asked.connection_kind].weights if tune else None
    tune_id = domain.require_exportable(version, gives_weights=gives_weights)
    require_extra("weights")
    if to is not None:
        integration = await ledger.find(INTEGRATION, caller.workspace_id, to.integration_id)
        check_target(integration.state if integration else None, to)
    resource = f"/v1/models/{model_id}/versions/{version.model_version}"
    for open_id in await queries.list_open(ledger.engine, caller.workspace_id, resource):
        export = (await ledger.get(MODEL_EXPORT, caller.workspace_id, open_id)).state
        if (export.asked.forms, export.asked.to) == (forms, to) and export.state != "cancelling":
            return open_id
    event = ModelExportRequested(
        model_id=model_id,
        model_version=version.model_version,
        tune_id=tune_id,
        forms=forms,
        asked_by=caller.actor,
        asked_in=caller.request_id,
        to=to,
    )
    return (await ledger.change(MODEL_EXPORT, new_id(), lambda _: [event], caller=caller)).id


async def cancel_export(ledger: Ledger, caller: Caller, operation_id: UUID) -> StreamState[ModelExportState]:
    """A worker stops within seconds. Raises NotCancellable when it has ended."""
    return await ledger.change(MODEL_EXPORT, operation_id, domain.cancel, caller=caller)
