"""Measure Kiln's library and MLflow's tracking server beside ours, on the same rows (`make bench-peers`).

The argument is the Python of an environment that has both; `peer_programs.py` runs in it.
"""

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from benchmarks.environment import Environment, start_environment
from benchmarks.figures import Figure, build_figure
from benchmarks.http_client import HttpClient
from benchmarks.imports import WORDS
from benchmarks.peer_programs import LOOKED_UP, RATERS
from service.database.embedded_postgres import embedded

ROWS = 500
REPEATS = 3
PEERS = ("kiln", "mlflow")
PROGRAM = Path(__file__).parent / "peer_programs.py"
RATING = {"rating": {"overall": {"type": "stars", "value": 4}}}


async def main(python: str) -> None:
    with tempfile.TemporaryDirectory(prefix="tuneledger-bench-") as name, embedded(Path(name)) as url:
        file = Path(name) / "rows.jsonl"
        rows = _write_rows(file)
        measured: dict[str, list[dict[str, float]]] = {name: [] for name in ("tuneledger", *PEERS)}
        async with start_environment(url, Path(name)) as environment:
            for repeat in range(REPEATS):
                measured["tuneledger"].append(await _measure(environment, rows, name=f"peers {repeat}"))
                for peer in PEERS:
                    measured[peer].append(await _run_peer(python, peer, file))
    report = {peer: _compare(measured[peer], measured["tuneledger"]) for peer in PEERS}
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(report)).decode() + "\n")


def _write_rows(file: Path) -> list[dict[str, str]]:
    dice = random.Random(0)
    rows = [
        {"question": f"{number} " + " ".join(dice.choices(WORDS, k=60)), "answer": " ".join(dice.choices(WORDS, k=80))}
        for number in range(ROWS)
    ]
    file.write_bytes(msgspec.json.Encoder().encode_lines(rows))
    return rows


async def _measure(environment: Environment, rows: list[dict[str, str]], *, name: str) -> dict[str, float]:
    """The seconds of each step over HTTP: one client, and eight that rate."""
    client = environment.client
    dataset = (await client.json("POST", "/v1/datasets", {"name": name}))["id"]
    examples = f"/v1/datasets/{dataset}/examples"
    ids: list[str] = []

    async def create() -> None:
        for row in rows:
            messages = [{"role": "user", "content": row["question"]}, {"role": "assistant", "content": row["answer"]}]
            ids.append((await client.json("POST", examples, {"content": {"messages": messages}}))["id"])

    async def list_all() -> None:
        cursor = ""
        while cursor is not None:
            page = await client.json("GET", f"{examples}?limit=100" + (f"&cursor={cursor}" if cursor else ""))
            cursor = page["next_cursor"]

    async def look_up() -> None:
        for id_ in ids[:LOOKED_UP]:
            await client.json("GET", f"/v1/examples/{id_}")

    async def rate() -> None:
        await asyncio.gather(*[_rate_some(environment, ids[first::RATERS]) for first in range(RATERS)])

    async def export() -> None:
        await client.ask("GET", f"/v1/datasets/{dataset}/export")

    steps: dict[str, Callable[[], Awaitable[None]]] = {
        "create": create,
        "list": list_all,
        "look_up": look_up,
        "rate": rate,
        "export": export,
    }
    seconds = {}
    for step, do in steps.items():
        started = time.perf_counter()
        await do()
        seconds[step] = time.perf_counter() - started
    return seconds


async def _rate_some(environment: Environment, ids: list[str]) -> None:
    address = environment.client
    async with HttpClient(address.host, address.port, address.key) as client:
        for id_ in ids:
            await client.json("PUT", f"/v1/examples/{id_}/rating", RATING["rating"])


async def _run_peer(python: str, peer: str, file: Path) -> dict[str, float]:
    """Run it in its environment; the last line of what it prints are its seconds."""
    process = await asyncio.create_subprocess_exec(
        *(python, str(PROGRAM), peer, str(file)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # banners
    )
    output, _ = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"{peer} failed: run {python} {PROGRAM} {peer} to see why")
    return msgspec.json.decode(output.strip().rpartition(b"\n")[2], type=dict[str, float])


def _compare(peer: list[dict[str, float]], ours: list[dict[str, float]]) -> dict[str, dict[str, Figure]]:
    """Of each step the peer's milliseconds a row, ours, and how many times ours the peer takes."""
    rows = {step: LOOKED_UP if step == "look_up" else ROWS for step in ours[0]}
    return {
        step: {
            "peer": build_figure([each[step] * 1000 / count for each in peer], "ms a row"),
            "tuneledger": build_figure([each[step] * 1000 / count for each in ours], "ms a row"),
            "times": build_figure([theirs[step] / own[step] for theirs, own in zip(peer, ours, strict=True)], "times"),
        }
        for step, count in rows.items()
    }


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
