"""CSV with a header: input and output; optional system, tags (separated by ; or |), rating (1 to 5), external_id."""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import groupby

import msgspec

from service.datasets.examples.chat_content import (
    ENCODER,
    Assistant,
    Content,
    System,
    User,
    decode_or_fault,
    encode_canonical,
    find_text_faults,
)
from service.datasets.imports.formats.csv_records import CsvRecord, RecordReader
from service.datasets.imports.formats.lines import LineBatch, read_blocks, split_lines
from service.datasets.imports.formats.row import (
    BLOCK_BYTES,
    MAX_ROW_BYTES,
    BadRow,
    Row,
    RowFields,
    Unreadable,
    build_empty_file_error,
    build_row,
    build_too_long_fault,
)
from service.errors import Fault

REQUIRED_COLUMNS = ("input", "output")
COLUMNS = (*REQUIRED_COLUMNS, "system", "tags", "rating", "external_id")
RATINGS = {"": None, "1": 1, "2": 2, "3": 3, "4": 4, "5": 5}
ROW_FIELDS_DECODER = msgspec.json.Decoder(RowFields)


async def read(
    stream: AsyncIterator[bytes], /, *, limit: int = MAX_ROW_BYTES, block: int = BLOCK_BYTES
) -> AsyncIterator[Sequence[Row | BadRow]]:
    """Rows of a CSV file; each keeps its cells by column as `original`. Raises Unreadable for a bad header."""
    records = RecordReader(limit=limit)
    columns: tuple[str, ...] = ()
    has_rows = False
    async for batch in split_lines(read_blocks(stream, size=block), limit=limit):
        completed = list(_read_records(records, batch))
        if completed and not columns:
            columns = _check_header(*completed.pop(0))
        if completed:
            has_rows = True
            yield [_parse_row(line, cells, columns) for line, cells in completed]
    records.finish()
    if not has_rows:
        raise build_empty_file_error()


def _read_records(records: RecordReader, batch: LineBatch) -> Iterator[CsvRecord]:
    number = batch.first
    for is_too_long, group in groupby(batch.lines, lambda line: line is None):
        lines = list(group)
        if is_too_long:
            records.finish()  # a quote left open before such a line cannot be closed
            yield from ((number + index, build_too_long_fault(records.limit)) for index in range(len(lines)))
        else:
            text = _decode_text(b"\n".join(line for line in lines if line is not None), number)
            yield from records.feed(number, [text] if batch.is_cut else [line + "\n" for line in text.split("\n")])
        number += len(lines)


def _decode_text(data: bytes, number: int) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:  # only the end of the file was not checked before
        fault = Fault(detail="The file ends in the middle of a character.", code="truncated", line=number)
        raise Unreadable(fault) from error


def _check_header(line: int, cells: list[str] | Fault) -> tuple[str, ...]:
    if isinstance(cells, Fault):
        raise Unreadable(cells)
    names = tuple(cell.strip() for cell in cells)
    unknown = [name for name in dict.fromkeys(names) if name not in COLUMNS]
    duplicated = [name for name in COLUMNS if names.count(name) > 1]
    missing = [name for name in REQUIRED_COLUMNS if name not in names]
    faults = [
        *(
            Fault(detail=f"The column {name} is missing; {_describe_found(names)}.", code="missing_column", line=line)
            for name in missing
        ),
        *(Fault(detail=f"Duplicate column {name}.", code="duplicate_column", line=line) for name in duplicated),
        *(
            Fault(
                detail=f"Unknown column {name[:64]!r}; the columns are {', '.join(COLUMNS)}.",
                code="unknown_column",
                line=line,
            )
            for name in unknown[:20]
        ),
    ]
    if faults:
        raise Unreadable(*faults)
    return names


def _describe_found(names: tuple[str, ...]) -> str:
    """What the header has: its columns, or one cell with another separator in it."""
    for separator, word in {";": "semicolons", "\t": "tabs"}.items():
        if len(names) == 1 and separator in names[0]:
            return f"separate cells by commas, not {word}"
    return f"the header has {', '.join(name[:64] for name in names[:20])}"


def _parse_row(line: int, cells: list[str] | Fault, columns: tuple[str, ...]) -> Row | BadRow:
    if isinstance(cells, Fault):
        return BadRow(line=line, faults=(cells,))
    if len(cells) != len(columns):
        detail = f"The row has {len(cells)} cells, the header {len(columns)}."
        return BadRow(line=line, faults=(Fault(detail=detail, code="ragged_row"),))
    values = dict(zip(columns, cells, strict=True))
    fields = _parse_row_fields(values)
    faults = [*_find_faults(values), *([fields] if isinstance(fields, Fault) else [])]
    if faults or isinstance(fields, Fault):
        return BadRow(line=line, faults=tuple(faults))
    system = [System(content=values["system"])] if values.get("system") else []
    content = Content(messages=(*system, User(content=values["input"]), Assistant(content=values["output"])))
    return build_row(line, encode_canonical(content), fields=fields, original=ENCODER.encode(values))


def _find_faults(values: dict[str, str]) -> Iterator[Fault]:
    for name in REQUIRED_COLUMNS:
        if not values[name]:
            yield Fault(pointer=f"/{name}", detail=f"An {name} is needed.", code="empty")
    if values.get("rating", "").strip() not in RATINGS:
        yield Fault(pointer="/rating", detail="A rating is a whole number from 1 to 5.", code="invalid_value")
    yield from find_text_faults(values)


def _parse_row_fields(values: dict[str, str]) -> RowFields | Fault:
    tags = [tag for part in re.split(r"[;|]", values.get("tags", "")) if (tag := part.strip())]
    fields = {
        "external_id": values.get("external_id", "").strip() or None,
        "tags": tags or None,
        "rating": RATINGS.get(values.get("rating", "").strip()),
    }
    # Decoded from JSON, so that limits and error texts are those of the other formats.
    return decode_or_fault(ROW_FIELDS_DECODER, ENCODER.encode(fields))
