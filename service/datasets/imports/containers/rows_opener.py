"""Open the rows of a file: recognize what it is, unpack it, and read it with the reader of its kind."""

from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial

import msgspec

from service.datasets.imports.containers.byte_source import ByteSource, read_blocks
from service.datasets.imports.containers.compression import COMPRESSIONS, Budget, unpack
from service.datasets.imports.containers.file_description import NO_HINTS, FileDescription, FileHints
from service.datasets.imports.containers.json_text.json_rows import JsonRow, read_json_rows, recognize_layout
from service.datasets.imports.containers.signatures import refuse_known_files
from service.datasets.imports.containers.tables.csv_rows import open_csv, recognize_dialect
from service.datasets.imports.containers.tables.table_files import open_parquet, open_workbook
from service.datasets.imports.containers.text_encodings import decode_start, decode_text, recognize_encoding
from service.datasets.imports.containers.text_kinds import is_table
from service.datasets.imports.containers.unreadable import BLOCK_BYTES, MAX_ROW_BYTES, Unreadable
from service.datasets.imports.containers.zip_archive import EMPTY_ZIP, ZIP, ZipArchive, save
from service.errors import Fault
from service.json_pointers import pointer

START_BYTES = 64 * 1024  # what a file is recognized by
MAX_BYTES = 10_000_000_000  # of a file when it is unpacked
MAX_PACKINGS = 3  # a ZIP file of gzip files, say
PARQUET = b"PAR1"

OpenedRows = tuple[FileDescription, AsyncIterator[list[JsonRow]]]


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Of bytes: of a row, of what is read at once, and of what may be unpacked. `depth` is of packings."""

    row: int
    block: int
    budget: Budget
    depth: int = 0

    def go_deeper(self) -> "Limits":
        """Raises Unreadable for a file that is packed too often."""
        if self.depth == MAX_PACKINGS:
            raise Unreadable(Fault(detail="The file is packed in too many layers; unpack it.", code="too_large"))
        return msgspec.structs.replace(self, depth=self.depth + 1)


async def open_rows(
    stream: AsyncIterator[bytes],
    hints: FileHints = NO_HINTS,
    *,
    limit: int = MAX_ROW_BYTES,
    block: int = BLOCK_BYTES,
    max_bytes: int = MAX_BYTES,
) -> OpenedRows:
    """What the file is, and its rows in batches; each row is a JSON object as it stands, or of cells by column.

    `limit` is of the bytes of a row, `block` of those read at once, `max_bytes` of what may be unpacked. Raises
    Unreadable now or later, when the file is bad as a whole. Close the rows if you do not read all of them.
    """
    return await _open(stream, hints, Limits(row=limit, block=block, budget=Budget(max_bytes)))


async def _open(stream: AsyncIterator[bytes], hints: FileHints, limits: Limits) -> OpenedRows:
    source = ByteSource(stream)
    start = await source.peek(START_BYTES)
    for signature, name in COMPRESSIONS.items():
        if start.startswith(signature):
            inside = unpack(source.read(), name, limits.budget)
            description, rows = await _open(inside, hints, limits.go_deeper())
            packed = (name, *description.compression)
            return msgspec.structs.replace(description, compression=packed), rows
    if start.startswith((ZIP, EMPTY_ZIP)):
        return await _open_archive(source, hints, limits.go_deeper())
    if start.startswith(PARQUET):
        return await open_parquet(await save(source.read()), limits.budget, limit=limits.row, block=limits.block)
    refuse_known_files(start)
    return await _open_text(source, start, hints, limits)


async def _open_text(source: ByteSource, start: bytes, hints: FileHints, limits: Limits) -> OpenedRows:
    encoding = recognize_encoding(start, hints.encoding)
    beginning = decode_start(start, encoding)
    has_bare_returns = "\r" in beginning[:-1] and "\n" not in beginning
    text = decode_text(read_blocks(source.read(), size=limits.block), encoding, has_bare_returns=has_bare_returns)
    if has_bare_returns:
        beginning = beginning.replace("\r", "\n")
    if is_table(beginning, hints):
        dialect = recognize_dialect(beginning, hints.delimiter)
        header, rows = await open_csv(text, dialect, hints.columns, limit=limits.row, encoding=encoding.name)
        description = FileDescription(
            kind="csv",
            encoding=encoding.name,
            delimiter=dialect.delimiter,
            columns=header.columns,
            header_line=None if hints.columns else header.line,
        )
        return description, rows
    layout = recognize_layout(beginning.encode(errors="surrogateescape"), is_whole=len(start) < START_BYTES)
    rows = read_json_rows(text, layout, limit=limits.row, encoding=encoding.name)
    has_lines = layout.kind in {"lines", "objects"}
    return FileDescription(kind="jsonl" if has_lines else "json", encoding=encoding.name), rows


async def _open_archive(source: ByteSource, hints: FileHints, limits: Limits) -> OpenedRows:
    file = await save(source.read())
    try:
        archive = ZipArchive(file, limits.budget)
        if archive.is_workbook:
            return await open_workbook(file, limits.budget, hints, limit=limits.row, block=limits.block)
        members = [(info.filename, partial(archive.read, info)) for info in archive.members]
        name, read = members[0]
        description, rows = await _open(read(), msgspec.structs.replace(hints, name=name), limits)
    except BaseException:
        file.close()
        raise
    description = msgspec.structs.replace(
        description,
        compression=("zip", *description.compression),
        members=tuple(name for name, _ in members),
        ignored=archive.ignored,
    )
    return description, _chain(file.close, rows, members, hints, limits)


async def _chain(
    close: Callable[[], None],
    rows: AsyncIterator[list[JsonRow]],
    members: Sequence[tuple[str, Callable[[], AsyncIterator[bytes]]]],
    hints: FileHints,
    limits: Limits,
) -> AsyncIterator[list[JsonRow]]:
    """The rows of all members; with more than one, each pointer starts with the member's name."""
    try:
        for index, (name, read) in enumerate(members):
            if index:
                _, rows = await _open(read(), msgspec.structs.replace(hints, name=name), limits)
            at = pointer(name) if len(members) > 1 else ""
            async for batch in rows:
                yield [_put_inside(at, row) for row in batch] if at else batch
    finally:
        close()


def _put_inside(at: str, row: JsonRow) -> JsonRow:
    line, where, data = row
    if isinstance(data, Fault):
        data = msgspec.structs.replace(data, pointer=at + data.pointer)
    return line, at + where, data
