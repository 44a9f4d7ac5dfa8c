"""Ask for an export into the artifact store, and ask one to stop."""

from uuid import UUID

import msgspec

from service.database.engine import new_id
from service.datasets.exports.commands import ExportRequest, LoadJudgements
from service.datasets.exports.export_options import ExportOptions
from service.datasets.exports.jobs import domain
from service.datasets.exports.jobs.domain import DATASET_EXPORT, DatasetExportRequested, ExportState
from service.datasets.filters.selection import Selection
from service.ledger.decider import StreamState
from service.ledger.store import Caller, Ledger
from service.ledger.texts import SubjectTexts, load_texts


class ExportOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be exported, as it is stored until it is."""

    selection: Selection
    options: ExportOptions
    version: str | None
    strict: bool


async def request_export(ledger: Ledger, caller: Caller, export: ExportRequest, *, strict: bool) -> UUID:
    """Begin an export; returns the operation's id."""
    texts = SubjectTexts(new_id())
    order = ExportOrder(selection=export.selection, options=export.options, version=export.version, strict=strict)
    event = DatasetExportRequested(
        dataset_id=export.selection.dataset_id,
        format=export.options.recipe.tool if export.options.recipe else export.options.format,
        order=texts.add_json(order),
        asked_by=caller.actor,
        asked_in=caller.request_id,
        version=export.version,
    )
    stored = await ledger.change(
        DATASET_EXPORT, texts.subject, lambda _: [event], caller=caller, attachments=texts.attachments
    )
    return stored.id


async def load_order(
    ledger: Ledger, workspace_id: UUID, stored: StreamState[ExportState], load_judgements: LoadJudgements
) -> tuple[ExportRequest, bool]:
    """The request as it was asked for, and whether it is strict."""
    texts = await load_texts(ledger.engine, workspace_id, [stored.id])
    order = msgspec.json.decode(texts[stored.id].bodies[stored.state.asked.order], type=ExportOrder)
    export = ExportRequest(
        selection=order.selection,
        options=order.options,
        version=order.version,
        load_judgements=load_judgements,
        own_id=stored.id,
    )
    return export, order.strict


async def cancel_dataset_export(ledger: Ledger, caller: Caller, operation_id: UUID) -> StreamState[ExportState]:
    """A worker stops within seconds. Raises NotCancellable when it has ended."""
    return await ledger.change(DATASET_EXPORT, operation_id, domain.cancel, caller=caller)
