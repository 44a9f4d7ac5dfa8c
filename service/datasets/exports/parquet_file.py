"""Write rows as Parquet with typed columns: strings, numbers, lists and structs as the rows have them."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec

from service.datasets.exports.column_types import ColumnType, merge, read_type, to_sql
from service.datasets.exports.writers.written_example import Json
from service.errors import Unprocessable
from service.extras import require_extra

PIECE_BYTES = 1024 * 1024
MAX_OBJECT_BYTES = 64 * 1024 * 1024
OPTIONS: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "512MB",
    "threads": 1,  # so that the same rows give the same bytes
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


async def write_parquet(pages: AsyncIterator[Sequence[Json]]) -> AsyncIterator[bytes]:
    """The file in pieces. The types of its columns are known after the last row, so it goes to the disk first."""
    require_extra("tables")
    types: dict[str, ColumnType] = {}
    with tempfile.TemporaryDirectory(prefix="tuneledger-parquet-") as folder:
        source, target = Path(folder) / "rows.jsonl", Path(folder) / "rows.parquet"
        with source.open("wb") as file:
            async for rows in pages:
                await asyncio.to_thread(_note_types, types, rows)
                await asyncio.to_thread(file.write, msgspec.json.Encoder().encode_lines(rows))
        if not types:
            raise Unprocessable("There is no row to write, so a Parquet file would have no columns.")
        await asyncio.to_thread(_convert, source, target, types)
        with target.open("rb") as file:
            while piece := await asyncio.to_thread(file.read, PIECE_BYTES):
                yield piece


def _note_types(types: dict[str, ColumnType], rows: Sequence[Json]) -> None:
    for row in rows:
        for name, value in row.items():
            types[name] = merge(types.get(name), read_type(name, value))


def _convert(source: Path, target: Path, types: dict[str, ColumnType]) -> None:
    import duckdb  # noqa: PLC0415 - of the extra `tables`

    columns = ", ".join(f"{_quote(name)}: {_quote(to_sql(kind))}" for name, kind in types.items())
    rows = (
        f"read_json({_quote(str(source))}, format = 'newline_delimited', columns = {{{columns}}}, "
        f"maximum_object_size = {MAX_OBJECT_BYTES})"
    )
    with duckdb.connect(":memory:", config={**OPTIONS, "temp_directory": str(source.parent)}) as connection:
        connection.execute(f"copy (from {rows}) to {_quote(str(target))} (format parquet, compression zstd)")


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
