"""JSON rows, told apart by their first character: one object a line, or the elements of one array."""

from collections.abc import AsyncIterator

import msgspec

from service.datasets.examples.chat_content import decoded
from service.datasets.imports.formats.json_arrays import WHITE, Elements
from service.datasets.imports.formats.lines import Lines, blocks, lines
from service.datasets.imports.formats.row import build_empty_file_error, build_too_long_fault
from service.errors import Fault

ANY = msgspec.json.Decoder(msgspec.Raw)

Element = tuple[int, str, bytes | Fault]
"""The line (or the number of the row), the JSON pointer of the row, and its JSON."""


async def elements(stream: AsyncIterator[bytes], *, limit: int, block: int) -> AsyncIterator[list[Element]]:
    """The rows of a JSON file in batches. Raises Unreadable when there is none, or the array is broken."""
    source = blocks(stream, size=block)
    number = 1
    async for piece in source:
        text = piece.lstrip(WHITE)
        number += piece[: len(piece) - len(text)].count(b"\n")
        if text.startswith(b"["):
            rows = _from_array(_resumed(text[1:], source), limit=limit)
        elif text:
            rows = _from_lines(lines(_resumed(text, source), limit=limit, first=number), limit=limit)
        else:
            continue
        some = False
        async for batch in rows:
            some = some or bool(batch)
            yield batch
        if some:
            return
    raise build_empty_file_error()


async def _resumed(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if first:
        yield first
    async for piece in rest:
        yield piece


async def _from_array(source: AsyncIterator[bytes], *, limit: int) -> AsyncIterator[list[Element]]:
    split = Elements(limit=limit)
    async for block in source:
        done = split.count
        yield [_element(row, data, limit) for row, data in enumerate(split.feed(block), done)]
    split.finish()


def _element(row: int, data: bytes | None, limit: int) -> Element:
    at = f"/{row}"
    if data is None:
        return row + 1, at, build_too_long_fault(limit, at=at)
    return row + 1, at, data.strip(WHITE) or Fault(pointer=at, detail="nothing before the comma", code="malformed")


async def _from_lines(source: AsyncIterator[Lines], *, limit: int) -> AsyncIterator[list[Element]]:
    async for batch in source:
        numbered = enumerate(batch.lines, batch.first)
        if batch.cut:
            yield [(number, "", _last(data, limit)) for number, data in numbered if data is None or data.strip(WHITE)]
        else:
            yield [
                (number, "", build_too_long_fault(limit) if data is None else data)
                for number, data in numbered
                if data is None or data.strip(WHITE)
            ]


def _last(data: bytes | None, limit: int) -> bytes | Fault:
    """A last line without a newline is whole, or the file was cut in it."""
    if data is None:
        return build_too_long_fault(limit)
    whole = decoded(ANY, data)
    if isinstance(whole, Fault) and whole.code == "malformed" and _stops_early(whole.detail, len(data)):
        return Fault(detail="the file ends in the middle of this row", code="truncated")
    return data


def _stops_early(detail: str, size: int) -> bool:
    return "truncated" in detail or f"(byte {size})" in detail
