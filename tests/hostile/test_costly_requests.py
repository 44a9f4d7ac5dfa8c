"""What costs much has its limit: a search, a slow statement, a body of many small values."""

import time

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.app import create_app
from service.database.engine import create_engine
from service.datasets.examples import queries
from tests.datasets.example_bodies import add_many, chat, make_dataset
from tests.http_client import OPERATOR_KEY, SETTINGS, client


async def test_a_search_looks_at_few_texts_a_page_and_finds_all(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MAX_SEARCHED", 3)
    dataset = await make_dataset(api)
    texts = ["hay", "hay", "hay", "hay", "needle 1", "hay", "hay", "hay", "needle 2", "needle 3", "hay"]
    await add_many(api, dataset, [{"content": chat(text, "x")} for text in texts])
    found: list[list[str]] = []
    cursor: str | None = None
    while cursor or not found:
        params = {"q": "needle", **({"cursor": cursor} if cursor else {})}
        body = (await api.get(f"/v1/datasets/{dataset}/examples", params=params)).json()
        found.append([example["content"]["messages"][0]["content"] for example in body["data"]])
        cursor = body["next_cursor"]
    assert found == [[], ["needle 1"], ["needle 2"], ["needle 3"]]


async def test_a_statement_that_takes_too_long_is_refused_in_words(
    api: httpx.AsyncClient, database_url: str, owner: AsyncEngine
) -> None:
    dataset = await make_dataset(api)
    engine = create_engine(database_url, lock_timeout=0, statement_timeout=0.2)
    async with client(create_app(SETTINGS, engine), OPERATOR_KEY) as impatient, owner.begin() as connection:
        await connection.execute(sa.text("lock table examples"))
        slow = await impatient.get(f"/v1/datasets/{dataset}/examples")
    await engine.dispose()
    assert (slow.status_code, slow.json()["code"]) == (503, "too_slow")
    assert "a narrower filter" in slow.json()["detail"]


async def test_a_bomb_of_lists_is_refused_before_it_is_decoded(api: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    bomb = b'{"examples": [{"metadata": {"n": [' + b"[]," * 5_000_000 + b"0]}}]}"
    began = time.monotonic()
    refused = await api.post(f"/v1/datasets/{dataset}/examples", content=bomb)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (413, "too_large")
    assert time.monotonic() - began < 2.0


async def test_a_body_that_carries_no_texts_has_a_lower_limit(api: httpx.AsyncClient) -> None:
    schema: dict[str, list[list[int]]] = {"enum": [[]] * 60_000}
    refused = await api.post("/v1/tasks", json={"name": "t", "instruction": "x", "input_schema": schema})
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
    assert "50,000" in refused.json()["detail"]
