"""Ask for an export into the artifact store or elsewhere, and ask one to stop."""

from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import new_id
from service.datasets.exports.commands import ExportRequest, LoadJudgements
from service.datasets.exports.export_options import ExportOptions
from service.datasets.exports.jobs import domain
from service.datasets.exports.jobs.domain import DATASET_EXPORT, DatasetExportRequested, DatasetTarget, ExportState
from service.datasets.filters.selection import Selection
from service.integrations.domain import INTEGRATION, check_target
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Ledger
from service.ledger.texts import SubjectTexts, load_texts


class ExportOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be exported, as it is stored until it is."""

    selection: Selection
    options: ExportOptions
    version: str | None
    strict: bool


async def request_export(
    ledger: Ledger, caller: Caller, export: ExportRequest, *, strict: bool, to: DatasetTarget | None
) -> UUID:
    """Begin an export; returns the operation's id. Raises NotFound or Unprocessable for a target that takes none."""
    if to is not None:
        integration = await ledger.find(INTEGRATION, caller.workspace_id, to.integration_id)
        check_target(integration.state if integration else None, to)
    texts = SubjectTexts(new_id())
    order = ExportOrder(selection=export.selection, options=export.options, version=export.version, strict=strict)
    event = DatasetExportRequested(
        dataset_id=export.selection.dataset_id,
        format=export.options.recipe.tool if export.options.recipe else export.options.format,
        order=texts.add_json(order),
        asked_by=caller.actor,
        asked_in=caller.request_id,
        version=export.version,
        to=to,
    )
    stored = await ledger.change(
        DATASET_EXPORT, texts.subject, lambda _: [event], caller=caller, attachments=texts.attachments
    )
    return stored.id


async def load_order(
    ledger: Ledger, workspace_id: UUID, stored: StreamState[ExportState], load_judgements: LoadJudgements
) -> tuple[ExportRequest, bool]:
    """The request as it was asked for, and whether it is strict."""
    order = await _load_order(ledger.engine, workspace_id, stored.id)
    export = ExportRequest(
        selection=order.selection,
        options=order.options,
        version=order.version,
        load_judgements=load_judgements,
        own_id=stored.id,
    )
    return export, order.strict


async def load_selection(engine: AsyncEngine, workspace_id: UUID, export_id: UUID) -> Selection:
    """Which examples an export was asked for."""
    return (await _load_order(engine, workspace_id, export_id)).selection


async def _load_order(engine: AsyncEngine, workspace_id: UUID, export_id: UUID) -> ExportOrder:
    texts = await load_texts(engine, workspace_id, [export_id])
    [body] = texts[export_id].bodies.values()  # its only text
    return msgspec.json.decode(body, type=ExportOrder)


async def cancel_dataset_export(ledger: Ledger, caller: Caller, operation_id: UUID) -> StreamState[ExportState]:
    """A worker stops within seconds. Raises NotCancellable when it has ended."""
    return await ledger.change(DATASET_EXPORT, operation_id, domain.cancel, caller=caller)
