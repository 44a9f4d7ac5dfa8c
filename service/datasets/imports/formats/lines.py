"""From a stream of bytes to lines, whatever pieces it comes in, holding no more than one long line."""

import codecs
from collections.abc import AsyncIterator

import msgspec

from service.datasets.imports.formats.row import Unreadable
from service.errors import Fault


class Lines(msgspec.Struct, frozen=True, kw_only=True):
    """Some lines without their newline, None for one above the limit; `cut` when the file ends without a newline."""

    first: int
    lines: list[bytes | None]
    cut: bool = False


async def blocks(stream: AsyncIterator[bytes], *, size: int) -> AsyncIterator[bytes]:
    """The same bytes in pieces of `size`, checked as UTF-8 and without a byte order mark.

    A character cut off by the end of the file is left to the reader of the last line.
    """
    utf8 = codecs.getincrementaldecoder("utf-8")()
    offset = 0
    async for piece in _pieces(stream, size=max(size, len(codecs.BOM_UTF8))):
        begun = len(utf8.getstate()[0])
        try:
            utf8.decode(piece)
        except UnicodeDecodeError as error:
            place = offset - begun + error.start
            raise Unreadable(Fault(detail=f"not UTF-8 at byte {place}, from 0", code="not_utf8")) from error
        text = piece if offset else piece.removeprefix(codecs.BOM_UTF8)
        offset += len(piece)
        if text:
            yield text


async def _pieces(stream: AsyncIterator[bytes], *, size: int) -> AsyncIterator[bytes]:
    waiting = bytearray()
    async for chunk in stream:
        waiting += chunk
        while len(waiting) >= size:
            yield bytes(waiting[:size])
            del waiting[:size]
    if waiting:
        yield bytes(waiting)


async def lines(source: AsyncIterator[bytes], *, limit: int, first: int = 1) -> AsyncIterator[Lines]:
    """Cut at each newline, a batch for each block that ends a line. `first` is the number of the first line."""
    parts: list[bytes] = []
    held = 0
    async for block in source:
        head, *rest = block.split(b"\n")
        held += len(head)
        if held <= limit:
            parts.append(head)
        else:
            parts.clear()
        if not rest:
            continue
        tail = rest.pop()
        whole = [b"".join(parts) if held <= limit else None]
        yield Lines(first=first, lines=whole + [line if len(line) <= limit else None for line in rest])
        first += 1 + len(rest)
        parts, held = [tail] if len(tail) <= limit else [], len(tail)
    if held:
        yield Lines(first=first, lines=[b"".join(parts) if held <= limit else None], cut=True)
