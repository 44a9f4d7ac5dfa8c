"""Read a file: its container gives JSON rows, their shape is recognized or said, and each becomes a row to store."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

import msgspec

from service.datasets.examples.chat_content import OnUnanswered
from service.datasets.imports.containers import BLOCK_BYTES, MAX_ROW_BYTES, FileHints, JsonRow, Unreadable, open_rows
from service.datasets.imports.containers.file_description import FileDescription
from service.datasets.imports.shapes.column_map import apply_column_map, parse_column_map
from service.datasets.imports.shapes.recognition import MAX_EXAMINED, SHAPES, Shape, ShapeName, recognize
from service.datasets.imports.shapes.record_rows import RecordReader
from service.datasets.imports.shapes.row import BadRow, Row
from service.datasets.imports.shapes.row_fields import Extra
from service.datasets.imports.shapes.shape_reader import RowReader
from service.errors import Fault

ANY_JSON = msgspec.json.Decoder()


class ReadOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How to read a file. Without a `format` it is recognized; `map` names the columns of fields."""

    format: ShapeName | None = None
    extra: Extra = "metadata"
    unanswered: OnUnanswered = "refuse"
    map: str | None = None
    hints: FileHints = FileHints()


class FileRows(msgspec.Struct, frozen=True):
    """What a file turned out to be, and its rows in batches."""

    description: FileDescription
    shape: Shape
    batches: AsyncIterator[Sequence[Row | BadRow]]


class JsonRowReader(Protocol):
    """Reads one JSON row of the file's shape."""

    def read(self, line: int, at: str, data: bytes | Fault) -> Row | BadRow: ...


async def open_file(
    stream: AsyncIterator[bytes], options: ReadOptions, *, limit: int = MAX_ROW_BYTES, block: int = BLOCK_BYTES
) -> FileRows:
    """Open a file, in constant memory. Raises Unreadable now or later for a bad file, Invalid for a bad map."""
    columns = parse_column_map(options.map)
    hints = options.hints
    if options.format == "csv":  # the word is for the container too
        hints = msgspec.structs.replace(hints, content_type="text/csv")
    description, rows = await open_rows(stream, hints, limit=limit, block=block)
    first = [batch async for batch in _take_first(rows)]
    shape = _choose_shape(options.format, columns, first)
    if shape.name == "csv" and not columns and description.columns:
        _check_header(description, needed=("input", "output") if options.unanswered == "refuse" else ("input",))
    reader: JsonRowReader = RowReader(shape, extra=options.extra, columns=columns, unanswered=options.unanswered)
    if shape.name == "tuneledger" and not columns:
        reader = RecordReader()
    return FileRows(description, shape, _read(reader, first, rows))


async def _take_first(rows: AsyncIterator[list[JsonRow]]) -> AsyncIterator[list[JsonRow]]:
    """The batches up to the first one with a row."""
    async for batch in rows:
        yield batch
        if batch:
            return


async def _read(
    reader: JsonRowReader, first: list[list[JsonRow]], rows: AsyncIterator[list[JsonRow]]
) -> AsyncIterator[Sequence[Row | BadRow]]:
    for batch in first:
        yield [reader.read(line, at, data) for line, at, data in batch]
    async for batch in rows:
        yield [reader.read(line, at, data) for line, at, data in batch]


def _choose_shape(name: ShapeName | None, columns: dict[str, str], first: list[list[JsonRow]]) -> Shape:
    """The shape that was said, that of mapped columns, or the recognized one. Raises Unreadable if it is unknown."""
    if name is not None:
        return SHAPES[name]
    if "output" in columns:
        return SHAPES["csv"]
    data = [data for batch in first for _, _, data in batch if isinstance(data, bytes)][:MAX_EXAMINED]
    objects = [value for value in map(_decode, data) if isinstance(value, dict)]
    shape = recognize([apply_column_map(value, columns)[0] for value in objects])
    if shape is not None:
        return shape
    if objects:
        fields = ", ".join(repr(field[:64]) for field in list(objects[0])[:20]) or "no fields"
        detail = (
            f"The format is not recognized: the first row has {fields}. Say format=…, "
            "or which columns are which: map=input:…,output:…"
        )
        raise Unreadable(Fault(detail=detail, code="unknown_format", line=1))
    return SHAPES["openai-chat"]  # no row is an object: each is told why


def _check_header(file: FileDescription, *, needed: tuple[str, ...]) -> None:
    """Raises Unreadable for a table without the columns that `format=csv` needs."""
    names = [name.strip().lower() for name in file.columns]
    found = ", ".join(name[:64] for name in file.columns[:20])
    faults = [
        Fault(
            detail=f"The column {name} is missing; the header has {found}. Name it: map=input:…,output:…",
            code="missing_column",
            line=file.header_line,
        )
        for name in needed
        if name not in names
    ]
    if faults:
        raise Unreadable(*faults)


def _decode(data: bytes) -> object:
    try:
        return ANY_JSON.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
