"""Reading a file from memory with the readers the importer uses."""

from collections.abc import AsyncIterator, Iterable

from service.datasets.imports.formats import BLOCK_BYTES, MAX_ROW_BYTES, READERS, BadRow, Row


async def stream(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def read(
    name: str,
    *pieces: bytes,
    limit: int = MAX_ROW_BYTES,
    block: int = BLOCK_BYTES,
    into: list[Row | BadRow] | None = None,
) -> list[Row | BadRow]:
    """All rows of a file; those before a refusal stay in `into`."""
    rows = [] if into is None else into
    async for batch in READERS[name](stream(pieces), limit=limit, block=block):
        rows.extend(batch)
    return rows


def bad(rows: list[Row | BadRow]) -> list[tuple[int, str, str]]:
    """Line, pointer and code of each fault."""
    return [(row.line, f.pointer, f.code) for row in rows if isinstance(row, BadRow) for f in row.faults]


def good(rows: list[Row | BadRow]) -> list[Row]:
    return [row for row in rows if isinstance(row, Row)]
