"""Rows of `format=tuneledger`, as an export writes them: examples with their identity."""

from collections.abc import Iterator
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
    is_unanswered,
)
from service.datasets.examples.sources import Origin, Source
from service.datasets.exports.records.record_row import RecordRow
from service.datasets.imports.shapes.row import ESCAPED_NUL, BadRow, Record, Row
from service.errors import Fault
from service.json_type_faults import find_type_faults

MAX_RECORD_BYTES = 64 * 1024  # of what stands in the event: ratings, label, votes, source
DECODER = msgspec.json.Decoder(RecordRow)
ANY_JSON = msgspec.json.Decoder()


class RecordReader:
    """Reads rows in the order of their ids, so that none can come twice."""

    def __init__(self) -> None:
        self._last = UUID(int=0)

    def read(self, line: int, at: str, data: bytes | Fault) -> Row | BadRow:
        row = _parse_row(line, at, data)
        id_ = row.record.id if isinstance(row, Row) and row.record else None
        if id_ is None:
            return row
        if id_ <= self._last:
            detail = "An export has its rows in the order of their ids: sort the file, or leave out this id."
            return BadRow(line=line, faults=(Fault(pointer=f"{at}/id", detail=detail, code="id_order"),))
        self._last = id_
        return row


def _parse_row(line: int, at: str, data: bytes | Fault) -> Row | BadRow:
    if isinstance(data, Fault):
        return BadRow(line=line, faults=(data,))
    parsed = decode_or_fault(DECODER, data, at=at)
    if isinstance(parsed, Fault):
        value = decode_or_fault(ANY_JSON, data, at=at)
        return BadRow(line=line, faults=tuple(find_type_faults(value, RecordRow, at=at)) or (parsed,))
    content, faults = encode_and_check(parsed.content, at=f"{at}/content", unanswered="keep")
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
        unanswered=is_unanswered(parsed.content),
    )


def _find_faults(parsed: RecordRow, at: str) -> Iterator[Fault]:
    for name in ("metadata", "original"):
        if is_deeper_than(getattr(parsed, name), MAX_DEPTH):
            yield build_too_deep_fault(f"{at}/{name}")
    for rater, rating in parsed.ratings.items():
        if rating.overall is None and not rating.requirements:
            yield Fault(pointer=f"{at}/ratings", detail=f"The rating of {rater!r} needs a mark.", code="empty")
    if parsed.repair is not None:
        yield from find_faults(parsed.repair.replaced, at=f"{at}/repair/replaced", unanswered="keep")


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
