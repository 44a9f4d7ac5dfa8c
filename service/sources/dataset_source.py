"""The examples of another dataset here, as of a moment."""

from uuid import UUID

from service.datasets.domain import DATASET
from service.datasets.exports.commands import ExportRequest, LoadJudgements, open_writer
from service.datasets.exports.export_options import ExportOptions
from service.datasets.imports.domain import ImportSource
from service.datasets.versions.version_selection import resolve_selection
from service.ledger.store import Ledger
from service.sources.opened_source import OpenedSource
from service.sources.schemas import FromDataset


async def open_dataset_source(
    source: FromDataset, ledger: Ledger, workspace_id: UUID, judgements: LoadJudgements
) -> OpenedSource:
    """The rows as `format=tuneledger` writes them: each says which example it was. Raises NotFound."""
    await ledger.get(DATASET, workspace_id, source.dataset_id)
    selection = await resolve_selection(
        ledger, workspace_id, source.dataset_id, source.as_of, parameter="/source/as_of"
    )
    request = ExportRequest(selection=selection, options=ExportOptions(format="tuneledger"), load_judgements=judgements)
    writer = await open_writer(ledger, workspace_id, request)
    record = ImportSource(type="dataset", location=str(source.dataset_id), revision=str(selection.seq))
    return OpenedSource(record=record, pieces=writer.write(), is_tuneledger=True)
