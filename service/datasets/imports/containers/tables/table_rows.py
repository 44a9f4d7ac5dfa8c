"""Rows of a table: its first record names the columns, each other becomes a JSON object of texts by column."""

import re
from collections.abc import AsyncIterator, Sequence

import msgspec

from service.datasets.examples.chat_content import ENCODER
from service.datasets.imports.containers.json_text.json_rows import JsonRow
from service.datasets.imports.containers.tables.csv_records import CsvRecord
from service.datasets.imports.containers.text_encodings import build_encoding_fault
from service.datasets.imports.containers.unreadable import Unreadable, build_empty_file_error
from service.errors import Fault

UNNAMED = re.compile(r"(Unnamed: \d+)?")  # pandas names a column so that had no name
INDEX = re.compile(r"\d*")
MAX_NAME = 64  # longer ones are texts: the file has no header
SENTENCE_END = (".", "?", "!", "…", "\u3002", "\uff1f", "\uff01")


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The columns of a table. `places` says where each stands; `nameless` are the places that have no name."""

    line: int
    columns: tuple[str, ...]
    places: tuple[int, ...]
    width: int
    pads: bool = False

    @property
    def nameless(self) -> list[int]:
        return [place for place in range(self.width) if place not in self.places]


async def open_table(
    batches: AsyncIterator[list[CsvRecord]], columns: Sequence[str], *, encoding: str, pads: bool = False
) -> tuple[Header, AsyncIterator[list[JsonRow]]]:
    """The header and the rows. Raises Unreadable for a bad header.

    `columns` are those of a file without a header. `pads`: empty cells at the end of a row are not there.
    """
    async for batch in batches:
        records = list(batch)
        if not records:
            continue
        header = _build_header(records[0][0], columns) if columns else _read_header(*records.pop(0), encoding)
        header = msgspec.structs.replace(header, pads=pads)
        return header, _read_rows(records, batches, header, encoding)
    raise build_empty_file_error()


async def _read_rows(
    first: list[CsvRecord], batches: AsyncIterator[list[CsvRecord]], header: Header, encoding: str
) -> AsyncIterator[list[JsonRow]]:
    has_rows = False
    records = first
    while True:
        rows = [(line, "", _build_object(cells, header, encoding)) for line, cells in records if _has_text(cells)]
        has_rows = has_rows or bool(rows)
        if rows:
            yield rows
        following = await anext(batches, None)
        if following is None:
            break
        records = following
    if not has_rows:
        raise build_empty_file_error()


def _has_text(cells: list[str] | Fault) -> bool:
    return isinstance(cells, Fault) or any(cells)


def _read_header(line: int, cells: list[str] | Fault, encoding: str) -> Header:
    if isinstance(cells, Fault):
        raise Unreadable(cells)
    names = [cell.strip().removeprefix("\ufeff") for cell in cells]
    if (fault := _find_bad_text(names, encoding)) is not None:
        raise Unreadable(msgspec.structs.replace(fault, line=line))
    if (found := next(filter(_is_text, names), None)) is not None:
        detail = (
            f"The first row looks like data, not like a header: {found[:MAX_NAME]!r}. "
            "Name the columns in the first row, or send columns=input,output in the order they have."
        )
        raise Unreadable(Fault(detail=detail, code="no_header", line=line))
    return _build_header(line, names)


def _is_text(name: str) -> bool:
    """Whether this is nobody's name for a column."""
    return len(name) > MAX_NAME or "\n" in name or name.endswith(SENTENCE_END) or name.replace(".", "").isdecimal()


def _build_header(line: int, names: Sequence[str]) -> Header:
    places = tuple(place for place, name in enumerate(names) if not UNNAMED.fullmatch(name))
    columns = tuple(names[place] for place in places)
    duplicated = [name for name in dict.fromkeys(columns) if columns.count(name) > 1]
    if duplicated:
        raise Unreadable(
            *(Fault(detail=f"Duplicate column {name}.", code="duplicate_column", line=line) for name in duplicated)
        )
    if not columns:
        raise Unreadable(Fault(detail="The first row names no column.", code="no_header", line=line))
    return Header(line=line, columns=columns, places=places, width=len(names))


def _build_object(cells: list[str] | Fault, header: Header, encoding: str) -> bytes | Fault:
    if isinstance(cells, Fault):
        return cells
    if header.pads:
        cells = cells + [""] * (header.width - len(cells))
    if len(cells) <= header.places[-1] or any(cells[header.width :]):
        detail = f"The row has {len(cells)} cells, the header {header.width}."
        return Fault(detail=detail, code="ragged_row")
    for place in header.nameless:
        text = cells[place] if place < len(cells) else ""
        if text and not (place == 0 and INDEX.fullmatch(text)):
            detail = f"Column {place + 1} has no name in the header, and {text[:MAX_NAME]!r} here; name it."
            return Fault(detail=detail, code="unnamed_column")
    try:
        return ENCODER.encode(dict(zip(header.columns, [cells[place] for place in header.places], strict=True)))
    except UnicodeEncodeError:
        return _find_bad_text(cells, encoding) or Fault(detail="This row is not text.", code="not_utf8")


def _find_bad_text(cells: Sequence[str], encoding: str) -> Fault | None:
    """The fault of the first cell with a byte that is no character of the encoding."""
    for cell in cells:
        data = cell.encode(errors="surrogateescape")
        try:
            data.decode()
        except UnicodeDecodeError:
            return build_encoding_fault(data, encoding)
    return None
