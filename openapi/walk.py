"""Record the examples of the OpenAPI document: the demo is walked, then every list and every resource is read.

What neither asks is taken from exchanges that the tests recorded (`pytest -p openapi.recorder --record FILE`).
"""

import asyncio
import json
import secrets
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import httpx

from openapi.recorder import DOCUMENT, Recorder, load, recording, save
from service.demo import people
from service.demo.stage import open_stage
from service.demo.walk import main as walk_demo
from service.http.openapi.operation_examples import EXAMPLES
from service.settings import Settings

MAX_TRIES = 40


def record_examples(from_tests: list[Path]) -> list[str]:
    """Write all examples anew; the operations that nothing has asked are returned."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "walk.json"
        settings = Settings(data_directory=Path(scratch) / "data", bootstrap_key=f"tl_{secrets.token_urlsafe(32)}")
        with recording(file) as recorder:
            walk_demo(settings, sandbox_port=0)
            with open_stage(settings, sandbox_port=0) as up:
                asyncio.run(_read_everything(up.url, people.choose_first_key(settings), recorder))
                asyncio.run(_ask_the_rest(up.url, people.choose_first_key(settings), recorder))
        best = load(file)
    for tests in from_tests:
        best = load(tests) | best
    EXAMPLES.unlink(missing_ok=True)
    save(best, EXAMPLES)
    return sorted({name for _, _, name in _operations()} - set(best))


async def _read_everything(url: str, key: str, recorder: Recorder) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as client:
        for _ in range(3):  # what a list names can be read in the next round
            pool = _pool(recorder)
            for path, method, name in _operations():
                if method == "get" and name not in recorder.best and not path.endswith("/stream"):
                    await _read(client, path, name, pool, recorder)


async def _ask_the_rest(url: str, key: str, recorder: Recorder) -> None:
    """What needs more than an id: two versions, a file of calls, the log, and a tune that was cancelled."""
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=f"{url}/v1", headers=headers, timeout=30) as client:
        dataset = recorder.best["create_tunes"].request["dataset_id"]
        await client.get(f"/datasets/{dataset}/changes", params={"from": "v1", "to": "v2", "limit": 2})
        call = recorder.best["log_requests"].request["requests"][0]
        lines = json.dumps(call | {"client_id": "call-0001"}).encode() + b"\n"
        await client.post("/requests/import", content=lines, headers={"Content-Type": "application/x-ndjson"})
        await client.get("/events/export")
        tune = (await client.post("/tunes", json=recorder.best["create_tunes"].request)).json()["tunes"][0]["id"]
        await client.post(f"/tunes/{tune}/cancel", json={"reason": "The wrong base model."})
        for _ in range(50):  # a worker may be sending it just now
            if (await client.post(f"/tunes/{tune}/retry")).is_success:
                return
            await asyncio.sleep(0.2)


async def _read(
    client: httpx.AsyncClient, path: str, name: str, pool: dict[str, list[str]], recorder: Recorder
) -> None:
    """Try the ids that are known for each place of the path until one of them is answered."""
    parts = [pool[_place(path, part)] if part.startswith("{") else [part] for part in path.split("/")]
    for number, chosen in enumerate(product(*parts)):
        await client.get("/".join(chosen))
        if name in recorder.best or number >= MAX_TRIES:
            return


def _pool(recorder: Recorder) -> dict[str, list[str]]:
    """Values of path parameters by their place, from the paths that were asked and the ids that lists answered."""
    pool: dict[str, list[str]] = defaultdict(list)
    for path, _, name in _operations():
        exchange = recorder.best.get(name)
        if exchange is None:
            continue
        for part, value in zip(path.split("/"), exchange.path.split("/"), strict=True):
            if part.startswith("{"):
                pool[_place(path, part)].append(value)
        for value in _ids(exchange.response):
            pool[path.rpartition("/")[2]].append(value)
    return pool


def _ids(response: Any) -> Iterator[str]:
    rows = response.get("data") if isinstance(response, dict) else None
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and (value := row.get("id") or row.get("version") or row.get("name")):
            yield str(value)


def _place(path: str, part: str) -> str:
    """The word before a parameter: `datasets` for `/v1/datasets/{dataset_id}`."""
    return path.split(part, maxsplit=1)[0].rstrip("/").rpartition("/")[2]


def _operations() -> list[tuple[str, str, str]]:
    document = json.loads(DOCUMENT.read_text())
    methods = {"get", "put", "post", "delete", "patch"}
    return [
        (path, method, operation["operationId"])
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in methods
    ]
