"""A file on its way in: read, checked and staged while it is still being received, in flat memory."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from typing import Literal
from uuid import UUID

import msgspec
import sqlalchemy as sa

from service.database.engine import new_id
from service.datasets.domain import DatasetState
from service.datasets.examples.chat_content import decode
from service.datasets.examples.domain import ExampleAdded, Mismatch
from service.datasets.examples.projection import examples
from service.datasets.examples.ratings import Rating, Stars
from service.datasets.examples.sources import Source
from service.datasets.examples.validation import RuleBook, accepted, mismatches
from service.datasets.imports.domain import Format, ImportStaged, OnError
from service.datasets.imports.formats import READERS, BadRow, Row
from service.datasets.splits import Split, assign
from service.errors import Fault, Unprocessable
from service.ledger.bulk import Staged, stage
from service.ledger.statements import value
from service.ledger.store import Attachments, Ledger
from service.ledger.tables import staged
from service.ledger.texts import SubjectTexts

COPY_ROWS = 2_000
COPY_BYTES = 8 * 1024 * 1024
MAX_ERRORS = 10_000  # kept and listed; all are counted
ERRORS_PER_TEXT = 500
encoder = msgspec.json.Encoder()


class RowError(msgspec.Struct, frozen=True, kw_only=True):
    """A row that was not taken: its line (for a JSON array its number), and each fault."""

    line: int
    """The line in the file, from 1; in a JSON array the number of the row."""
    errors: tuple[Fault, ...]
    """Everything that is wrong with the row."""


class ImportOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a file is to be taken. `split` is for rows that name none; without it the dataset's policy assigns one."""

    format: Format
    on_error: OnError
    on_invalid: Literal["refuse", "mark"]
    split: Split | None = None
    name: str | None = None


class Stager:
    """Turns rows of a file into staged examples, and keeps count of the bad ones."""

    def __init__(
        self,
        ledger: Ledger,
        workspace_id: UUID,
        import_id: UUID,
        *,
        dataset_id: UUID,
        dataset: DatasetState,
        task: RuleBook | None,
        terms: ImportOptions,
        rater: str,
    ) -> None:
        self.rows = 0
        self.bad = 0
        self._held = 0
        self._copying: asyncio.Task[None] | None = None
        self._errors: list[RowError] = []
        self.import_id = import_id
        self._ledger, self._workspace_id = ledger, workspace_id
        self._dataset_id, self._dataset, self._task = dataset_id, dataset, task
        self._terms, self._rater = terms, rater

    async def take(self, body: AsyncIterator[bytes]) -> None:
        """Stage the whole file. Raises Unreadable when it cannot be read at all."""
        ready: list[Staged] = []
        try:
            async for batch in READERS[self._terms.format](body):
                fresh = self._ready(batch)
                ready += fresh
                self._held += sum(len(body) for row in fresh for body in row.bodies)
                if len(ready) >= COPY_ROWS or self._held >= COPY_BYTES:
                    await self._copy(ready)
                    ready = []
                    self._held = 0
            await self._copy(ready)
        finally:
            await self._copied()

    async def _copy(self, ready: list[Staged]) -> None:
        """Send rows on their way. Postgres takes them in while the next are read."""
        await self._copied()
        first = self.rows + 1
        self.rows += len(ready)
        copying = stage(self._ledger.engine, self._workspace_id, self.import_id, first, ready)
        self._copying = asyncio.create_task(copying)

    async def _copied(self) -> None:
        if self._copying is not None:
            copying, self._copying = self._copying, None
            await copying

    def summary(self, received: int) -> tuple[ImportStaged, Attachments]:
        """What was found, and the texts of the errors, to be kept beside the event that says so."""
        wording = SubjectTexts(self.import_id)
        parts = [self._errors[at : at + ERRORS_PER_TEXT] for at in range(0, len(self._errors), ERRORS_PER_TEXT)]
        errors = tuple(wording.add_json(part) for part in parts)
        return ImportStaged(rows=self.rows, bad=self.bad, bytes=received, errors=errors), wording.attachments

    def _ready(self, batch: Sequence[Row | BadRow]) -> list[Staged]:
        staged = []
        for row in batch:
            if isinstance(row, BadRow):
                self._note(row.line, row.faults)
                continue
            try:
                marks = self._marks(row)
            except Unprocessable as error:
                self._note(row.line, error.errors)
                continue
            staged.append(self._staged(row, marks))
        return staged

    def _note(self, line: int, faults: tuple[Fault, ...]) -> None:
        self.bad += 1
        if len(self._errors) < MAX_ERRORS:
            self._errors.append(RowError(line=line, errors=faults))

    def _marks(self, row: Row) -> tuple[Mismatch, ...]:
        if self._task is None or self._task.state.output_schema is None:
            return ()
        found = mismatches(decode(row.content), self._task, at="/output")
        return accepted(found, on_invalid=self._terms.on_invalid, at="/output")

    def _staged(self, row: Row, marks: tuple[Mismatch, ...]) -> Staged:
        wording = SubjectTexts(new_id())
        rating = Rating(overall=Stars(value=row.rating)) if row.rating is not None else None
        event = ExampleAdded(
            dataset_id=self._dataset_id,
            content=wording.add(row.content),
            split=row.split or self._terms.split or assign(wording.subject, self._dataset.split_policy),
            source=Source(type="import", import_id=self.import_id, format=self._terms.format, line=row.line),
            tags=row.tags,
            external_id=row.external_id,
            metadata=None if row.metadata is None else wording.add(row.metadata),
            original=None if row.original is None else wording.add(row.original),
            rater=self._rater if rating else None,
            rating=rating,
            score=float(row.rating) if row.rating is not None else None,
            invalid=marks,
            task_version=self._task.version if self._task else None,
        )
        texts = wording.attachments.contents
        return Staged(
            wording.subject,
            encoder.encode(event).decode(),
            build_key(row),
            wording.salt,
            [text.digest for text in texts],
            [text.body for text in texts],
        )


def build_key(row: Row) -> str:
    """What makes a row the same as one that is there: its external id, else its text."""
    if row.external_id is not None:
        return f"e:{row.external_id}"
    return f"f:{hashlib.sha256(row.content).hexdigest()}"


def _taken() -> sa.ColumnElement[bool]:
    kind, rest = sa.func.left(staged.c.key, 2), sa.func.substr(staged.c.key, 3)
    here = (examples.c.workspace_id == staged.c.workspace_id, examples.c.dataset_id == value("dataset_id", sa.Uuid))
    fingerprint = sa.func.decode(sa.case((kind == sa.literal_column("'f:'"), rest)), sa.literal_column("'hex'"))
    by_id = sa.exists(
        sa.select(1).where(*here, examples.c.external_id == sa.case((kind == sa.literal_column("'e:'"), rest)))
    )
    by_text = sa.exists(sa.select(1).where(*here, examples.c.fingerprint == fingerprint))
    return sa.or_(by_id, by_text)


# On staged rows: whether their key is already an example's of the dataset that is named when the statement runs.
TAKEN = _taken()
