"""Measure an import over HTTP, by the clock and in processor time. Floor: COPY the same rows into the same tables."""

import asyncio
import random
import time
from pathlib import Path
from typing import Any

import msgspec
import psutil

from benchmarks.environment import Environment, connect
from benchmarks.figures import Figure, Result, build_figure, build_result
from benchmarks.http_client import send_file
from benchmarks.processor_time import ProcessorTime, read_processor_time

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


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One import: its seconds, those of its upload, its processor time, and by how many MB the server grew."""

    seconds: float
    upload: float
    used: ProcessorTime
    grown: float


async def measure(environment: Environment, *, examples: int, repeats: int) -> tuple[Result, str]:
    """The result, and the dataset that was filled last."""
    imports: list[Measured] = []
    floors: list[tuple[float, float]] = []
    dataset = ""
    for repeat in range(repeats):
        file = environment.directory / "import.jsonl"
        write_file(file, examples=examples, seed=repeat)
        head = await _head(environment)
        made = await environment.client.json("POST", "/v1/datasets", {"name": f"bench {repeat}"})
        dataset = made["id"]
        imports.append(await _import(environment, dataset, file))
        floors.append(await _floor(environment, dataset, head))
    used = [each.used.server + each.used.postgres for each in imports]
    micro = 1_000_000 / examples
    beside: dict[str, Figure] = {
        "upload_seconds": build_figure([each.upload for each in imports], "s"),
        "processor_server": build_figure([each.used.server * micro for each in imports], "µs an example"),
        "processor_postgres": build_figure([each.used.postgres * micro for each in imports], "µs an example"),
        "processor_floor": build_figure([floor * micro for _, floor in floors], "µs an example"),
        "processor_times_floor": build_figure(
            [ours / floor for ours, (_, floor) in zip(used, floors, strict=True)], "times"
        ),
        "memory_growth": build_figure([each.grown for each in imports], "MB"),
        **await _measure_sizes(environment, examples * repeats),
    }
    return build_result(
        "import",
        [(each.seconds, floor) for each, (floor, _) in zip(imports, floors, strict=True)],
        of=examples,
        unit="examples",
        floor_is="bare COPY, through asyncpg, of the rows the import made, into the same four tables",
        aim="at most 1.6 times its floor, growing by less than 200 MB",
        beside=beside,
    ), dataset


async def _measure_sizes(environment: Environment, examples: int) -> dict[str, Figure]:
    """Bytes on disk of each table an example, with its indexes."""
    query = (
        "select c.oid::regclass::text, pg_total_relation_size(c.oid) from pg_class c where relkind = 'r'"
        " and relnamespace in ('ledger'::regnamespace, 'public'::regnamespace)"
        " and pg_total_relation_size(c.oid) > $1::bigint"
    )
    async with connect(environment.url) as connection:
        sizes = dict(await connection.fetch(query, examples))
    sizes["all"] = sum(sizes.values())
    return {f"bytes_{name}": build_figure([size / examples], "bytes an example") for name, size in sizes.items()}


async def _head(environment: Environment) -> int:
    async with connect(environment.url) as connection:
        return int(await connection.fetchval("select max(seq) from ledger.heads"))


async def _import(environment: Environment, dataset: str, file: Path) -> Measured:
    """Measure from the first byte sent to the operation's end."""
    watch = asyncio.create_task(_watch_memory())
    before = await read_processor_time(environment.url)
    started = time.perf_counter()
    operation = await asyncio.to_thread(send_file, environment.client, f"/v1/datasets/{dataset}/imports", file)
    upload = time.perf_counter() - started
    while operation["state"] in ("queued", "running"):
        operation = await environment.client.json("GET", f"/v1/operations/{operation['id']}?wait=60")
    if operation["state"] != "succeeded":
        raise RuntimeError(f"the import ended {operation}")
    seconds = time.perf_counter() - started
    used = (await read_processor_time(environment.url)).since(before)
    watch.cancel()
    [grown] = await asyncio.gather(watch)
    return Measured(seconds=seconds, upload=upload, used=used, grown=grown)


async def _watch_memory() -> float:
    """By how many MB all processes of the server have grown together at most, until it is cancelled."""
    first = highest = _sum_memory()
    try:
        while True:
            await asyncio.sleep(0.5)
            highest = max(highest, _sum_memory())
    except asyncio.CancelledError:
        return (highest - first) / 1_000_000


def _sum_memory() -> int:
    return sum(process.memory_full_info().uss for process in psutil.Process().children(recursive=True))


async def _floor(environment: Environment, dataset: str, head: int) -> tuple[float, float]:
    """Seconds to COPY the same rows into the tables of the twin, one table after the other, and processor time."""
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
        backend = psutil.Process(await twin.fetchval("select pg_backend_pid()"))
        before = sum(_read_used(process) for process in (backend, psutil.Process()))
        started = time.perf_counter()
        for table, records in rows.items():
            schema, name = table.split(".")
            await twin.copy_records_to_table(name, schema_name=schema, records=records)
        seconds = time.perf_counter() - started
        return seconds, sum(_read_used(process) for process in (backend, psutil.Process())) - before


def _read_used(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
