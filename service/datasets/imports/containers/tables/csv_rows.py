"""Read tables of text: cells separated by commas, semicolons, tabs or bars, whatever the header has most of."""

import re
from collections.abc import AsyncIterator, Iterator
from itertools import groupby

from service.datasets.imports.containers.json_text.json_rows import JsonRow
from service.datasets.imports.containers.lines import LineBatch, split_lines
from service.datasets.imports.containers.tables.csv_records import CsvRecord, RecordReader
from service.datasets.imports.containers.tables.table_rows import Header, open_table
from service.datasets.imports.containers.unreadable import build_too_long_fault

DELIMITERS = ",;\t|"
SEPARATOR_LINE = re.compile(r'"?sep=(?P<delimiter>[^"\r\n])"?\r?', re.IGNORECASE)  # Excel reads and writes it
QUOTED = re.compile(r'"(?:[^"]|"")*"')


class Dialect:
    """How the cells of a text are separated. `skipped` is the number of lines before the header."""

    def __init__(self, delimiter: str, *, skipped: int = 0) -> None:
        self.delimiter = delimiter
        self.skipped = skipped


def recognize_dialect(start: str, said: str | None) -> Dialect:
    """The delimiter that was said, that a line `sep=;` says, or that the header has most of."""
    first = start.partition("\n")[0]
    if (line := SEPARATOR_LINE.fullmatch(first)) is not None:
        return Dialect(said or line["delimiter"], skipped=1)
    if said is not None:
        return Dialect(said)
    header = QUOTED.sub("", start.lstrip()).partition("\n")[0]
    return Dialect(max(DELIMITERS, key=header.count))


async def open_csv(
    text: AsyncIterator[bytes], dialect: Dialect, columns: tuple[str, ...], *, limit: int, encoding: str
) -> tuple[Header, AsyncIterator[list[JsonRow]]]:
    """The header and the rows of a table in UTF-8."""
    records = _read_all_records(split_lines(text, limit=limit), dialect, limit=limit)
    return await open_table(records, columns, encoding=encoding)


async def _read_all_records(
    batches: AsyncIterator[LineBatch], dialect: Dialect, *, limit: int
) -> AsyncIterator[list[CsvRecord]]:
    records = RecordReader(limit=limit, delimiter=dialect.delimiter)
    async for batch in batches:
        if batch.first == 1 and dialect.skipped:
            batch = LineBatch(first=2, lines=batch.lines[1:], is_cut=batch.is_cut)  # noqa: PLW2901
        if completed := list(_read_records(records, batch)):
            yield completed
    records.finish()


def _read_records(records: RecordReader, batch: LineBatch) -> Iterator[CsvRecord]:
    number = batch.first
    for is_too_long, group in groupby(batch.lines, lambda line: line is None):
        lines = list(group)
        if is_too_long:
            records.finish()  # a quote left open before such a line cannot be closed
            yield from ((number + index, build_too_long_fault(records.limit)) for index in range(len(lines)))
        else:
            # Bytes that are no characters stay in the text; the row that has them gets the fault.
            text = b"\n".join(line for line in lines if line is not None).decode(errors="surrogateescape")
            yield from records.feed(number, [text] if batch.is_cut else [line + "\n" for line in text.split("\n")])
        number += len(lines)
