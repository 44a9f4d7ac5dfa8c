"""CSV with a header: input and output, optionally system, tags (parted by ; or |), rating (1 to 5) and external_id."""

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
    canonical,
    decoded,
    text_faults,
)
from service.datasets.imports.formats.csv_records import Record, Records
from service.datasets.imports.formats.lines import Lines, blocks, lines
from service.datasets.imports.formats.row import (
    BLOCK,
    LIMIT,
    BadRow,
    Row,
    RowFields,
    Unreadable,
    build_empty_file_error,
    build_row,
    build_too_long_fault,
)
from service.errors import Fault

NEEDED = ("input", "output")
COLUMNS = (*NEEDED, "system", "tags", "rating", "external_id")
RATINGS = {"": None, "1": 1, "2": 2, "3": 3, "4": 4, "5": 5}
BESIDE = msgspec.json.Decoder(RowFields)


async def read(
    stream: AsyncIterator[bytes], /, *, limit: int = LIMIT, block: int = BLOCK
) -> AsyncIterator[Sequence[Row | BadRow]]:
    """Rows of a CSV file; each keeps its cells by column as `original`. A header we cannot use raises Unreadable."""
    records = Records(limit=limit)
    columns: tuple[str, ...] = ()
    some = False
    async for batch in lines(blocks(stream, size=block), limit=limit):
        found = list(_records(records, batch))
        if found and not columns:
            columns = _columns(*found.pop(0))
        if found:
            some = True
            yield [_read(line, cells, columns) for line, cells in found]
    records.finish()
    if not some:
        raise build_empty_file_error()


def _records(records: Records, batch: Lines) -> Iterator[Record]:
    number = batch.first
    for long, group in groupby(batch.lines, lambda line: line is None):
        given = list(group)
        if long:
            records.finish()  # a quote open before such a line leads nowhere
            yield from ((number + index, build_too_long_fault(records.limit)) for index in range(len(given)))
        else:
            text = _text(b"\n".join(line for line in given if line is not None), number)
            yield from records.feed(number, [text] if batch.cut else [line + "\n" for line in text.split("\n")])
        number += len(given)


def _text(data: bytes, number: int) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:  # all but the end of the file was checked before
        fault = Fault(detail="the file ends in the middle of a character", code="truncated", line=number)
        raise Unreadable(fault) from error


def _columns(line: int, cells: list[str] | Fault) -> tuple[str, ...]:
    if isinstance(cells, Fault):
        raise Unreadable(cells)
    names = tuple(cell.strip() for cell in cells)
    unknown = [name for name in dict.fromkeys(names) if name not in COLUMNS]
    twice = [name for name in COLUMNS if names.count(name) > 1]
    missing = [name for name in NEEDED if name not in names]
    faults = [
        *(Fault(detail=f"the column {name} is missing", code="missing_column", line=line) for name in missing),
        *(Fault(detail=f"the column {name} is there twice", code="duplicate_column", line=line) for name in twice),
        *(
            Fault(detail=f"the column {name[:64]!r} is none of {', '.join(COLUMNS)}", code="unknown_column", line=line)
            for name in unknown[:20]
        ),
    ]
    if faults:
        raise Unreadable(*faults)
    return names


def _read(line: int, cells: list[str] | Fault, columns: tuple[str, ...]) -> Row | BadRow:
    if isinstance(cells, Fault):
        return BadRow(line=line, faults=(cells,))
    if len(cells) != len(columns):
        detail = f"{len(cells)} cells under a header of {len(columns)} columns"
        return BadRow(line=line, faults=(Fault(detail=detail, code="ragged_row"),))
    said = dict(zip(columns, cells, strict=True))
    beside = _beside(said)
    faults = [*_faults(said), *([beside] if isinstance(beside, Fault) else [])]
    if faults or isinstance(beside, Fault):
        return BadRow(line=line, faults=tuple(faults))
    system = [System(content=said["system"])] if said.get("system") else []
    content = Content(messages=(*system, User(content=said["input"]), Assistant(content=said["output"])))
    return build_row(line, canonical(content), beside=beside, original=ENCODER.encode(said))


def _faults(said: dict[str, str]) -> Iterator[Fault]:
    for name in NEEDED:
        if not said[name]:
            yield Fault(pointer=f"/{name}", detail=f"an {name} is needed", code="empty")
    if said.get("rating", "").strip() not in RATINGS:
        yield Fault(pointer="/rating", detail="a rating is a whole number from 1 to 5", code="invalid_value")
    yield from text_faults(said)


def _beside(said: dict[str, str]) -> RowFields | Fault:
    tags = [tag for part in re.split(r"[;|]", said.get("tags", "")) if (tag := part.strip())]
    given = {
        "external_id": said.get("external_id", "").strip() or None,
        "tags": tags or None,
        "rating": RATINGS.get(said.get("rating", "").strip()),
    }
    # Through JSON, so the limits of the struct and the wording of their faults are those of every format.
    return decoded(BESIDE, ENCODER.encode(given))
