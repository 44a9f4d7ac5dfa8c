"""Measure an import over HTTP. Floor: COPY the same rows into the same tables of another database."""

import asyncio
import random
import time
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.environment import Environment, connect
from benchmarks.figures import Figure, Result, build_figure, build_result
from benchmarks.http_client import send_file

WORDS = [f"{random.Random(n).choice(['la', 'te', 'mo', 'ri', 'su'])}{n:x}" for n in range(2_000)]
OURS = {
    "ledger.events": "workspace_id = $1 and seq > $2",
    "ledger.contents": "workspace_id = $1 and subject in (select id from examples where dataset_id = $3)",
    "public.examples": "workspace_id = $1 and dataset_id = $3",
    "public.example_revisions": "workspace_id = $1 and dataset_id = $3",
}


def write_file(path: Path, *, examples: int, seed: int) -> None:
    """OpenAI-chat JSONL, about 1 KB an example, no two alike."""
    dice = random.Random(seed)
    encoder = msgspec.json.Encoder()
    with path.open("wb") as file:
        for number in range(examples):
            question, answer = (" ".join(dice.choices(WORDS, k=count)) for count in (60, 80))
            messages = [
                {"role": "system", "content": "You answer briefly."},
                {"role": "user", "content": f"{seed}-{number} {question}"},
                {"role": "assistant", "content": answer},
            ]
            file.write(encoder.encode({"messages": messages, "tags": ["bench"]}) + b"\n")


async def measure(environment: Environment, *, examples: int, repeats: int) -> tuple[Result, str]:
    """The result, and the dataset that was filled last."""
    pairs: list[tuple[float, float]] = []
    uploads: list[float] = []
    dataset = ""
    for repeat in range(repeats):
        file = environment.directory / "import.jsonl"
        write_file(file, examples=examples, seed=repeat)
        head = await _head(environment)
        made = await environment.client.json("POST", "/v1/datasets", {"name": f"bench {repeat}"})
        dataset = made["id"]
        seconds, upload = await _import(environment, dataset, file)
        uploads.append(upload)
        pairs.append((seconds, await _floor(environment, dataset, head)))
    beside: dict[str, Figure] = {"upload_seconds": build_figure(uploads, "s")}
    return build_result(
        "import",
        pairs,
        of=examples,
        unit="examples",
        floor_is="bare COPY, through asyncpg, of the rows the import made, into the same four tables",
        aim="at least 20,000 examples/s and at most 3 times its floor",
        beside=beside,
    ), dataset


async def _head(environment: Environment) -> int:
    async with connect(environment.url) as connection:
        return int(await connection.fetchval("select max(seq) from ledger.heads"))


async def _import(environment: Environment, dataset: str, file: Path) -> tuple[float, float]:
    """Seconds from the first byte sent to the operation's end, and those until the upload was answered."""
    started = time.perf_counter()
    operation = await asyncio.to_thread(send_file, environment.client, f"/v1/datasets/{dataset}/imports", file)
    upload = time.perf_counter() - started
    while operation["state"] in ("queued", "running"):
        operation = await environment.client.json("GET", f"/v1/operations/{operation['id']}?wait=60")
    if operation["state"] != "succeeded":
        raise RuntimeError(f"the import ended {operation}")
    return time.perf_counter() - started, upload


async def _floor(environment: Environment, dataset: str, head: int) -> float:
    """Seconds to COPY the same rows into the tables of the twin, one table after the other."""
    rows: dict[str, list[Any]] = {}
    async with connect(environment.url) as source:
        workspace = await source.fetchval("select workspace_id from datasets where id = $1", dataset)
        for table, condition in OURS.items():
            query = f"select * from {table} where {condition}"
            given = [workspace, head, dataset][: 3 if "$3" in condition else 2]
            if "$2" not in condition:
                query = query.replace("$3", "$2")
                given = [workspace, dataset]
            rows[table] = await source.fetch(query, *given)
    async with connect(environment.twin) as twin:
        started = time.perf_counter()
        for table, records in rows.items():
            schema, name = table.split(".")
            await twin.copy_records_to_table(name, schema_name=schema, records=records)
        return time.perf_counter() - started
