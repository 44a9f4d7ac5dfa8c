"""Forks and merges: what is carried, what comes over, what both sides changed, workers that are killed, erasure."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from service.composition import open_ledger
from service.datasets.merges import worker
from service.datasets.merges.worker import MergeJob
from service.operations import projection as operations
from service.worker import leased_tasks
from tests.datasets.bulk.test_bulk_changes import bulk_worker
from tests.datasets.example_bodies import (
    Json,
    add,
    add_many,
    chat,
    delete,
    edit,
    events_of,
    five_stars,
    freeze,
    head,
    list_examples,
    make_dataset,
    ok,
    pages,
    pointers,
    rate,
    repair,
)
from tests.datasets.import_files import (
    chat_lines,
    context_of,
    count,
    ended,
    import_file,
    tables_follow_from_the_log,
    working,
    workspace_of,
)
from tests.erasure.erasing import count as count_erased
from tests.erasure.erasing import erase

CARRIED = ("content", "external_id", "tags", "split", "rating", "repaired", "repair", "label", "metadata", "valid")


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leased_tasks, "IDLE_SECONDS", 0.02)
    monkeypatch.setattr(operations, "POLL_SECONDS", 0.02)


@pytest.fixture
async def merging(engine: AsyncEngine) -> AsyncIterator[None]:
    async with merge_worker(engine):
        yield


@asynccontextmanager
async def merge_worker(engine: AsyncEngine) -> AsyncIterator[None]:
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run(context_of(engine), stop))
        try:
            yield
        finally:
            stop.set()


async def fork(api: httpx.AsyncClient, dataset: str, name: str = "fork", **more: Any) -> str:
    """The id of the new dataset, when it is filled."""
    operation = await ok(await api.post(f"/v1/datasets/{dataset}/fork", json={"name": name, **more}))
    assert (operation["kind"], operation["state"]) == ("fork", "queued")
    done = await ended(api, operation["id"])
    assert done["state"] == "succeeded", done
    forked: str = (await ok(await api.get(done["resource"])))["dataset_id"]
    return forked


async def start_merge(api: httpx.AsyncClient, dataset: str, source: str, **more: Any) -> str:
    merge_id: str = (await ok(await api.post(f"/v1/datasets/{dataset}/merge", json={"source_id": source, **more})))[
        "id"
    ]
    return merge_id


async def merge(api: httpx.AsyncClient, dataset: str, source: str, **more: Any) -> Json:
    operation = await ended(api, await start_merge(api, dataset, source, **more))
    return await ok(await api.get(operation["resource"]))


def counts(merged: Json) -> tuple[str, int, int, int, int]:
    return merged["state"], merged["added"], merged["changed"], merged["deleted"], merged["conflicts"]


def carried(example: Json) -> Json:
    return {name: example[name] for name in CARRIED}


async def by_question(api: httpx.AsyncClient, dataset: str) -> dict[str, Json]:
    return {row["content"]["messages"][0]["content"]: row for row in await list_examples(api, dataset)}


async def read(api: httpx.AsyncClient, example: Json) -> Json:
    return await ok(await api.get(f"/v1/examples/{example['id']}"))


SEVERAL: list[Json] = [
    {"content": chat("zero"), "tags": ["a"], "split": "test", "rating": five_stars(4), "external_id": "x0"},
    {"content": chat("one"), "metadata": {"n": 1}},
    {"content": chat("two"), "tags": ["b"]},
    {"content": chat("three")},
]


async def both(api: httpx.AsyncClient) -> tuple[str, str, list[Json], list[Json]]:
    """A dataset, its fork, and the examples of both in the same order."""
    dataset = await make_dataset(api)
    await add_many(api, dataset, SEVERAL)
    forked = await fork(api, dataset)
    return dataset, forked, await list_examples(api, dataset), await list_examples(api, forked)


async def test_a_fork_carries_everything_and_remembers_from_where(api: httpx.AsyncClient, merging: None) -> None:
    dataset = await make_dataset(api, description="News.")
    rows = await add_many(api, dataset, SEVERAL)
    await repair(api, rows[1]["id"], "A better answer.")
    await api.post(f"/v1/datasets/{dataset}/bulk", json={"action": {"type": "tag", "tags": ["t"]}, "filter": ""})
    await delete(api, rows[3]["id"])
    moment = await head(api)
    forked = await fork(api, dataset, at=str(moment))
    origin, copy = await ok(await api.get(f"/v1/datasets/{dataset}")), await ok(await api.get(f"/v1/datasets/{forked}"))
    assert copy["forked_from"] == {"dataset_id": dataset, "seq": moment, "version": None}
    assert (copy["description"], copy["split_policy"]) == (origin["description"], origin["split_policy"])
    examples, copies = await list_examples(api, dataset), await list_examples(api, forked)
    assert [carried(row) for row in copies] == [carried(row) for row in examples]
    for example, row in zip(examples, copies, strict=True):
        source = {"dataset_id": dataset, "example_id": example["id"], "version": example["version"]}
        assert row["source"] == {**example["source"], "copy": {**source, "root_id": example["id"]}}
        assert row["id"] != example["id"]
    assert (await ok(await api.get(f"/v1/examples/{copies[0]['id']}/original")))["row"] == SEVERAL[0]["content"]
    await edit(api, copies[0]["id"], tags=["mine"])
    assert (await read(api, examples[0]))["tags"] == ["a"]


async def test_a_fork_of_a_version_has_its_examples_alone_and_gets_no_others(
    api: httpx.AsyncClient, merging: None
) -> None:
    dataset = await make_dataset(api)
    rows = await add_many(api, dataset, SEVERAL)
    await freeze(api, dataset, "tagged", filter="tag = a or tag = b")
    forked = await fork(api, dataset, at="tagged")
    copies = await list_examples(api, forked)
    assert [row["tags"] for row in copies] == [["a"], ["b"]]
    await edit(api, rows[1]["id"], tags=["later"])
    await add(api, dataset, "four")
    assert counts(await merge(api, forked, dataset)) == ("succeeded", 1, 0, 0, 0)
    await edit(api, copies[0]["id"], content=chat("edited"))
    assert counts(await merge(api, dataset, forked)) == ("succeeded", 0, 1, 0, 0)
    assert sorted(await by_question(api, dataset)) == ["edited", "four", "one", "three", "two"]
    assert counts(await merge(api, forked, dataset)) == ("succeeded", 0, 0, 0, 0)


async def test_an_import_knows_the_rows_of_a_fork_again(
    api: httpx.AsyncClient, engine: AsyncEngine, merging: None
) -> None:
    dataset = await make_dataset(api)
    async with working(engine):
        await import_file(api, dataset, chat_lines(range(4)))
        [first, second, *_] = await list_examples(api, dataset)
        await edit(api, first["id"], content=second["content"])  # two with one text, known by two
        forked = await fork(api, dataset)
        again = await import_file(api, forked, chat_lines(range(5)))
        assert again["added"] == 1
    await tables_follow_from_the_log(engine)


async def test_what_one_side_changed_comes_over_and_a_second_merge_changes_nothing(
    api: httpx.AsyncClient, engine: AsyncEngine, merging: None
) -> None:
    dataset, forked, ours, theirs = await both(api)
    await edit(api, theirs[0]["id"], content=chat("zero!"))
    await edit(api, theirs[1]["id"], metadata={"n": 2})
    await edit(api, ours[1]["id"], tags=["ours"])  # another field of the same example
    await delete(api, theirs[2]["id"])
    await edit(api, ours[3]["id"], content=chat("three?"))
    new = await add(api, forked, "four", external_id="x4", rating=five_stars(5))
    dry = await merge(api, dataset, forked, dry_run=True)
    assert counts(dry) == ("succeeded", 1, 2, 1, 0)
    assert sorted(await by_question(api, dataset)) == ["one", "three?", "two", "zero"]
    merged = await merge(api, dataset, forked, reason="reviewed")
    assert counts(merged) == counts(dry)
    now = await by_question(api, dataset)
    assert sorted(now) == ["four", "one", "three?", "zero!"]
    assert (now["one"]["tags"], now["one"]["metadata"]) == (["ours"], {"n": 2})
    assert carried(now["four"]) == carried(new)
    [event] = [event for event in await events_of(api, ours[0]["id"]) if event["type"] == "ExampleMerged"]
    assert (event["data"]["source_id"], event["data"]["reason"]) == (theirs[0]["id"], "reviewed")
    assert event["data"]["merge_id"] == merged["id"]
    assert counts(await merge(api, dataset, forked)) == ("succeeded", 0, 0, 0, 0)
    assert counts(await merge(api, forked, dataset)) == ("succeeded", 0, 2, 0, 0)  # the other way
    assert await same(api, dataset, forked)
    await edit(api, (await by_question(api, forked))["four"]["id"], tags=["later"])
    assert counts(await merge(api, dataset, forked)) == ("succeeded", 0, 1, 0, 0)
    assert counts(await merge(api, forked, dataset)) == ("succeeded", 0, 0, 0, 0)
    assert await same(api, dataset, forked)
    await tables_follow_from_the_log(engine)
    assert await count(engine, "ledger.planned") == 0


async def same(api: httpx.AsyncClient, one: str, other: str) -> bool:
    rows, others = await by_question(api, one), await by_question(api, other)
    return {name: carried(row) for name, row in rows.items()} == {name: carried(row) for name, row in others.items()}


async def test_what_both_sides_changed_is_listed_and_decided(api: httpx.AsyncClient, merging: None) -> None:
    dataset, forked, ours, theirs = await both(api)
    for number in range(3):
        await edit(api, ours[number]["id"], content=chat(f"ours {number}"))
        await edit(api, theirs[number]["id"], content=chat(f"theirs {number}"))
    await delete(api, ours[3]["id"])
    await rate(api, theirs[3]["id"], 2)
    new = await add(api, forked, "four")
    merged = await merge(api, dataset, forked)
    assert (merged["failure"]["code"], counts(merged)) == ("undecided", ("failed", 1, 0, 0, 4))
    assert len(await list_examples(api, dataset)) == 3
    path = f"/v1/merges/{merged['id']}/conflicts"
    first = await ok(await api.get(path, params={"limit": 3}))
    rest = await ok(await api.get(path, params={"limit": 3, "cursor": first["next_cursor"]}))
    conflicts = [*first["data"], *rest["data"]]
    assert [(row["example_id"], row["source_example_id"]) for row in conflicts] == [
        (our["id"], their["id"]) for our, their in zip(ours, theirs, strict=True)
    ]
    assert [row["fields"] for row in conflicts] == [["answer"]] * 3 + [["deleted"]]
    assert [row["decision"] for row in conflicts] == [None] * 4
    texts = [conflicts[0][side]["content"] for side in ("base", "ours", "theirs")]
    assert texts == [chat("zero"), chat("ours 0"), chat("theirs 0")]
    assert (conflicts[3]["ours"], conflicts[3]["theirs"]["rating"]) == (None, 2)
    some = [{"example_id": ours[0]["id"], "take": "theirs"}, {"example_id": ours[1]["id"], "take": "ours"}]
    half = await decide(api, merged["id"], decisions=some)
    assert (half["failure"]["code"], half["conflicts"], half["continues"]) == ("undecided", 2, merged["id"])
    given = [{"example_id": ours[2]["id"], "take": "content", "content": chat("both")}]
    whole = await decide(api, half["id"], decisions=given, others="theirs")
    assert counts(whole) == ("succeeded", 1, 3, 0, 0)
    now = await by_question(api, dataset)
    assert sorted(now) == ["both", "four", "ours 1", "theirs 0", "three"]
    assert (now["three"]["id"], now["three"]["rating"]["average"]) == (ours[3]["id"], 2)
    assert carried(now["four"]) == carried(new)
    assert counts(await merge(api, dataset, forked)) == ("succeeded", 0, 0, 0, 0)
    assert counts(await merge(api, forked, dataset)) == ("succeeded", 0, 2, 0, 0)
    assert await same(api, dataset, forked)


async def decide(api: httpx.AsyncClient, merge_id: str, **decisions: Any) -> Json:
    operation = await ok(await api.post(f"/v1/merges/{merge_id}/decisions", json=decisions))
    return await ok(await api.get((await ended(api, operation["id"]))["resource"]))


async def test_a_decision_counts_for_what_was_decided_about(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    async with merge_worker(engine):
        dataset, forked, ours, theirs = await both(api)
    await edit(api, theirs[0]["id"], tags=["theirs"])
    await edit(api, ours[0]["id"], tags=["ours"])
    decisions = [{"example_id": ours[0]["id"], "take": "theirs"}]
    merge_id = await start_merge(api, dataset, forked, decisions=decisions)
    await edit(api, ours[0]["id"], tags=["ours", "again"])
    async with merge_worker(engine):
        assert (await ended(api, merge_id))["error"]["code"] == "undecided"
    assert (await read(api, ours[0]))["tags"] == ["ours", "again"]


async def test_a_killed_merge_goes_on_and_what_changed_meanwhile_is_kept(
    api: httpx.AsyncClient, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "CHUNK_EXAMPLES", 1)
    async with merge_worker(engine):
        dataset, forked, ours, theirs = await both(api)
    for number, row in enumerate(theirs):
        await edit(api, row["id"], content=chat(f"new {number}"))
    merge_id = await start_merge(api, dataset, forked, others="ours")
    job = MergeJob(open_ledger(engine), await workspace_of(api), UUID(merge_id))
    for _ in range(2):  # planned, and one of four made; then the worker is killed
        assert await job.advance()
    refused = await api.post(f"/v1/datasets/{dataset}/merge", json={"source_id": forked})
    assert (refused.status_code, merge_id in refused.json()["detail"]) == (409, True)
    await edit(api, ours[3]["id"], content=chat("meanwhile"))
    async with engine.begin() as connection:
        await connection.execute(
            sa.text("delete from ledger.planned")
        )  # as Postgres does after a crash: it is unlogged
    async with merge_worker(engine):
        assert (await ended(api, merge_id))["state"] == "succeeded"
    assert sorted(await by_question(api, dataset)) == ["meanwhile", "new 0", "new 1", "new 2"]
    assert [len(await events_of(api, row["id"])) for row in ours] == [2, 2, 2, 2]
    await tables_follow_from_the_log(engine)


async def test_a_merge_is_cancelled_between_its_chunks(
    api: httpx.AsyncClient, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "CHUNK_EXAMPLES", 1)
    async with merge_worker(engine):
        dataset, forked, _, theirs = await both(api)
    for row in theirs:
        await edit(api, row["id"], tags=["new"])
    merge_id = await start_merge(api, dataset, forked)
    job = MergeJob(open_ledger(engine), await workspace_of(api), UUID(merge_id))
    for _ in range(3):
        await job.advance()
    await ok(await api.post(f"/v1/operations/{merge_id}/cancel"))
    async with merge_worker(engine):
        operation = await ended(api, merge_id)
        assert (operation["state"], operation["progress"]["done"]) == ("cancelled", 2)
        assert counts(await merge(api, dataset, forked)) == ("succeeded", 0, 2, 0, 0)
        assert await same(api, dataset, forked)


async def test_rows_that_both_sides_added_are_not_doubled(
    api: httpx.AsyncClient, engine: AsyncEngine, merging: None
) -> None:
    dataset, forked, *_ = await both(api)
    for each in (dataset, forked):
        await add(api, each, "same", external_id="same")
    await add(api, dataset, "ours", external_id="other")
    await add(api, forked, "theirs", external_id="other")
    async with working(engine):
        for each in (dataset, forked):
            await import_file(api, each, chat_lines(range(2)))
    merged = await merge(api, dataset, forked)
    [conflict] = (await ok(await api.get(f"/v1/merges/{merged['id']}/conflicts")))["data"]
    assert (conflict["base"], conflict["theirs"]["content"]) == (None, chat("theirs"))
    again = await merge(api, dataset, forked, others="theirs")
    assert counts(again) == ("succeeded", 0, 1, 0, 0)
    path = f"/v1/datasets/{dataset}/merges"
    newest = await ok(await api.get(path, params={"limit": 1}))
    oldest = await ok(await api.get(path, params={"limit": 1, "cursor": newest["next_cursor"]}))
    assert [each["id"] for page in (newest, oldest) for each in page["data"]] == [again["id"], merged["id"]]
    assert sorted(await by_question(api, dataset)) == sorted(await by_question(api, forked))
    assert len(await list_examples(api, dataset)) == len(await list_examples(api, forked)) == 8


async def test_a_dataset_is_compared_with_its_fork(api: httpx.AsyncClient, merging: None) -> None:
    dataset, forked, ours, theirs = await both(api)
    moment = await head(api)
    await edit(api, theirs[0]["id"], content=chat("zero!"))
    await edit(api, ours[1]["id"], tags=["ours"])
    await delete(api, theirs[2]["id"])
    new = await add(api, forked, "four")
    path = f"/v1/datasets/{dataset}/compare"
    query: dict[str, Any] = {"from": moment, "with": forked}
    found = await ok(await api.get(path, params={**query, "count": True}))
    assert [(row["example_id"], row["change"], row["changed"]) for row in found["data"]] == [
        (ours[0]["id"], "edited", ["content", "ratings"]),
        (ours[2]["id"], "removed", []),
        (new["id"], "added", []),
    ]
    edited = found["data"][0]
    assert (edited["before"]["content"], edited["after"]["content"]) == (chat("zero"), chat("zero!"))
    assert edited["after"]["example_id"] == theirs[0]["id"]
    assert found["changes"] == {"added": 1, "edited": 1, "removed": 1, "fields": {"content": 1, "ratings": 1}}
    paged = await pages(api, path, **query, limit=1)
    assert [row for page in paged for row in page] == found["data"]
    back = await ok(await api.get(f"/v1/datasets/{forked}/compare", params={"from": moment, "with": dataset}))
    assert [(row["example_id"], row["changed"]) for row in back["data"]] == [(ours[1]["id"], ["tags"])]
    assert back["data"][0]["before"]["example_id"] == theirs[1]["id"]


async def test_an_erasure_reaches_all_copies_and_nothing_brings_them_back(
    api: httpx.AsyncClient, engine: AsyncEngine, merging: None
) -> None:
    dataset, forked, ours, theirs = await both(api)
    second = await fork(api, forked, "second")
    moment = await head(api)
    await edit(api, ours[0]["id"], tags=["ours"])
    await edit(api, theirs[0]["id"], content=chat("Jane Doe"))
    given = [{"example_id": ours[0]["id"], "take": "content", "content": chat("Jane Doe, again")}]
    assert (await merge(api, dataset, forked, decisions=given, dry_run=True))["changed"] == 1
    receipt = await erase(api, engine, f"/v1/examples/{theirs[0]['id']}/erase")
    assert count_erased(receipt, "examples") == 3
    assert await count(engine, "ledger.contents where convert_from(body, 'UTF8') like '%Jane%'") == 0
    for each in (dataset, forked, second):
        assert len(await list_examples(api, each)) == 3
    assert counts(await merge(api, dataset, forked)) == ("succeeded", 0, 0, 0, 0)
    async with bulk_worker(engine):
        operation = await ok(await api.post(f"/v1/datasets/{dataset}/revert", json={"to": str(moment)}))
        assert (await ended(api, operation["id"]))["result"]["skipped"] == 1
    [skipped] = (await ok(await api.get(f"/v1/bulk/{operation['id']}/skipped")))["data"]
    assert skipped == {"example_id": ours[0]["id"], "reason": "erased"}
    shown = (await ok(await api.get(f"/v1/datasets/{dataset}/compare", params={"from": moment})))["data"]
    assert [(row["change"], row["before"]["content"]) for row in shown] == [("removed", None)]
    await tables_follow_from_the_log(engine)


async def test_what_cannot_be_merged_is_refused(api: httpx.AsyncClient, merging: None) -> None:
    dataset, forked, ours, _ = await both(api)
    other = await make_dataset(api, "other")
    refused = await api.post(f"/v1/datasets/{dataset}/merge", json={"source_id": other})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "not_a_fork")
    twice = [{"example_id": ours[0]["id"], "take": "ours"}] * 2 + [{"example_id": ours[1]["id"], "take": "content"}]
    refused = await api.post(f"/v1/datasets/{dataset}/merge", json={"source_id": forked, "decisions": twice})
    assert pointers(refused) == ["/decisions/1/example_id", "/decisions/2/content"]
    strange = [{"example_id": dataset, "take": "content", "content": chat("a")}]
    refused = await api.post(f"/v1/datasets/{dataset}/merge", json={"source_id": forked, "decisions": strange})
    assert (refused.status_code, pointers(refused)) == (422, ["/decisions/0/example_id"])
    assert (await api.post(f"/v1/datasets/{dataset}/fork", json={"name": "fork"})).status_code == 409
    refused = await api.post(f"/v1/datasets/{dataset}/fork", json={"name": "f", "at": "v9"})
    assert pointers(refused) == ["/at"]
    done = await merge(api, dataset, forked)
    assert (await api.post(f"/v1/merges/{done['id']}/decisions", json={"others": "ours"})).status_code == 409
    await ok(await api.post(f"/v1/datasets/{dataset}/archive", json={}))
    refused = await api.post(f"/v1/datasets/{dataset}/merge", json={"source_id": forked})
    assert refused.json()["code"] == "archived"
