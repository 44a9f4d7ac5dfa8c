"""Read a file without importing it: the first rows as they would come in, what is lost, what is wrong."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import msgspec

from service.datasets.domain import DATASET, require_active
from service.datasets.examples.chat_content import decode
from service.datasets.examples.validation import RuleBook, find_all_schema_faults
from service.datasets.imports.file_rows import open_file
from service.datasets.imports.schemas import FileKind, ImportPreview, RowPreview
from service.datasets.imports.shapes.row import BadRow, Row
from service.datasets.imports.staging_area import MAX_LOSSES, ImportOptions, RowError
from service.ledger.store import Caller, Ledger
from service.tasks.domain import TASK

MAX_ROWS = 20
MAX_ERRORS = 50
MAX_BYTES = 2_000_000  # of the rows that are shown


class DryRun:
    """Counts the rows of a file, and keeps the first good and the first bad ones."""

    def __init__(self, workspace_id: UUID, task: RuleBook | None, options: ImportOptions) -> None:
        self._workspace_id, self._task, self._options = workspace_id, task, options
        self._rows = self._bad = self._bytes = 0
        self._losses: Counter[str] = Counter()
        self._sample: list[RowPreview] = []
        self._errors: list[RowError] = []

    async def read(self, body: AsyncIterator[bytes]) -> ImportPreview:
        """Read the whole file. Raises Unreadable when it cannot be read at all."""
        file = await open_file(body, self._options.reading)
        async for batch in file.batches:
            await self._take(batch)
        return ImportPreview(
            format=file.shape.name,
            title=file.shape.title,
            file=FileKind(
                kind=file.description.kind,
                encoding=file.description.encoding,
                delimiter=file.description.delimiter,
                columns=list(file.description.columns),
                compression=list(file.description.compression),
                members=list(file.description.members),
                ignored=list(file.description.ignored),
                sheet=file.description.sheet,
            ),
            rows=self._rows,
            bad=self._bad,
            losses=dict(self._losses.most_common(MAX_LOSSES)),
            sample=self._sample,
            errors=self._errors,
        )

    async def _take(self, batch: Sequence[Row | BadRow]) -> None:
        good = [row for row in batch if isinstance(row, Row)]
        contents = [decode(row.content) for row in good] if self._task and self._task.state.output_schema else []
        places = ["/output"] * len(contents)
        faults = await find_all_schema_faults(self._workspace_id, contents, self._task, at=places)
        by_line = {row.line: found for row, found in zip(good, faults, strict=False) if found}
        for row in batch:
            found = row.faults if isinstance(row, BadRow) else tuple(by_line.get(row.line, ()))
            if isinstance(row, Row) and (not found or self._options.on_invalid == "mark"):
                self._keep(row)
            else:
                self._bad += 1
                if len(self._errors) < MAX_ERRORS:
                    self._errors.append(RowError(line=row.line, errors=found))

    def _keep(self, row: Row) -> None:
        self._rows += 1
        self._losses.update(row.losses)
        self._bytes += len(row.content) + len(row.metadata or b"")
        if len(self._sample) < MAX_ROWS and (not self._sample or self._bytes < MAX_BYTES):
            self._sample.append(_build_preview(row, self._options))


def _build_preview(row: Row, options: ImportOptions) -> RowPreview:
    metadata: Any = None if row.metadata is None else msgspec.Raw(row.metadata)
    content: Any = msgspec.Raw(row.content)
    return RowPreview(
        line=row.line,
        content=content,
        external_id=row.external_id,
        tags=list(row.tags),
        split=row.split or options.split,
        rating=row.rating,
        metadata=metadata,
        losses=list(row.losses),
    )


async def preview_file(
    ledger: Ledger, caller: Caller, dataset_id: UUID, body: AsyncIterator[bytes], *, options: ImportOptions
) -> ImportPreview:
    """Read a file and write nothing. Raises NotFound, Unreadable, and Invalid for a bad map."""
    dataset = require_active((await ledger.get(DATASET, caller.workspace_id, dataset_id)).state)
    task = await ledger.find(TASK, caller.workspace_id, dataset.task_id) if dataset.task_id else None
    return await DryRun(caller.workspace_id, task, options).read(body)
