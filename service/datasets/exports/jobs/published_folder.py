"""The folder of a dataset that is about to be published: its files from the artifact store, and its card."""

import asyncio
import shutil
from collections.abc import Sequence
from uuid import UUID

from service.artifacts.artifact_store import ArtifactStore
from service.audit.worker import find_checkpoint
from service.datasets.domain import DATASET
from service.datasets.exports.commands import ExportRequest, MadeExport
from service.datasets.exports.jobs.dataset_card import DatasetCard, PublishedFile, write_dataset_card
from service.datasets.exports.jobs.domain import DatasetTarget
from service.datasets.projection import load_version
from service.errors import Unavailable
from service.ledger.store import Caller
from service.worker.context import WorkerContext


class PublishedFolder:
    """A folder of one export alone, gone after it."""

    def __init__(self, context: WorkerContext, caller: Caller, export_id: UUID) -> None:
        self._context, self._caller = context, caller
        self._store = ArtifactStore(context.settings)
        self.path = (context.settings.data_directory / "exports").expanduser().absolute() / str(export_id)

    async def lay_out(
        self,
        target: DatasetTarget,
        export: ExportRequest,
        requests: Sequence[ExportRequest],
        made: Sequence[MadeExport],
    ) -> str:
        """Fetch the files and write the card. Returns what the folder is called. Raises Unavailable until sealed."""
        await asyncio.to_thread(self.remove)  # what a killed worker left may be half of a file
        reports = [each.report for each in made]
        files = [
            PublishedFile(path=_name_file(request), split=request.selection.split, report=report)
            for request, report in zip(requests, reports, strict=True)
        ]
        for file in files:
            digest, size = file.report.digest, file.report.bytes
            await self._store.fetch(self._caller.workspace_id, digest, self.path / file.path, size=size)
        card = await self._gather_card(target, export, files)
        await asyncio.to_thread((self.path / "README.md").write_text, write_dataset_card(card))
        return f"{card.name} {card.version or card.seq}"

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

    async def _gather_card(
        self, target: DatasetTarget, export: ExportRequest, files: Sequence[PublishedFile]
    ) -> DatasetCard:
        engine, workspace_id, selection = self._context.engine, self._caller.workspace_id, export.selection
        dataset = (await self._context.ledger.get(DATASET, workspace_id, selection.dataset_id)).state
        # The first, so that the same export has the same card.
        checkpoint = await find_checkpoint(engine, workspace_id, at_least=selection.seq, is_first=True)
        if checkpoint is None:
            raise Unavailable("The log is not sealed up to these examples yet; a running worker does that in seconds.")
        name = export.version
        version = await load_version(engine, workspace_id, selection.dataset_id, name) if name else None
        return DatasetCard(
            name=dataset.name,
            description=dataset.description,
            dataset_id=str(selection.dataset_id),
            version=name,
            seq=selection.seq,
            digest=version.digest if version else None,
            license=target.license,
            format=export.options.recipe.tool if export.options.recipe else export.options.format,
            files=files,
            checkpoint=checkpoint.note,
        )


def _name_file(request: ExportRequest) -> str:
    recipe = request.options.recipe
    return f"{recipe.tool}.zip" if recipe else f"data/{request.selection.split}.{request.suffix}"
