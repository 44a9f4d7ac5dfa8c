"""Prompts that are put to the sandbox, and workers that do it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import new_id
from service.inference import worker
from service.prompts.runs import worker as batch
from tests.datasets.example_bodies import Json, add_many, chat, make_dataset, ok
from tests.http_client import LOOPBACK
from tests.prompts.prompt_bodies import add_version, make_prompt
from tests.tunes.conftest import SETTINGS, context_of
from tests.tunes.sandbox import MODEL, ROOT, Sandbox

WORKS = {batch.KIND: batch.predict}
CHAT = "POST /v1/chat/completions"
CHATS = "/v1/chat/completions"
LABELS = ("sports", "politics", "culture")


async def make_connection(api: httpx.AsyncClient, sandbox: Sandbox | None, **fields: Any) -> str:
    base_url = sandbox.base_url if sandbox else "http://127.0.0.1:9/v1"
    body = {"name": str(new_id()), "kind": "sandbox", "base_url": base_url, "secret": "sk-hush-hush-hush"}
    return str((await ok(await api.post("/v1/connections", json=body | fields)))["id"])


async def make_sandbox_prompt(api: httpx.AsyncClient, sandbox: Sandbox | None, **version: Any) -> str:
    """A prompt with one version that the sandbox's base model answers."""
    prompt_id = await make_prompt(api, str(new_id()))
    target = {"connection_id": await make_connection(api, sandbox), "model": MODEL}
    await add_version(api, prompt_id, **{"target": target} | version)
    return prompt_id


async def make_news_dataset(api: httpx.AsyncClient, count: int, **more: Any) -> tuple[str, list[Json]]:
    """A dataset of so many numbered questions, all of the split `test`."""
    dataset_id = await make_dataset(api, str(new_id()))
    new = [
        {"content": chat(f"Row {n:03}: rain in town {n}.", f"Title {n}"), "split": "test"} | more for n in range(count)
    ]
    return dataset_id, await add_many(api, dataset_id, new)


async def start_batch_run(api: httpx.AsyncClient, prompt_id: str, dataset_id: str, **body: Any) -> str:
    sent = await api.post(f"/v1/prompts/{prompt_id}/runs", json={"dataset_id": dataset_id, **body})
    assert sent.status_code == 202, sent.text
    assert sent.headers["Location"] == f"/v1/operations/{sent.json()['id']}"
    return str(sent.json()["id"])


async def wait_for_end(api: httpx.AsyncClient, run_id: str) -> Json:
    operation = await ok(await api.get(f"/v1/operations/{run_id}?wait=60"))
    assert operation["finished_at"], operation
    return operation


async def predictions(api: httpx.AsyncClient, run_id: str, **query: Any) -> list[Json]:
    page = await ok(await api.get(f"/v1/runs/{run_id}/predictions", params={"limit": 1_000, **query}))
    return list(page["data"])


async def wait_for_predictions(api: httpx.AsyncClient, run_id: str, number: int) -> None:
    """Wait until there are so many."""
    async with asyncio.timeout(60):
        while len(await predictions(api, run_id)) < number:  # noqa: ASYNC110 - another process makes them
            await asyncio.sleep(0.02)


@asynccontextmanager
async def run_worker(engine: AsyncEngine) -> AsyncIterator[None]:
    """A worker in this process, until the end of the block."""
    stop = asyncio.Event()
    task = asyncio.ensure_future(worker.run(WORKS, context_of(engine), stop))
    try:
        yield
    finally:
        stop.set()
        await task


@asynccontextmanager
async def worker_process(database_url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A worker in a process of its own, to be killed."""
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "TUNELEDGER_SECRET_KEY": str(SETTINGS.secret_key),
        "TUNELEDGER_LEASE_SECONDS": "2",
        "TUNELEDGER_CONNECTIONS_ALLOW": LOOPBACK,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.prompts.worker_process", stdout=asyncio.subprocess.PIPE, cwd=ROOT, env=environment
    )
    assert process.stdout
    await asyncio.wait_for(process.stdout.readline(), 30)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
