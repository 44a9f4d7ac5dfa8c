"""Read Parquet with DuckDB, which writes nested values, dates and decimals as JSON itself."""

from collections.abc import Iterator

import duckdb
import msgspec

from service.datasets.imports.containers.tables.table_head import BadTable, TableHead

ROWS = 1_000
OPTIONS: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "512MB",
    "threads": 1,
    "temp_directory": "",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "preserve_insertion_order": True,
}


def read_parquet(path: str) -> Iterator[bytes]:
    """The head, and then each row as JSON. Raises BadTable."""
    try:
        connection = duckdb.connect(":memory:", config=OPTIONS)
        columns = connection.execute("select name from (describe from read_parquet(?)) as t(name)", [path]).fetchall()
        yield msgspec.json.encode(TableHead(columns=tuple(name for (name,) in columns)))
        result = connection.execute("select to_json(r)::varchar from read_parquet(?) r", [path])
        while rows := result.fetchmany(ROWS):
            yield from (row.encode() for (row,) in rows)
    except (duckdb.OutOfMemoryException, MemoryError) as error:
        raise BadTable(
            "Reading this Parquet file takes too much memory; write smaller row groups.", "too_large"
        ) from error
    except duckdb.Error as error:
        reason = str(error).partition("\n")[0].replace(path, "the file")[:200]
        raise BadTable(f"The Parquet file is damaged: {reason}.") from error
