"""Split a stream of bytes into lines, however it is cut, with at most one long line in memory."""

from collections.abc import AsyncIterator

import msgspec


class LineBatch(msgspec.Struct, frozen=True, kw_only=True):
    """Some lines without their newline, None for one above the limit. `is_cut`: the file ends without a newline."""

    first: int
    lines: list[bytes | None]
    is_cut: bool = False


async def split_lines(
    source: AsyncIterator[bytes], *, limit: int, first: int = 1, skips_blank: bool = False
) -> AsyncIterator[LineBatch]:
    """Split at each newline, one batch for each block that ends a line. `first` is the number of the first line.

    `skips_blank`: a block of blank lines is counted and left out, so that a file of them costs nothing.
    """
    parts: list[bytes] = []
    size = 0
    async for block in source:
        if skips_blank and not size and block.isspace():
            first += block.count(b"\n")
            continue
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
