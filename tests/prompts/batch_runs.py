"""Prompts that are put to the sandbox, and workers that do it."""

import asyncio
from functools import partial
from typing import Any

import httpx

from service.database.engine import new_id
from service.prompts.runs import worker as batch
from tests.datasets.example_bodies import Json, add_many, chat, make_dataset, ok
from tests.inference import run_world
from tests.inference.run_world import make_connection
from tests.prompts.prompt_bodies import add_version, make_prompt
from tests.tunes.sandbox import MODEL, Sandbox

WORKS = {batch.KIND: batch.predict}
CHAT = "POST /v1/chat/completions"
CHATS = "/v1/chat/completions"
LABELS = ("sports", "politics", "culture")
run_worker = partial(run_world.run_worker, WORKS)
worker_process = partial(run_world.worker_process, f"{__name__}:WORKS")


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


async def predictions(api: httpx.AsyncClient, run_id: str, **query: Any) -> list[Json]:
    page = await ok(await api.get(f"/v1/runs/{run_id}/predictions", params={"limit": 1_000, **query}))
    return list(page["data"])


async def wait_for_predictions(api: httpx.AsyncClient, run_id: str, number: int) -> None:
    """Wait until there are so many."""
    async with asyncio.timeout(60):
        while len(await predictions(api, run_id)) < number:  # noqa: ASYNC110 - another process makes them
            await asyncio.sleep(0.02)
