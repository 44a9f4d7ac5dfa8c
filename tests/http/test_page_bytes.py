"""A page ends by its bytes, not only by its rows, and goes on where it ended."""

import httpx
import pytest

from service.database import page_bytes
from service.datasets.examples import queries
from tests.datasets.example_bodies import add_many, chat, make_dataset


async def test_a_page_of_long_texts_is_short_and_loses_none(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_bytes, "MAX_PAGE_BYTES", 25_000)
    monkeypatch.setattr(queries, "_compose_whole_page", queries._compose_whole_page.__wrapped__)
    dataset = await make_dataset(api)
    lengths = [1_000, 9_000, 40_000, 9_000, 9_000, 9_000, 10, 10]
    added = await add_many(api, dataset, [{"content": chat("Q", "a" * length)} for length in lengths])
    read, sizes, cursor = [], [], None
    while True:
        query = {"limit": 1000} | ({"cursor": cursor} if cursor else {})
        body = (await api.get(f"/v1/datasets/{dataset}/examples", params=query)).json()
        read += [example["id"] for example in body["data"]]
        sizes.append(len(body["data"]))
        if (cursor := body["next_cursor"]) is None:
            break
    assert read == [example["id"] for example in added]
    assert sizes == [3, 3, 2]


async def test_a_page_by_rows_is_as_before(api: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    await add_many(api, dataset, [{"content": chat("Q", str(number))} for number in range(3)])
    pages = [(await api.get(f"/v1/datasets/{dataset}/examples", params={"limit": limit})).json() for limit in (2, 3)]
    assert [(len(page["data"]), page["next_cursor"] is None) for page in pages] == [(2, False), (3, True)]
