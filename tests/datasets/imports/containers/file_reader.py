"""Reading the rows of a file from memory."""

from collections.abc import AsyncIterator

from service.datasets.imports.containers import FileDescription, FileHints, JsonRow, open_rows
from service.errors import Fault


async def pieces(data: bytes, size: int = 65_536) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def read_rows(data: bytes, **hints: object) -> tuple[FileDescription, list[JsonRow]]:
    description, batches = await open_rows(pieces(data), FileHints(**hints))  # type: ignore[arg-type]
    return description, [row async for batch in batches for row in batch]


def good_rows(rows: list[JsonRow]) -> list[bytes]:
    return [data for _, _, data in rows if isinstance(data, bytes)]


def bad_rows(rows: list[JsonRow]) -> list[tuple[int, str, str]]:
    """Line, pointer and code of each fault."""
    return [(line, data.pointer, data.code) for line, _, data in rows if isinstance(data, Fault)]
