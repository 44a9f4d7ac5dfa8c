"""Generations that the sandbox works for, and workers that do it."""

from functools import partial
from typing import Any

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from service.database.engine import new_id
from service.generation.documents import worker as pairs_work
from service.generation.runs import worker as rows_work
from service.generation.topics import worker as topics_work
from tests.datasets.example_bodies import Json, make_dataset, make_task, ok
from tests.inference import run_world
from tests.inference.run_world import make_connection, wait_for_end
from tests.tunes.sandbox import MODEL, Sandbox

WORKS = {
    topics_work.KIND: topics_work.name_topics,
    rows_work.KIND: rows_work.generate,
    pairs_work.KIND: pairs_work.make_pairs,
}
run_worker = partial(run_world.run_worker, WORKS)
worker_process = partial(run_world.worker_process, f"{__name__}:WORKS")


async def make_generation(api: httpx.AsyncClient, sandbox: Sandbox | None, **more: Any) -> Json:
    """One for a new dataset whose task is to write headlines. `task` are further fields of that task."""
    task: Json = more.pop("task", {})
    if "dataset_id" not in more:
        wanted = {"instruction": "Write a headline for the summary of a news article.", "name": str(new_id()), **task}
        made = await make_task(api, **wanted)
        more["dataset_id"] = await make_dataset(api, str(new_id()), task_id=made["id"])
    target = {"connection_id": await make_connection(api, sandbox), "model": MODEL}
    return await ok(await api.post("/v1/generations", json={"target": target, **more}))


async def start_run(api: httpx.AsyncClient, path: str, **body: Any) -> str:
    sent = await api.post(path, json=body)
    assert sent.status_code == 202, sent.text
    assert sent.headers["Location"] == f"/v1/operations/{sent.json()['id']}"
    return str(sent.json()["id"])


async def run_to_end(api: httpx.AsyncClient, engine: AsyncEngine, path: str, **body: Any) -> Json:
    """The operation, worked on to its end."""
    run_id = await start_run(api, path, **body)
    async with run_worker(engine):
        operation = await wait_for_end(api, run_id)
    assert operation["state"] == "succeeded", operation
    return operation


async def candidates(api: httpx.AsyncClient, generation_id: str, **query: Any) -> list[Json]:
    page = await ok(await api.get(f"/v1/generations/{generation_id}/candidates", params={"limit": 1_000, **query}))
    return list(page["data"])


async def topics(api: httpx.AsyncClient, generation_id: str) -> Json:
    return await ok(await api.get(f"/v1/generations/{generation_id}/topics"))


async def add_topics(api: httpx.AsyncClient, generation_id: str, *names: str) -> list[str]:
    """Their ids."""
    body = {"add": [{"name": name} for name in names]}
    tree = await ok(await api.patch(f"/v1/generations/{generation_id}/topics", json=body))
    by_name = {topic["name"]: topic["id"] for topic in tree["topics"]}
    return [by_name[name] for name in names]


async def propose_candidates(api: httpx.AsyncClient, count: int, **more: Any) -> tuple[Json, list[str]]:
    """A generation without a model, and so many candidates that a program sent."""
    generation = await make_generation(api, None, **more)
    new = [
        {"content": {"messages": [{"role": "user", "content": f"Q {n}"}, {"role": "assistant", "content": f"A {n}"}]}}
        for n in range(count)
    ]
    sent = await ok(await api.post(f"/v1/generations/{generation['id']}/candidates", json={"candidates": new}))
    return generation, list(sent["data"])
