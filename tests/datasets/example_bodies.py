"""Datasets and examples made over HTTP, for the tests of everything that is done with them."""

from collections.abc import Sequence
from typing import Any

import httpx

Json = dict[str, Any]
OUTPUT_SCHEMA = {
    "type": "object",
    "required": ["title"],
    "properties": {"title": {"type": "string"}, "stars": {"type": "integer"}},
    "additionalProperties": False,
}
REQUIREMENTS = [
    {"name": "tone", "instruction": "Be dry.", "priority": 1, "rating_type": "pass_fail"},
    {"name": "facts/names", "instruction": "Be right.", "priority": 0, "rating_type": "pass_fail_critical"},
]


def chat(question: str, answer: str = "An answer.") -> Json:
    return {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]}


def five_stars(value: int) -> Json:
    return {"overall": {"type": "stars", "value": value}}


def answer_text(example: Json) -> str:
    """The answer in an example."""
    answer: str = example["content"]["messages"][-1]["content"]
    return answer


async def ok(sent: httpx.Response) -> Json:
    assert sent.is_success, (sent.status_code, sent.text)
    body: Json = sent.json()
    return body


async def make_task(api: httpx.AsyncClient, **more: Any) -> Json:
    return await ok(await api.post("/v1/tasks", json={"name": "headlines", "instruction": "Write one.", **more}))


async def make_dataset(api: httpx.AsyncClient, name: str = "news", **more: Any) -> str:
    dataset_id: str = (await ok(await api.post("/v1/datasets", json={"name": name, **more})))["id"]
    return dataset_id


async def add(api: httpx.AsyncClient, dataset_id: str, question: str = "What now?", **more: Any) -> Json:
    body = {"content": chat(question), **more}
    return await ok(await api.post(f"/v1/datasets/{dataset_id}/examples", json=body))


async def add_many(api: httpx.AsyncClient, dataset_id: str, several: Sequence[Json]) -> list[Json]:
    body = await ok(await api.post(f"/v1/datasets/{dataset_id}/examples", json={"examples": list(several)}))
    examples: list[Json] = body["data"]
    return examples


async def edit(api: httpx.AsyncClient, example_id: str, **changes: Any) -> Json:
    return await ok(await api.patch(f"/v1/examples/{example_id}", json=changes))


async def rate(api: httpx.AsyncClient, example_id: str, stars: int) -> Json:
    return await ok(await api.put(f"/v1/examples/{example_id}/rating", json=five_stars(stars)))


async def repair(api: httpx.AsyncClient, example_id: str, output: str) -> Json:
    body = {"instruction": "Better.", "output": output}
    return await ok(await api.post(f"/v1/examples/{example_id}/repair", json=body))


async def delete(api: httpx.AsyncClient, example_id: str, **query: Any) -> None:
    assert (await api.delete(f"/v1/examples/{example_id}", params=query)).status_code == 204


async def freeze(api: httpx.AsyncClient, dataset_id: str, name: str = "v1", **more: Any) -> Json:
    return await ok(await api.post(f"/v1/datasets/{dataset_id}/versions", json={"name": name, **more}))


async def export(api: httpx.AsyncClient, dataset_id: str, **query: Any) -> bytes:
    sent = await api.get(f"/v1/datasets/{dataset_id}/export", params=query)
    assert sent.status_code == 200, sent.text
    return sent.content


async def pages(api: httpx.AsyncClient, path: str, **query: Any) -> list[list[Json]]:
    """Every page of a list."""
    rows: list[list[Json]] = []
    cursor: str | None = None
    while True:
        page = await ok(await api.get(path, params={**query, **({"cursor": cursor} if cursor else {})}))
        rows.append(page["data"])
        cursor = page["next_cursor"]
        if cursor is None:
            return rows


async def list_examples(api: httpx.AsyncClient, dataset_id: str, **query: Any) -> list[Json]:
    page = await ok(await api.get(f"/v1/datasets/{dataset_id}/examples", params={"limit": 1_000, **query}))
    rows: list[Json] = page["data"]
    return rows


async def events_of(api: httpx.AsyncClient, stream_id: str | None = None, **query: Any) -> list[Json]:
    named = {"stream_id": stream_id} if stream_id else {}
    page = await ok(await api.get("/v1/events", params={"limit": 1_000, **named, **query}))
    events: list[Json] = page["data"]
    return events


async def head(api: httpx.AsyncClient) -> int:
    """The number of the last event."""
    reached = 0
    while True:
        page = await ok(await api.get("/v1/events", params={"limit": 1_000, "after": reached}))
        if page["reached"] == reached:
            return reached
        reached = page["reached"]


def pointers(refused: httpx.Response) -> list[str]:
    return [fault["pointer"] for fault in refused.json()["errors"]]
