"""`make bench`: every figure once, as JSON on standard output, with what it was measured on."""

import asyncio
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import psutil

from benchmarks import delivering, editing, importing, listening, logging, reading, rebuilding
from benchmarks.figures import Result
from benchmarks.ground import Ground, bare, ground
from service.database.embedded_postgres import embedded

EXAMPLES = 100_000


async def main(postgres: str, directory: Path) -> None:
    started = time.perf_counter()
    async with bare(postgres) as connection:
        version = await connection.fetchval("show server_version")
    busy_before = os.getloadavg()[0]
    async with ground(postgres, directory) as place:
        results = await _measured(place)
    machine = {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "python": platform.python_version(),
        "postgres": version,
        "load_before": round(busy_before, 2),
        "seconds": round(time.perf_counter() - started),
    }
    report = msgspec.json.encode({"machine": machine, "results": results})
    sys.stdout.write(msgspec.json.format(report).decode() + "\n")


async def _measured(place: Ground) -> list[Result]:
    _say("import")
    imported, dataset = await importing.measure(place, examples=EXAMPLES, repeats=5)
    _say("edits")
    edits = await editing.measure(place, dataset, edits=60, repeats=9)
    _say("pages")
    old = await reading.edit_many(place, dataset)
    pages = await reading.measure_pages(place, dataset, old, pages=60)
    _say("export")
    export = await reading.measure_export(place, dataset, old, repeats=5)
    _say("rebuild")
    rebuilt = await rebuilding.measure(place, repeats=3)
    _say("logging")
    logged = await logging.measure(place, calls=20_000, repeats=5)
    reported = await logging.measure_report(place, repeats=5)
    _say("listeners")
    heard = await listening.measure(place, repeats=9)
    _say("webhooks")
    delivered = await delivering.measure(place, repeats=5)
    return [imported, edits, pages, export, rebuilt, logged, reported, heard, *delivered]


def _say(what: str) -> None:
    sys.stderr.write(f"measuring: {what}\n")


def _processor() -> str:
    with Path("/proc/cpuinfo").open() as lines:
        return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown")


@contextmanager
def _postgres(directory: Path) -> Iterator[str]:
    """DATABASE_URL's server, else one of our own for this run."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    with embedded(directory) as url:
        yield url


with tempfile.TemporaryDirectory(prefix="tuneledger-bench-") as name, _postgres(Path(name)) as url:
    asyncio.run(main(url, Path(name)))
