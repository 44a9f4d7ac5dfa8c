"""CSV with a header: input and output; optional system, tags (separated by ; or |), rating (1 to 5), external_id."""

import re
from collections.abc import AsyncIterator, Iterator, Sequence

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
from service.datasets.imports.containers import BLOCK_BYTES, MAX_ROW_BYTES, FileHints, Unreadable, open_rows
from service.datasets.imports.formats.row import BadRow, Row, RowFields, build_row
from service.errors import Fault

REQUIRED_COLUMNS = ("input", "output")
COLUMNS = (*REQUIRED_COLUMNS, "system", "tags", "rating", "external_id")
RATINGS = {"": None, "1": 1, "2": 2, "3": 3, "4": 4, "5": 5}
ROW_FIELDS_DECODER = msgspec.json.Decoder(RowFields)


async def read(
    stream: AsyncIterator[bytes], /, *, limit: int = MAX_ROW_BYTES, block: int = BLOCK_BYTES
) -> AsyncIterator[Sequence[Row | BadRow]]:
    """Rows of a table; each keeps its cells by column as `original`. Raises Unreadable for a bad header."""
    file, rows = await open_rows(stream, FileHints(container="csv"), limit=limit, block=block)
    _check_header(file.columns, file.header_line)
    async for batch in rows:
        yield [_parse_row(line, data) for line, _, data in batch]


def _check_header(names: tuple[str, ...], line: int | None) -> None:
    unknown = [name for name in names if name not in COLUMNS]
    missing = [name for name in REQUIRED_COLUMNS if name not in names]
    found = ", ".join(name[:64] for name in names[:20])
    faults = [
        *(
            Fault(detail=f"The column {name} is missing; the header has {found}.", code="missing_column", line=line)
            for name in missing
        ),
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


def _parse_row(line: int, data: bytes | Fault) -> Row | BadRow:
    if isinstance(data, Fault):
        return BadRow(line=line, faults=(data,))
    values: dict[str, str] = msgspec.json.decode(data)
    fields = _parse_row_fields(values)
    faults = [*_find_faults(values), *([fields] if isinstance(fields, Fault) else [])]
    if faults or isinstance(fields, Fault):
        return BadRow(line=line, faults=tuple(faults))
    system = [System(content=values["system"])] if values.get("system") else []
    content = Content(messages=(*system, User(content=values["input"]), Assistant(content=values["output"])))
    return build_row(line, encode_canonical(content), fields=fields, original=data)


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
