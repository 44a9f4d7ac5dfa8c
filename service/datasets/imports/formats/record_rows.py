"""Rows of `format=tuneledger`, as an export writes them: examples with their identity."""

from collections.abc import AsyncIterator, Iterator, Sequence
from uuid import UUID

import msgspec

from service.datasets.examples.chat_content import (
    MAX_DEPTH,
    build_too_deep_fault,
    decode_or_fault,
    encode_and_check,
    encode_canonical,
    find_faults,
    find_text_faults,
    is_deeper_than,
)
from service.datasets.examples.sources import Origin, Source
from service.datasets.exports.record_row import RecordRow
from service.datasets.imports.containers import BLOCK_BYTES, MAX_ROW_BYTES, FileHints, open_rows
from service.datasets.imports.formats.row import ESCAPED_NUL, BadRow, Record, Row
from service.errors import Fault

MAX_RECORD_BYTES = 64 * 1024  # of what stands in the event: ratings, label, votes, source
DECODER = msgspec.json.Decoder(RecordRow)


async def read(
    stream: AsyncIterator[bytes], /, *, limit: int = MAX_ROW_BYTES, block: int = BLOCK_BYTES
) -> AsyncIterator[Sequence[Row | BadRow]]:
    """Rows in the order of their ids, so that none can come twice."""
    last = UUID(int=0)
    _, batches = await open_rows(stream, FileHints(container="json"), limit=limit, block=block)
    async for batch in batches:
        rows: list[Row | BadRow] = []
        for line, at, data in batch:
            row = _parse_row(line, at, data)
            id_ = row.record.id if isinstance(row, Row) and row.record else None
            if id_ is not None and id_ <= last:
                detail = "An export has its rows in the order of their ids: sort the file, or leave out this id."
                row = BadRow(line=line, faults=(Fault(pointer=f"{at}/id", detail=detail, code="id_order"),))
            rows.append(row)
            last = max(last, id_ or last)
        yield rows


def _parse_row(line: int, at: str, data: bytes | Fault) -> Row | BadRow:
    if isinstance(data, Fault):
        return BadRow(line=line, faults=(data,))
    parsed = decode_or_fault(DECODER, data, at=at)
    if isinstance(parsed, Fault):
        return BadRow(line=line, faults=(parsed,))
    content, faults = encode_and_check(parsed.content, at=f"{at}/content")
    faults += _find_faults(parsed, at)
    if ESCAPED_NUL in data:
        others = {name: getattr(parsed, name) for name in RecordRow.__struct_fields__ if name != "content"}
        faults += find_text_faults(msgspec.to_builtins(others), at=at)
    if faults:
        return BadRow(line=line, faults=tuple(faults))
    record = _build_record(parsed)
    if len(msgspec.json.encode(msgspec.structs.replace(record, replaced=None, instruction=None))) > MAX_RECORD_BYTES:
        detail = f"Ratings, label, votes and source are longer than {MAX_RECORD_BYTES:,} bytes."
        return BadRow(line=line, faults=(Fault(pointer=at, detail=detail, code="too_large"),))
    return Row(
        line=line,
        content=content,
        original=None if parsed.original is None else msgspec.json.encode(parsed.original),
        external_id=parsed.external_id,
        tags=tuple(dict.fromkeys(parsed.tags)),
        split=parsed.split,
        metadata=None if parsed.metadata is None else msgspec.json.encode(parsed.metadata),
        record=record,
    )


def _find_faults(parsed: RecordRow, at: str) -> Iterator[Fault]:
    for name in ("metadata", "original"):
        if is_deeper_than(getattr(parsed, name), MAX_DEPTH):
            yield build_too_deep_fault(f"{at}/{name}")
    for rater, rating in parsed.ratings.items():
        if rating.overall is None and not rating.requirements:
            yield Fault(pointer=f"{at}/ratings", detail=f"The rating of {rater!r} needs a mark.", code="empty")
    if parsed.repair is not None:
        yield from find_faults(parsed.repair.replaced, at=f"{at}/repair/replaced")


def _build_record(parsed: RecordRow) -> Record:
    before = parsed.source or Source(type="import")
    origin = Origin(
        id=parsed.id,
        source=msgspec.to_builtins(parsed.source),
        created_at=parsed.created_at,
        created_by=parsed.created_by,
    )
    return Record(
        id=parsed.id,
        source=Source(type=before.type, name=before.name, model=before.model, origin=origin),
        ratings=parsed.ratings,
        label=parsed.label,
        votes=parsed.votes,
        replaced=encode_canonical(parsed.repair.replaced) if parsed.repair else None,
        instruction=parsed.repair.instruction if parsed.repair else None,
    )
