"""Reading a file from memory as the importer does."""

from collections.abc import AsyncIterator, Iterable

from service.datasets.imports.containers import BLOCK_BYTES, MAX_ROW_BYTES, FileHints
from service.datasets.imports.file_rows import ReadOptions, open_file
from service.datasets.imports.shapes.recognition import ShapeName
from service.datasets.imports.shapes.row import BadRow, Row


async def stream(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def read(
    name: ShapeName | None,
    *pieces: bytes,
    limit: int = MAX_ROW_BYTES,
    block: int = BLOCK_BYTES,
    into: list[Row | BadRow] | None = None,
    hints: FileHints | None = None,
) -> list[Row | BadRow]:
    """All rows of a file; those before a refusal stay in `into`."""
    rows = [] if into is None else into
    options = ReadOptions(format=name, extra="refuse", hints=hints or FileHints())
    file = await open_file(stream(pieces), options, limit=limit, block=block)
    async for batch in file.batches:
        rows.extend(batch)
    return rows


def bad(rows: list[Row | BadRow]) -> list[tuple[int, str, str]]:
    """Line, pointer and code of each fault."""
    return [(row.line, f.pointer, f.code) for row in rows if isinstance(row, BadRow) for f in row.faults]


def good(rows: list[Row | BadRow]) -> list[Row]:
    return [row for row in rows if isinstance(row, Row)]
