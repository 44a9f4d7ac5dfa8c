"""Read, check and stage a file while it is being received, in constant memory."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Literal
from uuid import UUID

import msgspec
import sqlalchemy as sa

from service.database.engine import new_id
from service.database.rows import fetch_column
from service.database.statement_text import value
from service.datasets.domain import DatasetState
from service.datasets.examples.chat_content import decode
from service.datasets.examples.domain import ExampleAdded, Mismatch
from service.datasets.examples.projection import examples, indexed_fingerprint
from service.datasets.examples.ratings import average
from service.datasets.examples.sources import Source
from service.datasets.examples.validation import RuleBook, find_all_schema_faults, to_mismatches
from service.datasets.imports.domain import ImportStaged, OnDeleted, OnError, OnExisting
from service.datasets.imports.file_rows import ReadOptions, open_file
from service.datasets.imports.shapes.recognition import ShapeName
from service.datasets.imports.shapes.row import BadRow, Row
from service.datasets.splits import Split, assign_split
from service.errors import Fault
from service.ledger.bulk import StagedRow, stage
from service.ledger.store import Attachments, Ledger
from service.ledger.tables import staged
from service.ledger.texts import SubjectTexts

COPY_ROWS = 2_000
COPY_BYTES = 8 * 1024 * 1024
MAX_ERRORS = 10_000  # stored and listed; all are counted
ERRORS_PER_TEXT = 500
MAX_LOSSES = 50  # kinds
encoder = msgspec.json.Encoder()
_TAKEN_IDS = """
select stream_id from ledger.events e where workspace_id = $1 and stream_id = any($2::uuid[]) and not exists (
  select from examples x where x.workspace_id = $1 and x.id = e.stream_id and x.dataset_id = $3)
union select subject from ledger.contents c where workspace_id = $1 and subject = any($2::uuid[]) and not exists (
  select from examples x where x.workspace_id = $1 and x.id = c.subject and x.dataset_id = $3)
"""


class RowError(msgspec.Struct, frozen=True, kw_only=True):
    """A row that was not added: its line (in a JSON array its number), and each fault."""

    line: int
    """The line in the file, from 1; in a JSON array the number of the row."""
    errors: tuple[Fault, ...]
    """Everything that is wrong with the row."""


class ImportOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How to import a file. `split` is for rows that name none; without it the dataset's policy assigns one."""

    reading: ReadOptions
    on_error: OnError
    on_invalid: Literal["refuse", "mark"]
    on_existing: OnExisting
    deleted: OnDeleted
    split: Split | None = None
    name: str | None = None


class Stager:
    """Turns the rows of a file into staged examples, and counts the bad ones."""

    def __init__(
        self,
        ledger: Ledger,
        workspace_id: UUID,
        import_id: UUID,
        *,
        dataset_id: UUID,
        dataset: DatasetState,
        task: RuleBook | None,
        options: ImportOptions,
        rater: str,
    ) -> None:
        self.rows = 0
        self.bad = 0
        self.format: ShapeName | None = options.reading.format
        self._losses: Counter[str] = Counter()
        self._copying: asyncio.Task[None] | None = None
        self._errors: list[RowError] = []
        self.import_id = import_id
        self._ledger, self._workspace_id = ledger, workspace_id
        self._dataset_id, self._dataset, self._task = dataset_id, dataset, task
        self._options, self._rater = options, rater

    async def stage_file(self, body: AsyncIterator[bytes]) -> None:
        """Stage the whole file. Raises Unreadable when it cannot be read at all."""
        rows: list[StagedRow] = []
        size = 0
        try:
            file = await open_file(body, self._options.reading)
            self.format = file.shape.name
            async for batch in file.batches:
                new_rows = await self._check_batch(batch)
                rows += new_rows
                size += sum(len(body) for row in new_rows for body in row.bodies)
                if len(rows) >= COPY_ROWS or size >= COPY_BYTES:
                    await self._start_copy(rows)
                    rows, size = [], 0
            await self._start_copy(rows)
        finally:
            await self._wait_for_copy()

    async def _start_copy(self, rows: list[StagedRow]) -> None:
        """Start to copy rows to Postgres, while the next ones are read."""
        await self._wait_for_copy()
        first = self.rows + 1
        self.rows += len(rows)
        copying = stage(self._ledger.engine, self._workspace_id, self.import_id, first, rows)
        self._copying = asyncio.create_task(copying)

    async def _wait_for_copy(self) -> None:
        if self._copying is not None:
            copying, self._copying = self._copying, None
            await copying

    def summarize(self, received: int) -> tuple[ImportStaged, Attachments]:
        """The event with the counts, and the texts of the errors to write with it."""
        texts = SubjectTexts(self.import_id)
        starts = range(0, len(self._errors), ERRORS_PER_TEXT)
        errors = tuple(texts.add_json(self._errors[start : start + ERRORS_PER_TEXT]) for start in starts)
        staging = ImportStaged(
            rows=self.rows,
            bad=self.bad,
            bytes=received,
            errors=errors,
            format=self.format,
            losses=dict(self._losses.most_common(MAX_LOSSES)),
        )
        return staging, texts.attachments

    async def _check_batch(self, batch: Sequence[Row | BadRow]) -> list[StagedRow]:
        """The good rows, ready to stage; bad ones are counted and noted."""
        schema_faults = await self._find_schema_faults(batch)
        taken = await self._find_taken_ids(batch)
        staged = []
        for row in batch:
            if isinstance(row, BadRow):
                self._add_error(row.line, row.faults)
                continue
            faults = schema_faults.get(row.line, [])
            if faults and self._options.on_invalid == "refuse":
                self._add_error(row.line, tuple(faults))
                continue
            if row.losses:
                self._losses.update({loss.partition(":")[0] for loss in row.losses})  # without names from the file
            staged.append(self._build_staged(row, to_mismatches(faults, at="/output"), taken))
        return staged

    async def _find_taken_ids(self, batch: Sequence[Row | BadRow]) -> set[UUID]:
        """The ids that rows bring along and that something else in the workspace has."""
        ids = [row.record.id for row in batch if isinstance(row, Row) and row.record and row.record.id]
        if not ids:
            return set()
        values = (self._workspace_id, ids, self._dataset_id)
        return set(await fetch_column(self._ledger.engine, _TAKEN_IDS, values))

    async def _find_schema_faults(self, batch: Sequence[Row | BadRow]) -> dict[int, list[Fault]]:
        """The faults of each row by its line."""
        if self._task is None or self._task.state.output_schema is None:
            return {}
        rows = [row for row in batch if isinstance(row, Row)]
        contents = [decode(row.content) for row in rows]
        places = ["/output"] * len(rows)
        faults = await find_all_schema_faults(self._workspace_id, contents, self._task, at=places)
        return {row.line: row_faults for row, row_faults in zip(rows, faults, strict=True)}

    def _add_error(self, line: int, faults: tuple[Fault, ...]) -> None:
        self.bad += 1
        if len(self._errors) < MAX_ERRORS:
            self._errors.append(RowError(line=line, errors=faults))

    def _build_staged(self, row: Row, mismatches: tuple[Mismatch, ...], taken: set[UUID]) -> StagedRow:
        record = row.record
        kept_id = record.id if record and record.id not in taken else None
        texts = SubjectTexts(kept_id or new_id())
        rating = row.rating
        source = record.source if record else Source(type="import")
        ratings = record.ratings if record else {}
        event = ExampleAdded(
            dataset_id=self._dataset_id,
            content=texts.add(row.content),
            split=row.split or self._options.split or self._assign_split(row),
            source=msgspec.structs.replace(source, import_id=self.import_id, format=self.format, line=row.line),
            tags=row.tags,
            external_id=row.external_id,
            metadata=None if row.metadata is None else texts.add(row.metadata),
            original=None if row.original is None else texts.add(row.original),
            rater=self._rater if rating else None,
            rating=rating,
            score=average({self._rater: rating} if rating else ratings),
            invalid=mismatches,
            task_version=self._task.version if self._task else None,
            ratings=ratings,
            label=record.label if record else None,
            votes=record.votes if record else (),
            replaced=texts.add(record.replaced) if record and record.replaced else None,
            instruction=texts.add(record.instruction.encode()) if record and record.instruction is not None else None,
            unanswered=row.unanswered,
        )
        contents = texts.attachments.contents
        return StagedRow(
            texts.subject,
            encoder.encode(event).decode(),
            build_key(row, kept_id),
            texts.salt,
            [text.digest for text in contents],
            [text.body for text in contents],
        )

    def _assign_split(self, row: Row) -> Split:
        return assign_split(
            row.content,
            self._dataset_id,
            self._dataset.split_policy,
            external_id=row.external_id,
            metadata=row.metadata,
            tags=row.tags,
        )


def build_key(row: Row, kept_id: UUID | None = None) -> str:
    """What identifies a row as a duplicate: its external id, else the id that it brings along, else its text."""
    if row.external_id is not None:
        return f"e:{row.external_id}"
    if kept_id is not None:
        return f"i:{kept_id}"
    return f"f:{hashlib.sha256(row.content).hexdigest()}"


def _build_duplicate_condition() -> sa.ColumnElement[bool]:
    kind, rest = sa.func.left(staged.c.key, 2), sa.func.substr(staged.c.key, 3)
    here = examples.c.dataset_id == value("dataset_id", sa.Uuid)
    start = sa.func.left(rest, sa.literal_column("32"))  # of the hash in hex, which is what the index has
    fingerprint = sa.func.decode(sa.case((kind == sa.literal_column("'f:'"), start)), sa.literal_column("'hex'"))
    by_id = _has_example(here, examples.c.external_id == sa.case((kind == sa.literal_column("'e:'"), rest)))
    by_text = _has_example(here, indexed_fingerprint == fingerprint)
    by_own_id = _has_example(examples.c.id == staged.c.stream_id)  # rows that brought their id along
    # Erasure blanks a staged row and leaves it in its place: the rows are added by number.
    return sa.or_(kind == sa.literal_column("'x:'"), by_id, by_own_id, by_text)


def _has_example(*conditions: sa.ColumnElement[bool]) -> sa.Exists:
    # OFFSET 0 has it looked up for each row: else the planner may read all examples of the table, for each chunk.
    same_workspace = examples.c.workspace_id == staged.c.workspace_id
    return sa.exists(sa.select(1).where(same_workspace, *conditions).offset(sa.literal_column("0")))


# A condition on staged rows: the dataset already has an example with the row's key.
IS_DUPLICATE = _build_duplicate_condition()
