"""Lists of examples: filters, pages, and the moment that they show."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from service.http.pagination import encode_cursor
from tests.datasets.example_bodies import (
    OUTPUT_SCHEMA,
    Json,
    add,
    add_many,
    chat,
    delete,
    edit,
    five_stars,
    freeze,
    head,
    list_examples,
    make_dataset,
    make_task,
    ok,
    pages,
    pointers,
    rate,
    repair,
)


async def seven(api: httpx.AsyncClient) -> tuple[str, list[Json]]:
    """A dataset of examples that every filter tells apart."""
    task = await make_task(api, output_schema=OUTPUT_SCHEMA)
    dataset = await make_dataset(api, task_id=task["id"])
    good, bad = '{"title": "T"}', '{"title": 1}'
    several: list[Json] = [
        {"content": chat("plain", good), "split": "train"},
        {"content": chat("tagged", good), "split": "train", "tags": ["a", "a%b"], "external_id": "x"},
        {"content": chat("logged", good), "split": "test", "tags": ["b"], "source": {"type": "log"}},
        {"content": chat('rated 100% Zoë \\o/ "quoted"', good), "split": "train", "rating": five_stars(4)},
        {"content": chat("rated low", good), "split": "train", "rating": five_stars(2)},
        {"content": chat("invalid", bad), "split": "validation"},
        {"content": chat("to repair", good), "split": "train"},
    ]
    body = (
        await ok(await api.post(f"/v1/datasets/{dataset}/examples", json={"examples": several, "on_invalid": "mark"}))
    )["data"]
    await repair(api, body[6]["id"], '{"title": "Better"}')
    return dataset, body


FILTERS: list[tuple[dict[str, Any], list[int]]] = [
    ({"tag": "a"}, [1]),
    ({"tag": "a%b"}, [1]),
    ({"tag": "none"}, []),
    ({"source": "log"}, [2]),
    ({"source": "human"}, [0, 1, 3, 4, 5, 6]),
    ({"split": "train"}, [0, 1, 3, 4, 6]),
    ({"split": "validation"}, [5]),
    ({"rating_gte": 4}, [3]),
    ({"rating_gte": 2}, [3, 4]),
    ({"rated": True}, [3, 4]),
    ({"rated": False}, [0, 1, 2, 5, 6]),
    ({"repaired": True}, [6]),
    ({"repaired": False}, [0, 1, 2, 3, 4, 5]),
    ({"valid": False}, [5]),
    ({"valid": True}, [0, 1, 2, 3, 4, 6]),
    ({"external_id": "x"}, [1]),
    ({"q": "RATED"}, [3, 4]),
    ({"q": "Better"}, [6]),
    ({"q": "100%"}, [3]),
    ({"q": "100_"}, []),
    ({"q": "zoë"}, [3]),
    ({"q": '"quoted"'}, [3]),
    ({"q": "\\o/"}, [3]),
    ({"q": "rated", "rating_gte": 3}, [3]),
    ({"split": "train", "rated": False, "repaired": False, "tag": "a"}, [1]),
]


async def test_every_filter_finds_its_own_and_counts_them(api: httpx.AsyncClient) -> None:
    dataset, examples = await seven(api)
    for wanted, expected in FILTERS:
        page = await ok(await api.get(f"/v1/datasets/{dataset}/examples", params={**wanted, "count": True}))
        assert [row["id"] for row in page["data"]] == [examples[number]["id"] for number in expected], wanted
        assert page["count"] == len(expected), wanted


async def test_filters_hold_in_the_past_too(api: httpx.AsyncClient) -> None:
    dataset, examples = await seven(api)
    then = await head(api)
    await edit(api, examples[1]["id"], tags=[])
    await delete(api, examples[3]["id"])
    await rate(api, examples[0]["id"], 5)
    path = f"/v1/datasets/{dataset}/examples"
    for wanted, expected in FILTERS:
        page = await ok(await api.get(path, params={**wanted, "count": True, "as_of": then}))
        assert [row["id"] for row in page["data"]] == [examples[number]["id"] for number in expected], wanted
        assert page["count"] == len(expected), wanted
    assert [row["id"] for row in await list_examples(api, dataset, rating_gte=4)] == [examples[0]["id"]]
    assert await list_examples(api, dataset, tag="a") == []


@pytest.mark.parametrize(
    "wanted",
    [
        {"rating_gte": 9},
        {"rating_gte": "good"},
        {"rated": "perhaps"},
        {"source": "rumour"},
        {"split": "training"},
        {"tag": "a\0"},
        {"q": "\0"},
        {"external_id": "\0"},
        {"tag": "x" * 101},
        {"limit": 0},
        {"limit": 1_001},
        {"limit": 10**30},
        {"cursor": "nonsense"},
        {"cursor": "é"},
        {"cursor": ""},
    ],
)
async def test_what_cannot_be_asked_for_is_refused_with_its_parameter(
    api: httpx.AsyncClient, wanted: dict[str, Any]
) -> None:
    dataset = await make_dataset(api)
    refused = await api.get(f"/v1/datasets/{dataset}/examples", params=wanted)
    assert (refused.status_code, pointers(refused)) == (400, [f"?{next(iter(wanted))}"])


async def test_the_cursors_of_other_lists_and_forged_ones_are_refused(api: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    some_id = UUID(int=7)
    for forged in (
        encode_cursor((10**19, some_id)),
        encode_cursor((-1, some_id)),
        encode_cursor(some_id),
        encode_cursor(1),
        "eyJhIjogMX0",
    ):
        for list_ in ("examples", "diff"):
            query = {"cursor": forged} | ({"from": "0"} if list_ == "diff" else {})
            sent = await api.get(f"/v1/datasets/{dataset}/{list_}", params=query)
            assert (sent.status_code, pointers(sent)) == (400, ["?cursor"]), (list_, forged)
    for list_ in ("versions", "imports"):
        sent = await api.get(f"/v1/datasets/{dataset}/{list_}", params={"cursor": encode_cursor(10**19)})
        assert (sent.status_code, pointers(sent)) == (400, ["?cursor"]), list_


async def test_pages_show_the_moment_of_the_first_while_rows_come_change_and_go(api: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    examples = await add_many(api, dataset, [{"content": chat(str(n)), "tags": ["a"]} for n in range(10)])
    path = f"/v1/datasets/{dataset}/examples"
    shown: list[Json] = []
    following = None
    for number in range(4):
        query: dict[str, Any] = {"limit": 3, "tag": "a", "count": True, **({"cursor": following} if following else {})}
        page = await ok(await api.get(path, params=query))
        shown += page["data"]
        following = page["next_cursor"]
        assert page["count"] == 10
        await add(api, dataset, tags=["a"])
        await edit(api, examples[9 - number]["id"], tags=["b"])
        await delete(api, examples[number]["id"])
        await rate(api, examples[8]["id"], number + 1)
    assert following is None
    assert shown == examples
    assert len(await list_examples(api, dataset)) == 10


async def test_pages_of_any_size_hold_every_example_once(api: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    examples = await add_many(api, dataset, [{"content": chat(str(n))} for n in range(9)])
    for limit in (1, 2, 3, 8, 9, 10):
        rows = await pages(api, f"/v1/datasets/{dataset}/examples", limit=limit)
        assert [row for page in rows for row in page] == examples
        assert {len(page) for page in rows[:-1]} <= {limit}
        assert rows[-1]


async def test_a_list_is_shown_as_of_a_seq_a_time_and_a_version(api: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    before = await head(api)
    first = await add_many(api, dataset, [{"content": chat(str(n))} for n in range(3)])
    then = await head(api)
    await freeze(api, dataset, "three")
    await edit(api, first[0]["id"], tags=["late"])
    await delete(api, first[1]["id"])
    await add(api, dataset)
    for as_of in (then, first[0]["created_at"], "three"):
        assert await list_examples(api, dataset, as_of=as_of) == first
    assert await list_examples(api, dataset, as_of=before) == []
    assert await list_examples(api, dataset, as_of=await head(api)) == await list_examples(api, dataset)
    unknown = await api.get(f"/v1/datasets/{dataset}/examples", params={"as_of": "four"})
    assert (unknown.status_code, unknown.json()["errors"][0]["code"]) == (400, "no_such_version")


async def test_every_moment_lists_what_was_there_then(api: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    seen: dict[int, list[Json]] = {}
    examples = await add_many(api, dataset, [{"content": chat(str(n))} for n in range(3)])
    steps = [
        edit(api, examples[0]["id"], tags=["x"]),
        rate(api, examples[1]["id"], 3),
        delete(api, examples[0]["id"]),
        repair(api, examples[2]["id"], "Better."),
        api.post(f"/v1/examples/{examples[0]['id']}/restore", json={"version": 2}),
        add(api, dataset),
    ]
    for step in steps:
        await step
        seen[await head(api)] = await list_examples(api, dataset)
    assert len(seen) == len(steps)
    for seq, then in seen.items():
        assert await list_examples(api, dataset, as_of=seq) == then
