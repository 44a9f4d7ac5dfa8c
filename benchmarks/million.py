"""Measure how reads and versions grow from 10,000 to a million examples in one dataset.

Run `make bench-million`, or `python -m benchmarks.million 200000` for fewer. Both datasets are imported over HTTP.
"""

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from benchmarks import projection_rebuild
from benchmarks.environment import Environment, connect, start_environment
from benchmarks.figures import Figure, build_figure
from benchmarks.http_client import HttpClient, send_file
from benchmarks.imports import WORDS
from service.database.embedded_postgres import embedded
from service.http.pagination import encode_cursor

SMALL = 10_000
LARGE = 1_000_000
REPEATS = 7
CHANGES = 1_000
CLIENTS = 16
MARKED = 10  # examples of a dataset, however large, that a rare filter finds
READS = {
    "stats": "/stats",
    "count of all": "/examples?limit=1&count=true",
    "count of a common tag": "/examples?limit=1&count=true&tag=gold",
    "first page": "/examples?limit=50",
    "search of a common text": "/examples?q=briefly",
    "search of a rare text": "/examples?q=zebrafish",
    "common tag": "/examples?tag=gold",
    "rare tag": "/examples?tag=marked",
    "rating range": "/examples?filter=rating%20%3E%3D%202%20and%20rating%20%3C%204",
    "rare source": "/examples?source=log",
    "metadata": "/examples?filter=metadata.tier%20%3D%20%22t7%22",
    "rare metadata": "/examples?filter=metadata.marked%20%3D%20true",
}


class Growth(msgspec.Struct, frozen=True, kw_only=True):
    """What one request takes on the small and on the large dataset, in turns, and the ratio pair by pair."""

    name: str
    small: Figure
    large: Figure
    growth: Figure
    examples: tuple[int, int]
    """How many examples or differences came back, by dataset."""


def write_file(path: Path, *, examples: int, seed: int) -> None:
    """OpenAI-chat JSONL of 1.1 KB a row, with tags, ratings and metadata; MARKED rows have what no other has."""
    dice = random.Random(seed)
    encoder = msgspec.json.Encoder()
    with path.open("wb") as file:
        for number in range(examples):
            is_marked = number % (examples // MARKED) == 0
            question, answer = (" ".join(dice.choices(WORDS, k=count)) for count in (60, 80))
            messages = [
                {"role": "system", "content": "You answer briefly."},
                {"role": "user", "content": f"{seed}-{number} {question}"},
                {"role": "assistant", "content": f"{answer} zebrafish" if is_marked else answer},
            ]
            row: dict[str, Any] = {"messages": messages, "metadata": {"tier": f"t{number % 100}"}}
            row["tags"] = ["bench", *["gold"] * (number % 100 == 0), *["marked"] * is_marked]
            if is_marked:
                row["metadata"]["marked"] = True
            if number % 10 == 0:
                row["rating"] = 1 + number // 10 % 5
            file.write(encoder.encode(row) + b"\n")


async def main(postgres: str, directory: Path, *, examples: int) -> None:
    async with start_environment(postgres, directory) as environment:
        sizes = (SMALL, examples)
        datasets = [await _build(environment, size, seed=number) for number, size in enumerate(sizes)]
        async with connect(environment.url) as connection:
            await connection.execute("vacuum analyze")
        growths = await _measure_reads(environment.client, datasets)
        growths.append(await _measure_deep_page(environment, datasets))
        growths += await _measure_versions(environment.client, datasets)
        _report_step("rebuild")
        rebuilt = await projection_rebuild.measure(environment, repeats=1)
        size = await _measure_disk(environment)
    report = msgspec.json.encode({"examples": sizes, "growth": growths, "rebuild": rebuilt, "bytes": size})
    sys.stdout.write(msgspec.json.format(report).decode() + "\n")


async def _build(environment: Environment, examples: int, *, seed: int) -> str:
    _report_step(f"import of {examples:,}")
    file = environment.directory / "million.jsonl"
    await asyncio.to_thread(write_file, file, examples=examples, seed=seed)
    client = environment.client
    dataset: str = (await client.json("POST", "/v1/datasets", {"name": f"of {examples}"}))["id"]
    operation = await asyncio.to_thread(send_file, client, f"/v1/datasets/{dataset}/imports", file)
    while operation["state"] in ("queued", "running"):
        operation = await client.json("GET", f"/v1/operations/{operation['id']}?wait=60")
    file.unlink()
    if operation["state"] != "succeeded":
        raise RuntimeError(f"the import ended {operation}")
    await client.json("POST", f"/v1/datasets/{dataset}/examples", {"examples": _build_logged()})
    return dataset


def _build_logged() -> list[dict[str, Any]]:
    """Examples from another source than the rest."""
    message = {"role": "assistant", "content": "Yes."}
    questions = [{"role": "user", "content": f"Logged {number}?"} for number in range(MARKED)]
    source = {"type": "log", "name": "benchmark"}
    return [{"content": {"messages": [question, message]}, "source": source} for question in questions]


async def _measure_reads(client: HttpClient, datasets: Sequence[str]) -> list[Growth]:
    growths = []
    for name, path in READS.items():
        _report_step(name)
        paths = [f"/v1/datasets/{dataset}{path}" for dataset in datasets]
        growths.append(await _compare(name, client, paths))
    return growths


async def _measure_deep_page(environment: Environment, datasets: Sequence[str]) -> Growth:
    """A page from the middle of each dataset, by a cursor as the page before it would give one."""
    paths = []
    for dataset in datasets:
        async with connect(environment.url) as connection:
            middle = await connection.fetchval(
                "select id from examples where dataset_id = $1 order by id offset"
                " (select count(*) / 2 from examples where dataset_id = $1) limit 1",
                dataset,
            )
            seq = await connection.fetchval("select max(seq) from ledger.heads")
        paths.append(f"/v1/datasets/{dataset}/examples?limit=50&cursor={encode_cursor((seq, middle))}")
    return await _compare("deep page", environment.client, paths)


async def _compare(name: str, client: HttpClient, paths: Sequence[str]) -> Growth:
    async def read(path: str) -> tuple[float, int]:
        started = time.perf_counter()
        body = await client.ask("GET", path)
        seconds = time.perf_counter() - started
        answer = msgspec.json.decode(body)
        return seconds, len(answer["data"]) if "data" in answer else answer["examples"]

    return await _take_turns(name, [lambda path=path: read(path) for path in paths])  # type: ignore[misc]


async def _take_turns(name: str, work: Sequence[Callable[[], Awaitable[tuple[float, int]]]]) -> Growth:
    """Measure small and large one after the other, REPEATS times; the first of each warms the caches."""
    pairs, counts = [], (0, 0)
    for repeat in range(REPEATS + 1):
        (small, few), (large, many) = [await each() for each in work]
        counts = (few, many)
        if repeat:
            pairs.append((small, large))
    _report_step(f"{name}: {sum(large / small for small, large in pairs) / len(pairs):.2f} times")
    return Growth(
        name=name,
        small=build_figure([small * 1000 for small, _ in pairs], "ms"),
        large=build_figure([large * 1000 for _, large in pairs], "ms"),
        growth=build_figure([large / small for small, large in pairs], "times"),
        examples=counts,
    )


async def _measure_versions(client: HttpClient, datasets: Sequence[str]) -> list[Growth]:
    """Freeze, change CHANGES examples, freeze again and compare the two, REPEATS times."""
    _report_step("versions")
    frozen = dict.fromkeys(datasets, 0)

    async def freeze(dataset: str) -> tuple[float, int]:
        await _change(client, dataset, mark=f"change {frozen[dataset]}")
        frozen[dataset] += 1
        started = time.perf_counter()
        version = await client.json("POST", f"/v1/datasets/{dataset}/versions", {"name": f"v{frozen[dataset]}"})
        return time.perf_counter() - started, version["examples"]

    async def diff(dataset: str) -> tuple[float, int]:
        last = frozen[dataset]
        started = time.perf_counter()
        path = f"/v1/datasets/{dataset}/diff?from=v{last - 1}&to=v{last}&count=true"
        answer = await client.json("GET", path)
        return time.perf_counter() - started, answer["changes"]["edited"]

    results = []
    for name, measure in ((f"freeze after {CHANGES:,} changes", freeze), (f"diff of {CHANGES:,} changes", diff)):
        results.append(await _take_turns(name, [lambda d=d, m=measure: m(d) for d in datasets]))  # type: ignore[misc]
    return results


async def _change(client: HttpClient, dataset: str, *, mark: str) -> None:
    """Give CHANGES examples another text, by as many clients as edit at once."""
    page = await client.json("GET", f"/v1/datasets/{dataset}/examples?limit={CHANGES}")
    ids = [example["id"] for example in page["data"]]

    async def edit(ids: Sequence[str]) -> None:
        async with HttpClient(client.host, client.port, client.key) as own:
            for id_ in ids:
                messages = [{"role": "user", "content": mark}, {"role": "assistant", "content": id_}]
                await own.json("PATCH", f"/v1/examples/{id_}", {"content": {"messages": messages}})

    await asyncio.gather(*[edit(ids[number::CLIENTS]) for number in range(CLIENTS)])


async def _measure_disk(environment: Environment) -> dict[str, int]:
    """Bytes of each large relation, indexes beside tables."""
    query = """
        select relname, pg_relation_size(oid) as size from pg_class
        where relkind in ('r', 'i', 't') and pg_relation_size(oid) > 1e6 order by size desc
    """
    async with connect(environment.url) as connection:
        return {row["relname"]: row["size"] for row in await connection.fetch(query)}


def _report_step(what: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {what}\n")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="tuneledger-million-") as folder, embedded(Path(folder)) as url:
        asyncio.run(main(url, Path(folder), examples=int(sys.argv[1]) if len(sys.argv) > 1 else LARGE))
