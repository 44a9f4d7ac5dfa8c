"""Prompts made over HTTP, for the tests of everything that is done with them."""

from typing import Any

import httpx

from tests.datasets.example_bodies import Json, ok

QUESTION: list[Json] = [
    {"role": "system", "content": "Write a headline."},
    {"role": "user", "content": "Summary: {{summary}}"},
]
SUMMARY: list[Json] = [{"name": "summary"}]


async def make_prompt(api: httpx.AsyncClient, name: str = "headlines", **more: Any) -> str:
    prompt_id: str = (await ok(await api.post("/v1/prompts", json={"name": name, **more})))["id"]
    return prompt_id


async def add_version(api: httpx.AsyncClient, prompt_id: str, **more: Any) -> Json:
    body = {"messages": QUESTION, "variables": SUMMARY} | more
    return await ok(await api.post(f"/v1/prompts/{prompt_id}/versions", json=body))


async def move(api: httpx.AsyncClient, prompt_id: str, label: str = "production", **body: Any) -> Json:
    return await ok(await api.put(f"/v1/prompts/{prompt_id}/labels/{label}", json=body))
