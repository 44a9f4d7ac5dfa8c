"""Run every benchmark once (`make bench`) and print the figures and the machine as JSON."""

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

from benchmarks import edits, imports, listeners, projection_rebuild, reads, request_cost, request_log, webhook_delivery
from benchmarks.environment import Environment, connect, start_environment
from benchmarks.figures import Result
from service.database.embedded_postgres import embedded

EXAMPLES = 100_000


async def main(postgres: str, directory: Path) -> None:
    started = time.perf_counter()
    async with connect(postgres) as connection:
        version = await connection.fetchval("show server_version")
    busy_before = os.getloadavg()[0]
    async with start_environment(postgres, directory) as environment:
        results = await _measure_all(environment)
    _report_step("requests")
    results += await request_cost.measure(postgres)
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


async def _measure_all(environment: Environment) -> list[Result]:
    _report_step("import")
    import_result, dataset = await imports.measure(environment, examples=EXAMPLES, repeats=5)
    _report_step("edits")
    edit_result = await edits.measure(environment, dataset, edits=60, repeats=9)
    _report_step("pages")
    old_seq = await reads.edit_many(environment, dataset)
    page_result = await reads.measure_pages(environment, dataset, old_seq, pages=60)
    _report_step("export")
    export_result = await reads.measure_export(environment, dataset, old_seq, repeats=5)
    frozen_results = await reads.measure_frozen_exports(environment, dataset, repeats=5)
    _report_step("rebuild")
    rebuild_result = await projection_rebuild.measure(environment, repeats=3)
    _report_step("logging")
    log_result = await request_log.measure(environment, calls=20_000, repeats=5)
    report_result = await request_log.measure_report(environment, repeats=5)
    _report_step("listeners")
    listener_result = await listeners.measure(environment, repeats=9)
    _report_step("webhooks")
    webhook_results = await webhook_delivery.measure(environment, repeats=5)
    return [
        import_result,
        edit_result,
        page_result,
        export_result,
        *frozen_results,
        rebuild_result,
        log_result,
        report_result,
        listener_result,
        *webhook_results,
    ]


def _report_step(what: str) -> None:
    sys.stderr.write(f"measuring: {what}\n")


def _processor() -> str:
    with Path("/proc/cpuinfo").open() as lines:
        return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown")


@contextmanager
def _postgres(directory: Path) -> Iterator[str]:
    """Use the server at DATABASE_URL, or start one for this run."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    with embedded(directory) as url:
        yield url


with tempfile.TemporaryDirectory(prefix="tuneledger-bench-") as name, _postgres(Path(name)) as url:
    asyncio.run(main(url, Path(name)))
