"""Read a sheet of an XLSX file with openpyxl: values as texts, formulas by their stored result, merged cells filled."""

import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, Any

import msgspec
from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string

from service.datasets.imports.containers.tables.table_head import BadTable, TableHead
from service.errors import Fault

MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)"')
FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
MAX_TAG = 200
MAX_MERGED = 100_000
MAX_PART_BYTES = 512 * 1024 * 1024  # of one part of the file, unpacked; the texts of all cells are one
MAX_COLUMNS = 2_000
PIECE_BYTES = 1024 * 1024


class MergedCells:
    """Fills the cells below the first of a merged range with its text."""

    def __init__(self, ranges: Sequence[tuple[int, int, int]]) -> None:
        self._ranges: dict[int, list[tuple[int, int]]] = {}
        self._open: dict[int, tuple[int, str]] = {}
        for column, first, last in ranges:
            self._ranges.setdefault(first, []).append((column, last))

    def fill(self, row: int, texts: list[str]) -> None:
        for column, (last, text) in list(self._open.items()):
            if row > last:
                del self._open[column]
            elif column < len(texts):
                texts[column] = text
            else:
                texts += [""] * (column - len(texts)) + [text]
        for column, last in self._ranges.get(row, ()):
            if column < len(texts):
                self._open[column] = (last, texts[column])


def read_workbook(path: str, sheet: str = "") -> Iterator[bytes]:
    """The head, and then the line and the texts of each row. Raises BadTable."""
    try:
        _check_parts(path)
        with Path(path).open("rb") as file:
            yield from _read(file, sheet)
    except BadTable:
        raise
    except MemoryError as error:
        raise BadTable("Reading this spreadsheet takes too much memory; split it.", "too_large") from error
    except Exception as error:  # the library raises whatever its parsers do
        raise BadTable(f"The spreadsheet is damaged: {type(error).__name__} {str(error)[:200]}") from error


def _read(file: IO[bytes], sheet: str) -> Iterator[bytes]:
    workbook = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    found = _find_sheet(workbook, sheet)
    others = tuple(each.title for each in workbook.worksheets if each is not found)
    yield msgspec.json.encode(TableHead(sheet=found.title, other_sheets=others))
    ranges, has_formulas = _scan(file, found._worksheet_path)  # noqa: SLF001 - there is no other way to the part
    merged = MergedCells(ranges)
    found.reset_dimensions()
    formulas = None
    if has_formulas:
        formulas = load_workbook(file, read_only=True, keep_links=False)[found.title]
        formulas.reset_dimensions()
        formulas = formulas.iter_rows()
    for number, cells in enumerate(found.iter_rows(), 1):
        if len(cells) > MAX_COLUMNS:
            raise BadTable(f"The sheet has more than {MAX_COLUMNS:,} columns.", "too_large")
        written = next(formulas, ()) if formulas is not None else ()
        texts = _read_cells(cells, written)
        if isinstance(texts, list):
            merged.fill(number, texts)
        if isinstance(texts, Fault) or any(texts):
            yield msgspec.json.encode((number, texts))


def _find_sheet(workbook: Any, name: str) -> Any:
    titles = [sheet.title for sheet in workbook.worksheets]
    if name and name not in titles:
        raise BadTable(f"There is no sheet {name!r}; the sheets are {', '.join(titles)[:300]}.", "unknown_sheet")
    candidates = [
        sheet for sheet in workbook.worksheets if (sheet.title == name if name else sheet.sheet_state == "visible")
    ]
    for sheet in candidates:
        if name or any(cell.value is not None for row in sheet.iter_rows(max_row=100) for cell in row):
            return sheet
    raise BadTable("The spreadsheet has no rows.", "empty_file")


def _check_parts(path: str) -> None:
    with zipfile.ZipFile(path) as archive:
        for part in archive.infolist():
            if part.file_size > MAX_PART_BYTES:
                detail = f"A part of the spreadsheet unpacks to more than {MAX_PART_BYTES:,} bytes; split it."
                raise BadTable(detail, "too_large")


def _scan(file: IO[bytes], part: str) -> tuple[list[tuple[int, int, int]], bool]:
    """The merged ranges of a sheet (column, first and last row), and whether it has formulas."""
    ranges: list[tuple[int, int, int]] = []
    has_formulas = False
    tail = b""
    with zipfile.ZipFile(file) as archive, archive.open(part.lstrip("/")) as xml:
        while piece := xml.read(PIECE_BYTES):
            text = tail + piece
            has_formulas = has_formulas or FORMULA.search(text) is not None
            end = 0
            for match in MERGED.finditer(text):
                left, top, _, bottom = (group.decode() for group in match.groups())
                ranges.append((column_index_from_string(left) - 1, int(top), int(bottom)))
                end = match.end()
            if len(ranges) > MAX_MERGED:
                raise BadTable("The sheet has too many merged cells.", "too_large")
            tail = text[max(end, len(text) - MAX_TAG) :]
    return ranges, has_formulas


def _read_cells(cells: Sequence[Any], written: Sequence[Any]) -> list[str] | Fault:
    texts = []
    for place, cell in enumerate(cells):
        value = cell.value
        if getattr(cell, "data_type", None) == "e":
            detail = f"Cell {cell.coordinate} has the error {value}."
            return Fault(detail=detail, code="cell_error")
        formula = getattr(written[place], "data_type", None) == "f" if place < len(written) else False
        if value is None and formula:
            detail = f"Cell {written[place].coordinate} has a formula and no result; open and save the file in Excel."
            return Fault(detail=detail, code="cell_error")
        texts.append(_to_text(value))
    return texts


def _to_text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() == time():  # a cell with a date alone
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return str(value)
