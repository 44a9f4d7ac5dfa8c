"""Write a selection of examples to a file, and keep the exports of frozen versions as artifacts."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid5

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from service.artifacts.artifact_store import ArtifactStore
from service.artifacts.commands import delete_artifact, has_content, put_content, record_artifact
from service.artifacts.domain import ARTIFACT, ArtifactOwner, ArtifactStored
from service.datasets.examples.queries import count_erased, count_erased_of_dataset
from service.datasets.exports.example_pages import read_pages
from service.datasets.exports.export_options import ExportOptions
from service.datasets.exports.export_report import ExportReport, LossCounter, check_strict
from service.datasets.exports.file_writer import to_examples, write_header, write_lines, write_page
from service.datasets.exports.parquet_file import write_parquet
from service.datasets.exports.recipes.recipe_archive import write_archive
from service.datasets.exports.records.record_history import load_history
from service.datasets.exports.records.record_writer import write_rows
from service.datasets.exports.writers.written_example import LOSSES, REASONS, Json, WrittenExample
from service.datasets.filters.selection import Selection
from service.datasets.splits import Split
from service.datasets.versions.export import stream_jsonl
from service.errors import Unavailable, Unprocessable
from service.ledger.store import Caller, Ledger

REMADE = "Examples in it were erased."


# Loads the pairs that pairwise judges compared, of the examples of a selection.
LoadJudgements = Callable[[AsyncEngine, UUID, Selection], AsyncIterator[Sequence[WrittenExample]]]


class ExportRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What to export, and how. `version` is the frozen version's name, None for any other moment."""

    selection: Selection
    options: ExportOptions
    load_judgements: LoadJudgements
    version: str | None = None
    splits: dict[str, Split] | None = None
    """Which split each data file of a recipe has; by default train and validation."""
    own_id: UUID | None = None
    """The operation whose artifact it is, where it is not the same each time."""
    more_files: dict[str, bytes] = {}
    """What else stands in the archive of a recipe."""

    @property
    def is_kept(self) -> bool:
        """Whether it is the same each time, so that it is kept as an artifact. Judgements may be added."""
        return self.is_fixed or self.own_id is not None

    @property
    def is_fixed(self) -> bool:
        return self.version is not None and self.options.pairs != "judgements"

    @property
    def artifact_id(self) -> UUID:
        """The same for the same version and options."""
        if self.own_id is not None and not self.is_fixed:
            return uuid5(self.own_id, self.selection.split or "artifact")
        key = (self.version, self.selection.split, self.selection.also, self.options, self.splits, self.more_files)
        return uuid5(self.selection.dataset_id, msgspec.json.encode(key).decode())

    @property
    def file_name(self) -> str:
        selection, options = self.selection, self.options
        moment = self.version or str(selection.seq)
        parts = [str(selection.dataset_id), moment, *([selection.split] if selection.split else [])]
        parts += [options.format] if options.format != "openai-chat" else []
        parts += [options.recipe.tool] if options.recipe else []
        return f"{'-'.join(parts)}.{self.suffix}"

    @property
    def suffix(self) -> str:
        lines = "parquet" if self.options.container == "parquet" else "jsonl"
        return "zip" if self.options.recipe else "csv" if self.options.format == "csv" else lines

    @property
    def media_type(self) -> str:
        if self.options.recipe is not None:
            return "application/zip"
        if self.options.container == "parquet":
            return "application/vnd.apache.parquet"
        return "text/csv" if self.options.format == "csv" else f"application/x-ndjson; format={self.options.format}"


class ExportWriter:
    """One export: its pieces as they are made, and its report once they have all been made."""

    def __init__(
        self, engine: AsyncEngine, workspace_id: UUID, request: ExportRequest, *, erased: int, erased_of_dataset: int
    ) -> None:
        self._engine, self._workspace_id, self._request, self._erased = engine, workspace_id, request, erased
        self._erased_of_dataset = erased_of_dataset
        self._counter, self._sha, self._bytes = LossCounter(), hashlib.sha256(), 0

    async def write(self) -> AsyncIterator[bytes]:
        selection, options = self._request.selection, self._request.options
        if options.recipe is not None:
            one = {selection.split: selection.split} if selection.split else None
            splits = self._request.splits or one or {"train": "train", "validation": "validation"}
            written = {
                name: self._write_converted(msgspec.structs.replace(selection, split=split))
                for name, split in splits.items()
            }
            pieces = write_archive(options.recipe, written, self._request.more_files)
        elif options.container == "parquet":
            pieces = write_parquet(self._write_pages(selection))
        else:
            pieces = self._write_stored() if options.is_lossless else self._write_converted(selection)
        async for piece in pieces:
            self._sha.update(piece)
            self._bytes += len(piece)
            yield piece

    async def write_to(self, path: Path) -> ExportReport:
        """Write all of it to a file. Raises Unavailable when the disk does not take it."""
        try:
            with path.open("wb") as file:
                async for piece in self.write():
                    await asyncio.to_thread(file.write, piece)
        except OSError as error:
            raise Unavailable(f"The export could not be written on this machine's disk: {error.strerror}.") from error
        return self.report()

    def report(self) -> ExportReport:
        counter = self._counter
        return ExportReport(
            rows=counter.rows,
            bytes=self._bytes,
            digest=self._sha.hexdigest(),
            erased=self._erased,
            losses=counter.summarize(counter.losses, LOSSES),
            left_out=counter.summarize(counter.left_out, REASONS),
        )

    async def is_stale(self) -> bool:
        """Whether examples of the dataset were erased since. Of the selection would miss one filtered by its text."""
        dataset_id = self._request.selection.dataset_id
        erased = await count_erased_of_dataset(self._engine, self._workspace_id, dataset_id)
        return erased != self._erased_of_dataset

    async def _write_stored(self) -> AsyncIterator[bytes]:
        selection, options = self._request.selection, self._request.options
        if options.format == "tuneledger":
            pieces = _stream_records(
                self._engine, self._workspace_id, selection, has_history=options.include == "history"
            )
        else:
            pieces = stream_jsonl(self._engine, self._workspace_id, selection, fields=options.include == "fields")
        async for piece in pieces:
            self._counter.rows += piece.count(b"\n")
            yield piece

    async def _write_converted(self, selection: Selection) -> AsyncIterator[bytes]:
        options = self._request.options
        yield write_header(options)
        async for examples in self._read_examples(selection):
            yield await asyncio.to_thread(write_lines, examples, options, self._counter)

    async def _write_pages(self, selection: Selection) -> AsyncIterator[Sequence[Json]]:
        async for examples in self._read_examples(selection):
            yield await asyncio.to_thread(write_page, examples, self._request.options, self._counter)

    async def _read_examples(self, selection: Selection) -> AsyncIterator[Sequence[WrittenExample]]:
        request = self._request
        if request.options.pairs == "judgements":
            async for judged in request.load_judgements(self._engine, self._workspace_id, selection):
                yield judged
            return
        async for rows in read_pages(self._engine, self._workspace_id, selection):
            yield await asyncio.to_thread(to_examples, rows, request.options)


async def open_writer(ledger: Ledger, workspace_id: UUID, request: ExportRequest) -> ExportWriter:
    of_dataset = await count_erased_of_dataset(ledger.engine, workspace_id, request.selection.dataset_id)
    erased = await count_erased(ledger.engine, workspace_id, request.selection)
    return ExportWriter(ledger.engine, workspace_id, request, erased=erased, erased_of_dataset=of_dataset)


async def find_stored(
    ledger: Ledger, store: ArtifactStore, caller: Caller, request: ExportRequest
) -> ArtifactStored | None:
    """The artifact of an export that was made before. One with examples that were erased since is deleted."""
    if not request.is_kept or not await has_content(ledger, store, caller.workspace_id, request.artifact_id):
        return None
    content = (await ledger.get(ARTIFACT, caller.workspace_id, request.artifact_id)).state.stored
    erased = await count_erased(ledger.engine, caller.workspace_id, request.selection)
    if content.report.get("erased") == erased:
        return content
    await delete_artifact(ledger, store, caller, request.artifact_id, reason=REMADE)
    return None


async def store_export(
    ledger: Ledger, store: ArtifactStore, caller: Caller, request: ExportRequest, *, writer: ExportWriter, file: Path
) -> ArtifactStored | None:
    """Keep a written export as an artifact. None when examples were erased meanwhile: it is not kept then.

    It is recorded first. So an erasure that marks its examples after the look finds the record and deletes it; one
    that marked them before is seen by the look, before any text is in the store.
    """
    report = writer.report()
    content = ArtifactStored(
        kind="export",
        name=request.file_name,
        digest=report.digest,
        bytes=report.bytes,
        media_type=request.media_type,
        of=ArtifactOwner(kind="dataset", id=request.selection.dataset_id),
        report=msgspec.to_builtins(report),
    )
    await record_artifact(ledger, caller, request.artifact_id, content)
    if await writer.is_stale():
        await delete_artifact(ledger, store, caller, request.artifact_id, reason=REMADE)
        return None
    await put_content(ledger.engine, store, caller.workspace_id, content.digest, file)
    return await find_stored(ledger, store, caller, request)


class MadeExport(msgspec.Struct, frozen=True, kw_only=True):
    """A finished export: kept as an artifact, or else an open file without a name."""

    report: ExportReport
    stored: ArtifactStored | None = None
    file: BinaryIO | None = None

    @classmethod
    def from_stored(cls, stored: ArtifactStored) -> "MadeExport":
        return cls(report=msgspec.convert(stored.report, ExportReport), stored=stored)

    def check_strict(self, format_: str) -> None:
        """Raises Unprocessable, with the first examples, when anything is lost or left out."""
        try:
            check_strict(self.report, format_)
        except Unprocessable:
            self.close()
            raise

    def close(self) -> None:
        if self.file is not None:
            self.file.close()


async def make_export(ledger: Ledger, store: ArtifactStore, caller: Caller, request: ExportRequest) -> MadeExport:
    """Find the export of a frozen version, or write it and keep it. Of another moment it is written to a file."""
    stored = await find_stored(ledger, store, caller, request)
    if stored is None and request.is_kept:
        with store.receive(request.artifact_id) as path:
            writer = await open_writer(ledger, caller.workspace_id, request)
            await writer.write_to(path)
            stored = await store_export(ledger, store, caller, request, writer=writer, file=path)
    if stored is not None:
        return MadeExport.from_stored(stored)
    with store.receive(request.artifact_id) as path:
        report = await (await open_writer(ledger, caller.workspace_id, request)).write_to(path)
        return MadeExport(report=report, file=path.open("rb"))


async def stream_and_store(
    ledger: Ledger, store: ArtifactStore, caller: Caller, request: ExportRequest
) -> AsyncIterator[bytes]:
    """The pieces as they are made. Of a frozen version they go to a file too, which becomes an artifact at the end."""
    writer = await open_writer(ledger, caller.workspace_id, request)
    if not request.is_kept:
        async for piece in writer.write():
            yield piece
        return
    with store.receive(request.artifact_id) as path, path.open("wb") as file:
        async for piece in writer.write():
            await asyncio.to_thread(file.write, piece)
            yield piece
        file.flush()
        await store_export(ledger, store, caller, request, writer=writer, file=path)


async def _stream_records(
    engine: AsyncEngine, workspace_id: UUID, selection: Selection, *, has_history: bool
) -> AsyncIterator[bytes]:
    async for rows in read_pages(engine, workspace_id, selection):
        ids = [row.id for row in rows] if has_history else []
        history = await load_history(engine, workspace_id, ids, until=selection.seq)
        yield await asyncio.to_thread(write_rows, rows, history)
