"""The program of the confined process: writes the head of a table and then its rows to standard output."""

import resource
import sys
from collections.abc import Iterator

import msgspec

from service.datasets.imports.containers.tables.table_head import BadTable

MEMORY_BYTES = 1536 * 1024**2
CPU_SECONDS = 900
OUTPUT_BYTES = 64 * 1024


def main(path: str, kind: str, *arguments: str) -> int:
    confine()
    try:
        write(read(path, kind, *arguments))
    except BadTable as error:
        sys.stderr.buffer.write(b"\n" + msgspec.json.encode(error.fault) + b"\n")
        return 1
    return 0


def read(path: str, kind: str, *arguments: str) -> Iterator[bytes]:
    if kind == "parquet":
        from service.datasets.imports.containers.tables.parquet import read_parquet  # noqa: PLC0415 - one of two

        return read_parquet(path)
    from service.datasets.imports.containers.tables.workbook import read_workbook  # noqa: PLC0415

    return read_workbook(path, *arguments)


def write(lines: Iterator[bytes]) -> None:
    """Write the head at once, and the rows in larger pieces."""
    output = sys.stdout.buffer
    output.write(next(lines) + b"\n")
    output.flush()
    waiting = bytearray()
    for line in lines:
        waiting += line
        waiting += b"\n"
        if len(waiting) >= OUTPUT_BYTES:
            output.write(waiting)
            waiting.clear()
    output.write(waiting)
    output.flush()


def confine() -> None:
    """Limit memory and processor time, and write no files."""
    limits = {
        resource.RLIMIT_AS: MEMORY_BYTES,
        resource.RLIMIT_CPU: CPU_SECONDS,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for kind, limit in limits.items():
        _, hard = resource.getrlimit(kind)
        allowed = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (allowed, allowed))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
