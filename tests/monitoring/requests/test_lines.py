"""Lines of an import: a byte order mark is no part of the first, and a long one costs what it is long."""

import time
from collections.abc import AsyncIterator

from service.monitoring.requests.ingest import _split_lines


async def send(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def split(*pieces: bytes) -> list[tuple[int, bytes]]:
    return [line async for line in _split_lines(send(*pieces), 30_000_000)]


async def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    assert await split(b"\xef\xbb", b"\xbf{}\r\n\n", b"[]") == [(1, b"{}"), (3, b"[]")]


async def test_a_long_line_in_small_pieces_is_read_in_linear_time() -> None:
    started = time.monotonic()
    lines = await split(b"x" * 19_000_000, *[b"y"] * 20_000)
    assert [len(line) for _, line in lines] == [19_020_000]
    assert time.monotonic() - started < 3
