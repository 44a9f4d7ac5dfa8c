"""Measure a tenant alone, and beside a hostile one who does everything at once (`make bench-hostile`).

Tenant B reads an example, reads a page of 100 and edits, in turns, and beside that imports 100 rows every two seconds.
A process of its own attacks as tenant A (benchmarks/attacks.py). The server is the one people start, with its limits.
"""

import asyncio
import itertools
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from statistics import quantiles
from typing import Any

import msgspec

from benchmarks.environment import database, server
from benchmarks.figures import Result, build_figure, build_result
from benchmarks.http_client import HttpClient
from benchmarks.imports import write_file
from service.database.embedded_postgres import embedded

ROUNDS = 3
SECONDS = 20.0  # of each half of a round
WARM_SECONDS = 8.0  # of an attack before it is measured
PAUSE = 0.02  # between two requests of tenant B
IMPORT_EVERY = 2.0
EXAMPLES = {"A": 60_000, "B": 2_000}
ROWS = 100
KINDS = ("read", "page", "edit", "import")
AIM = "p99 of plain reads under 3 times its quiet value"
Latencies = Mapping[str, list[float]]


async def main(postgres: str, directory: Path) -> None:
    allow = {"TUNELEDGER_CONNECTIONS_ALLOW": "127.0.0.0/8", "TUNELEDGER_DATA_DIRECTORY": str(directory)}
    async with (
        database(postgres) as url,
        server(url, **allow) as operator,
        _silent_provider() as silent,
        _sandbox(directory) as sandbox,
        _tenant(operator, "A") as hostile,
        _tenant(operator, "B") as client,
    ):
        hostile_dataset = await _fill(hostile, directory, examples=EXAMPLES["A"])
        dataset = await _fill(client, directory, examples=EXAMPLES["B"])
        tuner = await Tuner.prepare(client, dataset, sandbox)
        tenant = Tenant(client, dataset, directory)
        results = []
        for kind in sys.argv[1:] or ("moderate", "all"):
            attack = (kind, f"http://{client.host}:{client.port}", hostile.key, hostile_dataset, silent)
            results.append(await _measure(kind, tenant, tuner, attack))
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(results)).decode() + "\n")


async def _measure(kind: str, tenant: "Tenant", tuner: "Tuner", attack: Sequence[str]) -> Result:
    """Rounds of quiet and attack, in turns, so that noise of the machine hits both."""
    pairs: list[tuple[Latencies, Latencies]] = []
    sent: list[float] = []
    for _ in range(ROUNDS):
        quiet = await tenant.work(SECONDS)
        async with _attacking(attack):
            await asyncio.sleep(WARM_SECONDS)
            attacked, seconds = await asyncio.gather(tenant.work(SECONDS), tuner.send())
        pairs.append((attacked, quiet))
        sent.append(seconds)
    reads = [(_percentile(attacked["read"], 99), _percentile(quiet["read"], 99)) for attacked, quiet in pairs]
    beside = {"tune_sent_s": build_figure(sent, "s")}
    for name in KINDS:
        for percent in (50, 99):
            for side, index in (("alone", 1), ("attacked", 0)):
                values = [1_000 * _percentile(pair[index][name], percent) for pair in pairs]
                beside[f"{name}_p{percent}_{side}_ms"] = build_figure(values, "ms")
    name = f"beside a hostile tenant: {kind}"
    return build_result(name, reads, of=1, unit="reads", floor_is="p99 alone", aim=AIM, beside=beside)


def _percentile(seconds: Sequence[float], percent: int) -> float:
    if not seconds:  # nothing came through
        return SECONDS
    return quantiles([*seconds, *seconds], n=100, method="inclusive")[percent - 1]


class Tenant:
    """Tenant B at work."""

    def __init__(self, client: HttpClient, dataset: str, directory: Path) -> None:
        self._client, self._dataset, self._directory = client, dataset, directory
        self._marks = itertools.count()

    async def work(self, seconds: float) -> Latencies:
        """The seconds of each request, by what it was. An import counts until its rows are there."""
        page = await self._client.json("GET", f"/v1/datasets/{self._dataset}/examples?limit=1000")
        ids = itertools.cycle(example["id"] for example in page["data"])
        latencies: dict[str, list[float]] = {kind: [] for kind in KINDS}
        end = time.perf_counter() + seconds
        importing = asyncio.create_task(self._import_until(end, latencies["import"]))
        kinds = itertools.cycle(KINDS[:3])
        while time.perf_counter() < end:
            kind, started = next(kinds), time.perf_counter()
            await self._do(kind, next(ids))
            latencies[kind].append(time.perf_counter() - started)
            await asyncio.sleep(PAUSE)
        await importing
        return latencies

    async def _import_until(self, end: float, taken: list[float]) -> None:
        async with HttpClient(self._client.host, self._client.port, self._client.key) as client:
            while time.perf_counter() < end:
                started = time.perf_counter()
                await _import(client, self._dataset, self._directory, examples=ROWS, seed=next(self._marks))
                taken.append(time.perf_counter() - started)
                await asyncio.sleep(IMPORT_EVERY)

    async def _do(self, kind: str, example: str) -> None:
        match kind:
            case "read":
                await self._client.ask("GET", f"/v1/examples/{example}")
            case "page":
                await self._client.ask("GET", f"/v1/datasets/{self._dataset}/examples?limit=100")
            case _:
                await self._client.json("PATCH", f"/v1/examples/{example}", {"tags": [f"mark {next(self._marks)}"]})


class Tuner:
    """Sends tunes of tenant B to the sandbox."""

    def __init__(self, client: HttpClient, tune: dict[str, Any]) -> None:
        self._client, self._tune = client, tune

    @classmethod
    async def prepare(cls, client: HttpClient, dataset: str, sandbox: str) -> "Tuner":
        connection = {"name": "sandbox", "kind": "sandbox", "secret": "none", "base_url": sandbox}
        target = {"connection_id": (await client.json("POST", "/v1/connections", connection))["id"]}
        await client.json("POST", f"/v1/datasets/{dataset}/versions", {"name": "v1"})
        target["base_model"] = "sandbox-small"
        return cls(client, {"dataset_id": dataset, "dataset_version": "v1", "targets": [target]})

    async def send(self) -> float:
        """Seconds until the provider has a tune."""
        started = time.perf_counter()
        async with HttpClient(self._client.host, self._client.port, self._client.key) as client:
            tune = (await client.json("POST", "/v1/tunes", self._tune))["tunes"][0]
            while tune["state"] == "pending":
                await asyncio.sleep(0.1)
                tune = await client.json("GET", f"/v1/tunes/{tune['id']}")
        return time.perf_counter() - started


@asynccontextmanager
async def _tenant(operator: HttpClient, name: str) -> AsyncIterator[HttpClient]:
    made = await operator.json("POST", "/v1/workspaces", {"name": name})
    async with HttpClient(operator.host, operator.port, made["api_key"]) as client:
        yield client


async def _fill(client: HttpClient, directory: Path, *, examples: int) -> str:
    task = {"name": "judge", "instruction": "Is it good?", "categories": ["good", "bad"]}
    task_id = (await client.json("POST", "/v1/tasks", task))["id"]
    dataset = (await client.json("POST", "/v1/datasets", {"name": "d", "task_id": task_id}))["id"]
    await _import(client, dataset, directory, examples=examples, seed=0)
    return str(dataset)


async def _import(client: HttpClient, dataset: str, directory: Path, *, examples: int, seed: int) -> None:
    file = directory / "rows.jsonl"
    write_file(file, examples=examples, seed=seed)
    operation = msgspec.json.decode(
        await client.ask("POST", f"/v1/datasets/{dataset}/imports", file.read_bytes(), kind="application/x-ndjson")
    )
    while operation["state"] in {"queued", "running"}:
        operation = await client.json("GET", f"/v1/operations/{operation['id']}?wait=10")


@asynccontextmanager
async def _attacking(arguments: Sequence[str]) -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "benchmarks.attacks", *arguments)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


@asynccontextmanager
async def _silent_provider() -> AsyncIterator[str]:
    """The base URL of a server that takes every request and never answers."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while await reader.read(1 << 16):
                pass
        writer.close()

    listening = await asyncio.start_server(take, "127.0.0.1", 0)
    async with listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"


@asynccontextmanager
async def _sandbox(directory: Path) -> AsyncIterator[str]:
    """The base URL of a sandbox."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "service.sandbox", "--port", "0", "--directory", str(directory / "sandbox")),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        yield f"{(await process.stdout.readline()).decode().split()[-1]}/v1"
    finally:
        process.terminate()
        await process.wait()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="tuneledger-bench-") as name:
        if os.environ.get("DATABASE_URL"):
            asyncio.run(main(os.environ["DATABASE_URL"], Path(name)))
        else:
            with embedded(Path(name)) as url:
                asyncio.run(main(url, Path(name)))
