"""Measure 1,000 running tunes at one provider (`make bench-poller`), and print the figures as JSON.

The emulated jobs follow a timetable, so the true moment of each change of state is known. The floor is the processor
time of the same requests by a minimal client.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import psutil

from benchmarks.environment import connect, database, server
from benchmarks.http_client import HttpClient
from service.database.embedded_postgres import embedded

REQUESTS, TARGETS = 20, 50
JOB_SECONDS = float(os.environ.get("BENCH_JOB_SECONDS", "240"))
WINDOW_SECONDS = 60.0
INTERVAL = 5.0
MODEL = "gpt-4.1-mini-2025-04-14"
KEY = "sk-emulated-openai-0123456789"
JOBS = "/v1/fine_tuning/jobs"
_STATES = """
select stream_id::text, coalesce(data->>'state', case type when 'TuneSucceeded' then 'succeeded' end) as state,
  extract(epoch from recorded_at)::float8 as at
from ledger.events where stream = 'tune' and type in ('TuneSubmitted', 'TuneProgressed', 'TuneSucceeded')
order by seq
"""
ORDER = ("pending", "validating", "queued", "running", "succeeded")


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds, but for the shares of a core (1 is one) and the bytes."""

    tunes: int
    sent_seconds: float
    jobs_at_provider: int
    staleness_p50: float
    staleness_p90: float
    staleness_p99: float
    staleness_max: float
    worker_core_share: float
    bare_core_share: float
    worker_megabytes: float
    requests_per_minute: dict[str, float]
    load: float


async def main(postgres: str) -> None:
    settings = {"TUNELEDGER_CONNECTIONS_ALLOW": "127.0.0.0/8", "TUNELEDGER_PROCESSES": "1"}
    async with (
        emulator() as address,
        database(postgres) as url,
        server(url, **settings) as client,
        HttpClient(address.hostname or "", address.port or 0, KEY) as provider,
    ):
        report = await measure(client, provider, f"http://{address.netloc}/v1", url)
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(report)).decode() + "\n")


async def measure(client: HttpClient, provider: HttpClient, base_url: str, url: str) -> Report:
    body = await _prepare(client, base_url)
    started = time.perf_counter()
    for _ in range(REQUESTS):
        await client.json("POST", "/v1/tunes", body)
    async with connect(url) as database_connection:
        await _until(database_connection, "job_id is not null")
        sent = time.perf_counter() - started
        worker, calls = _find_worker(), await provider.json("GET", "/emulator/calls")
        cpu, began = sum(worker.cpu_times()[:2]), time.perf_counter()
        await asyncio.sleep(WINDOW_SECONDS)
        spent, window = sum(worker.cpu_times()[:2]) - cpu, time.perf_counter() - began
        more = await provider.json("GET", "/emulator/calls")
        made = {call: count - calls.get(call, 0) for call, count in more.items() if count > calls.get(call, 0)}
        memory = worker.memory_info().rss
        await _until(database_connection, "finished_at is not null")
        staleness = await _compute_staleness(database_connection, provider)
        jobs = await provider.json("GET", "/emulator/jobs")
    return Report(
        tunes=REQUESTS * TARGETS,
        sent_seconds=round(sent, 1),
        jobs_at_provider=len(jobs),
        **{f"staleness_p{p}": round(_percentile(staleness, p / 100), 2) for p in (50, 90, 99)},
        staleness_max=round(staleness[-1], 2),
        worker_core_share=round(spent / window, 3),
        bare_core_share=round(await _measure_bare(provider, made) / window, 3),
        worker_megabytes=round(memory / 1e6, 1),
        requests_per_minute={call: round(count / window * 60, 1) for call, count in sorted(made.items())},
        load=round(os.getloadavg()[0], 1),
    )


async def _prepare(client: HttpClient, base_url: str) -> dict[str, Any]:
    """A frozen dataset and a connection; the body of a request for TARGETS tunes."""
    dataset = (await client.json("POST", "/v1/datasets", {"name": "followed"}))["id"]
    turns = [{"role": "user", "content": "Who won?"}, {"role": "assistant", "content": "sports"}]
    rows = [
        {"content": {"messages": [{**turns[0], "content": f"Who won {number}?"}, turns[1]]}, "split": "train"}
        for number in range(20)
    ]
    await client.json("POST", f"/v1/datasets/{dataset}/examples", {"examples": rows})
    await client.json("POST", f"/v1/datasets/{dataset}/versions", {"name": "v1"})
    connection = {"name": "emulated", "kind": "openai", "base_url": base_url, "secret": KEY}
    connection_id = (await client.json("POST", "/v1/connections", connection))["id"]
    targets = [{"connection_id": connection_id, "base_model": MODEL}] * TARGETS
    return {"dataset_id": dataset, "dataset_version": "v1", "targets": targets, "force": True}


async def _until(connection: Any, condition: str) -> None:
    async with asyncio.timeout(1_200):
        while await connection.fetchval(f"select count(*) from tunes where {condition}") < REQUESTS * TARGETS:  # noqa: ASYNC110
            await asyncio.sleep(0.5)


async def _compute_staleness(connection: Any, provider: HttpClient) -> list[float]:
    """Seconds from each change at the provider until it or a later one was recorded, sorted."""
    recorded: dict[str, list[tuple[int, float]]] = {}
    for tune_id, state, at in await connection.fetch(_STATES):
        recorded.setdefault(tune_id, []).append((ORDER.index(state), at))
    late = []
    for job in await provider.json("GET", "/emulator/jobs"):
        for state, changed in job["times"].items():
            seen = min(at for rank, at in recorded[job["token"]] if rank >= ORDER.index(state))
            late.append(max(0.0, seen - changed))
    return sorted(late)


async def _measure_bare(provider: HttpClient, calls: Mapping[str, int]) -> float:
    """Processor seconds of this process for the same requests, decoded."""
    listed = (await provider.json("GET", f"{JOBS}?limit=1"))["data"][0]["id"]
    paths = {f"GET {JOBS}": f"{JOBS}?limit=100", f"GET {JOBS}/{{id}}/events": f"{JOBS}/{listed}/events?limit=100"}
    began = time.process_time()
    for call, count in calls.items():
        for _ in range(count if call in paths else 0):
            await provider.json("GET", paths[call])
    return time.process_time() - began


def _find_worker() -> psutil.Process:
    children = psutil.Process().children(recursive=True)
    return next(child for child in children if " worker" in " ".join(child.cmdline()))


def _percentile(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))]


@asynccontextmanager
async def emulator() -> AsyncIterator[Any]:
    command = [sys.executable, "-m", "tests.emulators.openai", "--seconds", str(JOB_SECONDS), "--steps", "60"]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parent.parent
    )
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), 60)
        yield urlsplit(line.decode().split()[-1])
    finally:
        process.terminate()
        await process.wait()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch, embedded(Path(scratch) / "postgres") as postgres_url:
        asyncio.run(main(os.environ.get("DATABASE_URL") or postgres_url))
