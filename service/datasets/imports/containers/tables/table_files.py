"""Spreadsheets and Parquet files. They are read in a process of their own, which only this folder's program runs in."""

from collections.abc import AsyncIterator
from typing import IO

import msgspec

from service.datasets.imports.containers.byte_source import read_blocks
from service.datasets.imports.containers.compression import Budget
from service.datasets.imports.containers.file_description import FileDescription, FileHints
from service.datasets.imports.containers.json_text.json_rows import JsonLayout, JsonRow, read_json_rows
from service.datasets.imports.containers.lines import split_lines
from service.datasets.imports.containers.tables.csv_records import CsvRecord
from service.datasets.imports.containers.tables.table_process import TableProcess
from service.datasets.imports.containers.tables.table_rows import open_table
from service.datasets.imports.containers.unreadable import build_too_long_fault
from service.errors import Fault

RECORDS = msgspec.json.Decoder(tuple[int, list[str] | Fault])


async def open_parquet(
    file: IO[bytes], budget: Budget, *, limit: int, block: int
) -> tuple[FileDescription, AsyncIterator[list[JsonRow]]]:
    """The rows of a Parquet file, each as its JSON."""
    process = await TableProcess.start(file, budget, "parquet")
    rows = read_json_rows(read_blocks(process.read(), size=block), JsonLayout(kind="lines"), limit=limit)
    return FileDescription(kind="parquet", columns=process.head.columns), rows


async def open_workbook(
    file: IO[bytes], budget: Budget, hints: FileHints, *, limit: int, block: int
) -> tuple[FileDescription, AsyncIterator[list[JsonRow]]]:
    """The rows of one sheet: the one that the hints name, or else the first that has any."""
    process = await TableProcess.start(file, budget, "workbook", hints.sheet or "")
    records = _read_records(read_blocks(process.read(), size=block), limit=limit)
    header, rows = await open_table(records, hints.columns, encoding="utf-8", pads=True)
    description = FileDescription(
        kind="xlsx",
        columns=header.columns,
        header_line=None if hints.columns else header.line,
        sheet=process.head.sheet,
        ignored=process.head.other_sheets,
    )
    return description, rows


async def _read_records(blocks: AsyncIterator[bytes], *, limit: int) -> AsyncIterator[list[CsvRecord]]:
    async for batch in split_lines(blocks, limit=limit):
        yield [
            (number, build_too_long_fault(limit)) if line is None else RECORDS.decode(line)
            for number, line in enumerate(batch.lines, batch.first)
        ]
