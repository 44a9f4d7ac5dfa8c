"""Counts of a dataset: kept by what changes examples, and the same however they are made."""

from importlib import import_module
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.composition import open_ledger
from service.datasets.counts import queries
from service.datasets.counts.projection import dataset_counts
from service.datasets.examples.domain import EXAMPLE, ExampleMoved
from service.ledger.store import Batch, Caller, Entry
from tests.datasets.example_bodies import (
    Json,
    add_many,
    chat,
    delete,
    edit,
    five_stars,
    head,
    make_dataset,
    make_task,
    ok,
    rate,
    repair,
)
from tests.datasets.import_files import tables_follow_from_the_log

MIGRATION = import_module("migrations.versions.0032_dataset_counts")


async def test_counts_follow_each_change(api: httpx.AsyncClient, owner: AsyncEngine) -> None:
    task = await make_task(api, output_schema={"type": "object"})
    dataset = await make_dataset(api, task_id=task["id"])
    examples = await add_many(api, dataset, [{"content": chat(str(n), "{}"), "tags": ["all"]} for n in range(3)])
    logged = {"content": chat("logged", "{}"), "source": {"type": "log"}, "rating": five_stars(5), "tags": ["all", "b"]}
    [rated] = await add_many(api, dataset, [logged])
    first, second, third = (example["id"] for example in examples)
    waiting = {"content": {"messages": [{"role": "user", "content": "?"}]}, "on_unanswered": "keep"}
    seen: list[Json] = []
    for change in (
        rate(api, first, 4),
        rate(api, first, 3),
        edit(api, first, tags=["a", "b", "a"]),
        edit(api, first, content=chat("other", "{}")),  # ends the rating
        edit(api, second, content=chat("no JSON", "no"), on_invalid="mark"),
        repair(api, second, "{}"),
        delete(api, second),
        api.post(f"/v1/examples/{second}/restore", json={"version": 3}),
        move(api, owner, third),
        edit(api, third, **waiting),
        delete(api, rated["id"]),
    ):
        await change
        seen.append(await read_stats(api, dataset))
    assert seen[-1]["examples"] == 3
    assert seen[-1]["tags"] == {"a": 1, "all": 2, "b": 1}
    assert [stats["average_rating"] for stats in seen[:4]] == [4.5, 4, 4, 5]
    await tables_follow_from_the_log(owner)
    await check_migration(owner)


async def move(api: httpx.AsyncClient, owner: AsyncEngine, example_id: str) -> None:
    """Move the example, added and never changed, to another split, as a bulk change does."""
    workspace_id = UUID((await ok(await api.get("/v1/me")))["workspace_id"])
    caller = Caller(workspace_id=workspace_id, actor="bulk", request_id="r")
    now = (await ok(await api.get(f"/v1/examples/{example_id}")))["split"]
    event = ExampleMoved(split="train" if now == "test" else "test")
    entry = Entry(stream=EXAMPLE.stream, stream_id=UUID(example_id), after=1, event=event)
    await open_ledger(owner).write(caller, Batch(entries=[entry]))


async def test_counts_of_a_list_are_those_of_its_moment(api: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    examples = await add_many(
        api, dataset, [{"content": chat(str(n)), "tags": ["a"] * (n < 3), "split": "test"} for n in range(5)]
    )
    before = await head(api)
    await edit(api, examples[0]["id"], tags=["b"])
    await edit(api, examples[4]["id"], tags=["a", "b"])
    await delete(api, examples[1]["id"])
    await add_many(api, dataset, [{"content": chat("new"), "tags": ["a"], "source": {"type": "log"}, "split": "train"}])
    expected = {
        "": (5, 5), "tag = a": (3, 3), "tag = b": (0, 2), "split = test": (5, 4), "source = log": (0, 1),
        "tag = a and split = test": (3, 2), "tag = null": (2, 1),
    }  # fmt: skip
    for expression, counts in expected.items():
        for as_of, number in zip((before, await head(api)), counts, strict=True):
            query: Json = {"filter": expression, "as_of": as_of, "count": True, "limit": 1}
            page = await ok(await api.get(f"/v1/datasets/{dataset}/examples", params=query))
            assert page["count"] == number, (expression, as_of)


async def test_what_is_rare_is_found_by_its_index(api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = await make_dataset(api)
    several = [
        {
            "content": chat(str(n)),
            "tags": ["a"] * (n < 4) + ["b"] * (n % 2),
            "source": {"type": "log" if n else "human"},
        }
        for n in range(6)
    ]
    examples = await add_many(api, dataset, several)
    before = await head(api)
    await edit(api, examples[0]["id"], tags=["b"])
    await delete(api, examples[1]["id"])
    now = await head(api)
    expressions = (
        "tag = a",
        "tag = b and source = log",
        "source = human and rated = false",
        "tag = none",
        "tag = null",
    )
    queried: list[Json] = [{"filter": each, "as_of": as_of} for each in expressions for as_of in (before, now)]
    found: list[list[Json]] = []
    for most in (-1, 10):
        monkeypatch.setattr(queries, "MAX_RARE", most)
        found.append([])
        for query in queried:
            found[-1].append(await ok(await api.get(f"/v1/datasets/{dataset}/examples", params=query)))
    assert found[0] == found[1]
    assert [len(page["data"]) for page in found[0]] == [4, 2, 3, 2, 1, 1, 0, 0, 1, 1]


async def read_stats(api: httpx.AsyncClient, dataset: str) -> Json:
    """The statistics as they are kept, which are those that are counted as of the same moment."""
    path = f"/v1/datasets/{dataset}/stats"
    kept = await ok(await api.get(path))
    assert kept == await ok(await api.get(path, params={"as_of": await head(api)}))
    return kept


async def check_migration(owner: AsyncEngine) -> None:
    """The migration counts the same, also what fell to zero."""
    rows = sa.select(dataset_counts).order_by(*dataset_counts.primary_key)
    async with owner.connect() as connection:
        kept = (await connection.execute(rows)).all()
        await connection.execute(sa.delete(dataset_counts))
        await connection.exec_driver_sql(MIGRATION.COUNT)
        assert (await connection.execute(rows)).all() == kept
        await connection.rollback()
