"""Measure a bulk tag of many examples and its undo, beside another writer (`make bench-bulk`), as JSON."""

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec
import psutil

from benchmarks.environment import database, server
from benchmarks.http_client import HttpClient, send_file
from benchmarks.imports import write_file
from service.database.embedded_postgres import embedded

EXAMPLES = int(os.environ.get("BENCH_EXAMPLES", "100000"))
MESSAGES = [{"role": "user", "content": "Hello?"}, {"role": "assistant", "content": "Hello."}]


class BulkReport(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds. The waits are of another client that adds one example after the other to another dataset."""

    examples: int
    tag_seconds: float
    undo_seconds: float
    processor_seconds_per_example: float
    waits: int
    wait_p50: float
    wait_p99: float
    wait_max: float
    load: float


async def main(postgres: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        async with database(postgres) as url, server(url) as client:
            report = await _measure(client, Path(directory) / "rows.jsonl")
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(report)).decode() + "\n")


async def _measure(client: HttpClient, file: Path) -> BulkReport:
    write_file(file, examples=EXAMPLES, seed=1)
    dataset = (await client.json("POST", "/v1/datasets", {"name": "bench"}))["id"]
    path = f"/v1/datasets/{dataset}/imports?format=openai-chat"
    await wait_for_end(client, await asyncio.to_thread(send_file, client, path, file))
    waits: list[float] = []
    async with HttpClient(client.host, client.port, client.key) as other:
        writer = asyncio.create_task(_write_on(other, waits))
        processor = measure_processor()
        tag: Any = {"action": {"type": "tag", "tags": ["swept"]}, "filter": ""}
        tag_id, tag_seconds = await _run(client, f"/v1/datasets/{dataset}/bulk", tag)
        _, undo_seconds = await _run(client, f"/v1/bulk/{tag_id}/undo", {})
        processor = measure_processor() - processor
        writer.cancel()
    waits.sort()
    return BulkReport(
        examples=EXAMPLES,
        tag_seconds=round(tag_seconds, 2),
        undo_seconds=round(undo_seconds, 2),
        processor_seconds_per_example=round(processor / EXAMPLES / 2, 6),
        waits=len(waits),
        wait_p50=round(waits[len(waits) // 2], 4),
        wait_p99=round(waits[int(len(waits) * 0.99)], 4),
        wait_max=round(waits[-1], 4),
        load=os.getloadavg()[0],
    )


async def _run(client: HttpClient, path: str, body: Any) -> tuple[str, float]:
    started = time.perf_counter()
    operation = await wait_for_end(client, await client.json("POST", path, body))
    if operation["result"]["changed"] != EXAMPLES:
        raise RuntimeError(operation)
    return operation["id"], time.perf_counter() - started


async def wait_for_end(client: HttpClient, operation: Any) -> Any:
    while not operation["finished_at"]:
        operation = await client.json("GET", f"/v1/operations/{operation['id']}?wait=60")
    if operation["state"] != "succeeded":
        raise RuntimeError(operation)
    return operation


async def _write_on(client: HttpClient, waits: list[float]) -> None:
    dataset = (await client.json("POST", "/v1/datasets", {"name": "other"}))["id"]
    while True:
        started = time.perf_counter()
        await client.json("POST", f"/v1/datasets/{dataset}/examples", {"content": {"messages": MESSAGES}})
        waits.append(time.perf_counter() - started)
        await asyncio.sleep(0.1)


def measure_processor() -> float:
    """Of this process and all below it, which are the server, its worker and Postgres."""
    own = psutil.Process()
    return sum(sum(process.cpu_times()[:2]) for process in (own, *own.children(recursive=True)))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch, embedded(Path(scratch) / "postgres") as postgres_url:
        asyncio.run(main(os.environ.get("DATABASE_URL") or postgres_url))
