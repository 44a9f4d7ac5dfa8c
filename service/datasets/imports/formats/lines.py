"""Split a stream of bytes into lines, however it is cut, with at most one long line in memory."""

import codecs
from collections.abc import AsyncIterator

import msgspec

from service.datasets.imports.formats.row import Unreadable
from service.errors import Fault


class LineBatch(msgspec.Struct, frozen=True, kw_only=True):
    """Some lines without their newline, None for one above the limit. `is_cut`: the file ends without a newline."""

    first: int
    lines: list[bytes | None]
    is_cut: bool = False


async def read_blocks(stream: AsyncIterator[bytes], *, size: int) -> AsyncIterator[bytes]:
    """The same bytes in pieces of `size`, checked as UTF-8 and without a byte order mark.

    A character cut off by the end of the file is left to the reader of the last line.
    """
    utf8 = codecs.getincrementaldecoder("utf-8")()
    offset = 0
    async for piece in _read_pieces(stream, size=max(size, len(codecs.BOM_UTF8))):
        pending = len(utf8.getstate()[0])
        try:
            utf8.decode(piece)
        except UnicodeDecodeError as error:
            position = offset - pending + error.start
            detail = f"The file is not UTF-8 at byte {position}, counted from 0."
            raise Unreadable(Fault(detail=detail, code="not_utf8")) from error
        text = piece if offset else piece.removeprefix(codecs.BOM_UTF8)
        offset += len(piece)
        if text:
            yield text


async def _read_pieces(stream: AsyncIterator[bytes], *, size: int) -> AsyncIterator[bytes]:
    waiting = bytearray()
    async for chunk in stream:
        waiting += chunk
        while len(waiting) >= size:
            yield bytes(waiting[:size])
            del waiting[:size]
    if waiting:
        yield bytes(waiting)


async def split_lines(source: AsyncIterator[bytes], *, limit: int, first: int = 1) -> AsyncIterator[LineBatch]:
    """Split at each newline, one batch for each block that ends a line. `first` is the number of the first line."""
    parts: list[bytes] = []
    size = 0
    async for block in source:
        head, *rest = block.split(b"\n")
        size += len(head)
        if size <= limit:
            parts.append(head)
        else:
            parts.clear()
        if not rest:
            continue
        tail = rest.pop()
        completed = [b"".join(parts) if size <= limit else None]
        yield LineBatch(first=first, lines=completed + [line if len(line) <= limit else None for line in rest])
        first += 1 + len(rest)
        parts, size = [tail] if len(tail) <= limit else [], len(tail)
    if size:
        yield LineBatch(first=first, lines=[b"".join(parts) if size <= limit else None], is_cut=True)
