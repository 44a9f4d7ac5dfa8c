"""Measure forks of many examples, and the merge of as many edits on two of them (`make bench-merges`), as JSON."""

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.bulk_changes import measure_processor, wait_for_end
from benchmarks.environment import database, server
from benchmarks.http_client import HttpClient, send_file
from benchmarks.imports import write_file
from service.database.embedded_postgres import embedded

EXAMPLES = int(os.environ.get("BENCH_EXAMPLES", "100000"))
IDS = 20_000  # a bulk change takes at most so many
EDIT = {"type": "replace", "find": "^", "replace": "Well. ", "regex": True, "where": "messages"}


class MergeReport(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds, and seconds of processor time of server, worker and Postgres. The merges are of half the edits each."""

    examples: int
    fork_seconds: float
    fork_processor: float
    merge_seconds: tuple[float, float]
    merge_processor: float
    again_seconds: float
    load: float


async def main(postgres: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        async with database(postgres) as url, server(url) as client:
            report = await _measure(client, Path(directory) / "rows.jsonl")
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(report)).decode() + "\n")


async def _measure(client: HttpClient, file: Path) -> MergeReport:
    write_file(file, examples=EXAMPLES, seed=1)
    dataset = (await client.json("POST", "/v1/datasets", {"name": "bench"}))["id"]
    path = f"/v1/datasets/{dataset}/imports?format=openai-chat"
    await wait_for_end(client, await asyncio.to_thread(send_file, client, path, file))
    processor = measure_processor()
    forks, fork_seconds = [], 0.0
    for name in ("first", "second"):
        forked, seconds = await _run(client, f"/v1/datasets/{dataset}/fork", {"name": name})
        forks.append((await client.json("GET", forked["resource"]))["dataset_id"])
        fork_seconds = max(fork_seconds, seconds)
    fork_processor = (measure_processor() - processor) / 2
    for half, forked in enumerate(forks):
        await _edit_half(client, forked, half)
    processor = measure_processor()
    merges = [await _run(client, f"/v1/datasets/{dataset}/merge", {"source_id": forked}) for forked in forks]
    merge_processor = measure_processor() - processor
    if sum(operation["result"]["changed"] for operation, _ in merges) != EXAMPLES:
        raise RuntimeError(merges)
    _, again_seconds = await _run(client, f"/v1/datasets/{dataset}/merge", {"source_id": forks[1]})
    return MergeReport(
        examples=EXAMPLES,
        fork_seconds=round(fork_seconds, 2),
        fork_processor=round(fork_processor, 2),
        merge_seconds=(round(merges[0][1], 2), round(merges[1][1], 2)),
        merge_processor=round(merge_processor, 2),
        again_seconds=round(again_seconds, 2),
        load=os.getloadavg()[0],
    )


async def _edit_half(client: HttpClient, dataset: str, half: int) -> None:
    """Edit the first or the second half of the examples."""
    ids: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await client.json("GET", f"/v1/datasets/{dataset}/examples?limit=1000{cursor and f'&cursor={cursor}'}")
        ids += [row["id"] for row in page["data"]]
        cursor = page["next_cursor"]
    own = ids[: EXAMPLES // 2] if half == 0 else ids[EXAMPLES // 2 :]
    for start in range(0, len(own), IDS):
        body: Any = {"action": EDIT, "ids": own[start : start + IDS]}
        await _run(client, f"/v1/datasets/{dataset}/bulk", body)


async def _run(client: HttpClient, path: str, body: Any) -> tuple[Any, float]:
    started = time.perf_counter()
    operation = await wait_for_end(client, await client.json("POST", path, body))
    return operation, time.perf_counter() - started


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch, embedded(Path(scratch) / "postgres") as postgres_url:
        asyncio.run(main(os.environ.get("DATABASE_URL") or postgres_url))
