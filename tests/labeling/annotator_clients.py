"""Annotators at work over HTTP, for the tests of everything that is done with labels."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import httpx
from litestar import Litestar

from tests.datasets.example_bodies import Json, add_many, chat, make_dataset, make_task, ok
from tests.http_client import client

CATEGORIES = ["sports", "politics", "money"]
FALLBACK = "UNABLE_TO_CLASSIFY"
ONTOLOGY = [
    {
        "name": "topic",
        "categories": [
            {
                "name": "sports",
                "children": [
                    {"name": "discipline", "categories": [{"name": "football"}, {"name": "chess"}], "required": False}
                ],
            },
            {"name": "politics"},
        ],
        "fallback": FALLBACK,
    },
    {
        "name": "flags",
        "choice": "multiple",
        "required": False,
        "categories": [{"name": "clickbait"}, {"name": "satire"}, {"name": "advert"}],
    },
]


class Desk:
    """A dataset whose examples are to be labelled, and its task."""

    def __init__(self, api: httpx.AsyncClient, dataset: str, task: str, examples: list[str]) -> None:
        self.api = api
        self.dataset = dataset
        self.task = task
        self.examples = examples

    async def queue(self, name: str = "first pass", **more: Any) -> Json:
        return await ok(await self.api.post(f"/v1/datasets/{self.dataset}/queues", json={"name": name, **more}))

    async def claim(self, annotator: str | None = None, **more: Any) -> list[Json]:
        body = {**({"annotator": {"name": annotator}} if annotator else {}), **more}
        claimed = await ok(await self.api.post(f"/v1/datasets/{self.dataset}/queue/claim", json=body))
        rows: list[Json] = claimed["data"]
        return rows

    async def submit(self, claimed: Json, category: str) -> httpx.Response:
        path = f"/v1/assignments/{claimed['assignment_id']}/submit"
        return await self.api.post(path, json={"category": category})

    async def give_back(self, claimed: Json, how: str, **body: Any) -> httpx.Response:
        return await self.api.post(f"/v1/assignments/{claimed['assignment_id']}/{how}", json=body)

    async def post_labels(self, body: Json) -> httpx.Response:
        return await self.api.post(f"/v1/datasets/{self.dataset}/labels", json=body)

    async def say(self, annotator: str, categories: Sequence[str | None], *, kind: str = "person") -> list[Json]:
        """The annotator's label of each example in turn; None passes one over."""
        labels = [
            {"example_id": example, "annotator": {"name": annotator, "kind": kind}, "category": category}
            for example, category in zip(self.examples, categories, strict=False)
            if category is not None
        ]
        rows: list[Json] = (await ok(await self.post_labels({"labels": labels})))["data"]
        return rows

    async def labels(self, **query: Any) -> list[Json]:
        page = await ok(await self.api.get(f"/v1/datasets/{self.dataset}/labels", params={"limit": 1_000, **query}))
        rows: list[Json] = page["data"]
        return rows

    async def agreement(self, **query: Any) -> list[Json]:
        page = await ok(await self.api.get(f"/v1/datasets/{self.dataset}/agreement", params=query))
        rows: list[Json] = page["data"]
        return rows

    async def consensus(self, rule: str = "majority", **more: Any) -> Json:
        return await ok(await self.api.post(f"/v1/datasets/{self.dataset}/consensus", json={"rule": rule, **more}))

    async def example(self, place: int, **query: Any) -> Json:
        return await ok(await self.api.get(f"/v1/examples/{self.examples[place]}", params=query))

    async def read_queue(self, queue_id: str) -> Json:
        return await ok(await self.api.get(f"/v1/queues/{queue_id}"))


async def open_desk(api: httpx.AsyncClient, *, size: int = 6, ontology: Any = None, name: str = "news") -> Desk:
    asks = {"ontology": ontology} if ontology else {"categories": CATEGORIES, "fallback_category": FALLBACK}
    task = await make_task(api, name=f"topics of {name}", **asks)
    dataset = await make_dataset(api, name, task_id=task["id"])
    examples = await add_many(api, dataset, [{"content": chat(f"Headline {n}?", "An answer.")} for n in range(size)])
    return Desk(api, dataset, task["id"], [example["id"] for example in examples])


async def annotator(app: Litestar, desk: Desk, name: str, *scopes: str) -> httpx.AsyncClient:
    """A client with a key of this name, which without `scopes` may only label."""
    body = {"name": name, "scopes": list(scopes) or ["labels:write"]}
    key = await ok(await desk.api.post("/v1/api-keys", json=body))
    return client(app, key["secret"])


async def all_of(several: Iterable[Any]) -> list[Any]:
    return list(await asyncio.gather(*several))


def elsewhere() -> str:
    """An id that nothing has."""
    return str(UUID(int=7))
