"""Bulk changes: each action and its undo, what others change meanwhile, workers that are killed, dry runs."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.composition import open_ledger
from service.datasets.bulk import worker
from service.datasets.bulk.actions.bulk_order import PatchOutput
from service.datasets.bulk.actions.example_changes import Skipped
from service.datasets.bulk.actions.rewrites import rewrite
from service.datasets.bulk.domain import BULK
from service.datasets.bulk.worker import BulkJob
from service.datasets.examples.chat_content import Assistant, Content
from service.operations import projection as operations
from service.worker import leased_tasks
from tests.datasets.example_bodies import (
    OUTPUT_SCHEMA,
    Json,
    add_many,
    chat,
    delete,
    edit,
    events_of,
    export,
    five_stars,
    freeze,
    head,
    list_examples,
    make_dataset,
    make_task,
    ok,
    pointers,
    rate,
)
from tests.datasets.import_files import (
    chat_line,
    chat_lines,
    context_of,
    ended,
    import_file,
    tables_follow_from_the_log,
    working,
    workspace_of,
)

SMALL_BATCH = 3


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leased_tasks, "IDLE_SECONDS", 0.02)
    monkeypatch.setattr(operations, "POLL_SECONDS", 0.02)


@asynccontextmanager
async def bulk_worker(engine: AsyncEngine, *, workers: int = 1) -> AsyncIterator[None]:
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for _ in range(workers):
            group.create_task(worker.run(context_of(engine), stop))
        try:
            yield
        finally:
            stop.set()


async def start(api: httpx.AsyncClient, dataset: str, action: Json, filter_: Any = "", **more: Any) -> str:
    body = {"action": action, **more} | ({} if "ids" in more else {"filter": filter_})
    sent = await api.post(f"/v1/datasets/{dataset}/bulk", json=body)
    assert (sent.status_code, sent.headers["Location"]) == (202, f"/v1/operations/{sent.json()['id']}"), sent.text
    bulk_id: str = sent.json()["id"]
    return bulk_id


async def change(api: httpx.AsyncClient, dataset: str, action: Json, filter_: Any = "", **more: Any) -> Json:
    """The bulk change once a worker that runs has made it."""
    operation = await ended(api, await start(api, dataset, action, filter_, **more))
    assert operation["state"] == "succeeded", operation
    return await ok(await api.get(f"/v1/bulk/{operation['id']}"))


async def undo(api: httpx.AsyncClient, bulk_id: str) -> Json:
    operation = await ok(await api.post(f"/v1/bulk/{bulk_id}/undo", json={}))
    assert (await ended(api, operation["id"]))["state"] == "succeeded"
    return await ok(await api.get(f"/v1/bulk/{operation['id']}"))


async def step(engine: AsyncEngine, api: httpx.AsyncClient, bulk_id: str, steps: int = 1) -> None:
    """Some steps of a worker, after which it is killed."""
    ledger, workspace_id = open_ledger(engine), await workspace_of(api)
    stored = await ledger.get(BULK, workspace_id, UUID(bulk_id))
    for _ in range(steps):
        await BulkJob(ledger, workspace_id, stored).advance()


def counts(bulk: Json) -> tuple[int, int, int]:
    return bulk["changed"], bulk["unchanged"], bulk["skipped"]


def without_version(example: Json) -> Json:
    return {name: value for name, value in example.items() if name not in ("version", "updated_at", "updated_by")}


SEVERAL: list[Json] = [
    {"content": chat("one", '{"title": "A"}'), "split": "train", "tags": ["a"], "rating": five_stars(2)},
    {"content": chat("two", '{"title": "B b"}'), "split": "train", "tags": ["a", "b"]},
    {"content": chat("one", '{"title": "A"}'), "split": "test", "rating": five_stars(5)},
    {"content": chat("four b", '{"title": "D"}'), "split": "validation", "metadata": {"n": 4}},
    {"content": chat("five", '{"title": "E"}'), "split": "train", "tags": ["b"], "external_id": "x"},
]
LONG = "The quick brown fox jumps over the lazy dog and runs all the way home through the dark wood until night falls"
MORE: list[Json] = [
    {"content": chat(f"{LONG} again.", '{"title": "F"}'), "split": "train"},
    {
        "content": chat("Write to ann@acme.io or +49 30 901820, not to a@example.com.", '{"title": "G"}'),
        "split": "train",
    },
    {"content": chat(f"{LONG} once more.", '{"title": "F"}'), "split": "train"},
]
ACTIONS: list[tuple[Json, str, tuple[int, int, int], str, list[int]]] = [
    ({"type": "tag", "tags": ["new", "a"]}, "split = train", (3, 0, 0), "tag = new", [0, 1, 4]),
    ({"type": "untag", "tags": ["b"]}, "tag = a", (1, 1, 0), "tag = b", [4]),
    ({"type": "delete"}, "not split = train", (2, 0, 0), "", [0, 1, 4]),
    ({"type": "move", "split": "test"}, "", (4, 1, 0), "split = test", [0, 1, 2, 3, 4]),
    ({"type": "rate", "rating": five_stars(3)}, "rated", (2, 0, 0), "rating = 3", [0, 2]),
    ({"type": "replace", "find": "b", "replace": "c"}, "", (1, 4, 0), 'output : "B c"', [1]),
    ({"type": "replace", "find": "b", "replace": "c", "ignore_case": True}, "", (1, 4, 0), 'output : "c c"', [1]),
    (
        {"type": "replace", "find": r"^(\w+)( b)?$", "replace": r"\1!", "regex": True, "where": "messages"},
        "",
        (5, 0, 0),
        "text : 'four b!' or text : 'four!'",
        [3],
    ),
    ({"type": "replace", "find": "{", "replace": "["}, "split = train", (0, 0, 3), "not valid", []),
    ({"type": "replace", "find": "{", "on_invalid": "mark"}, "split = train", (3, 0, 0), "not valid", [0, 1, 4]),
    (
        {"type": "patch", "patch": [{"op": "replace", "path": "/title", "value": "Z"}]},
        "tag = a",
        (2, 0, 0),
        "output : Z and repaired",
        [0, 1],
    ),
    ({"type": "patch", "patch": [{"op": "remove", "path": "/x"}]}, "", (0, 0, 5), "repaired", []),
    ({"type": "drop_duplicates"}, "", (1, 0, 0), "text : one", [2]),
]
MORE_ACTIONS: list[tuple[Json, str, tuple[int, int, int], str, list[int]]] = [
    ({"type": "drop_duplicates", "near": True}, "", (1, 0, 0), "", [0, 1]),
    ({"type": "redact"}, "", (1, 2, 0), "text : '[email] or [phone], not to a@example.com'", [1]),
    ({"type": "redact", "kinds": ["phone"]}, "", (1, 2, 0), "text : 'or [phone]' and not text : '[email]'", [1]),
]


@pytest.mark.parametrize(("rows", "actions"), [(SEVERAL, ACTIONS), (MORE, MORE_ACTIONS)], ids=["fields", "texts"])
async def test_each_action_changes_what_it_should_and_its_undo_returns_it(
    api: httpx.AsyncClient, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, rows: list[Json], actions: list[Any]
) -> None:
    monkeypatch.setattr(worker, "BATCH_EXAMPLES", SMALL_BATCH)
    task = await make_task(api, output_schema=OUTPUT_SCHEMA)
    dataset = await make_dataset(api, task_id=task["id"])
    ids = [example["id"] for example in await add_many(api, dataset, rows)]
    async with bulk_worker(engine):
        for action, filter_, expected, found, numbers in actions:
            before = await list_examples(api, dataset)
            dry = await change(api, dataset, action, filter_, dry_run=True)
            assert counts(dry) == expected, action
            assert await list_examples(api, dataset) == before
            assert len(dry["samples"]) == expected[0]
            assert all(sample["before"] != sample["after"] for sample in dry["samples"])
            made = await change(api, dataset, action, filter_)
            assert counts(made) == expected, action
            found_rows = await list_examples(api, dataset, filter=found)
            assert [ids.index(row["id"]) for row in found_rows] == numbers, action
            if not made["changed"]:
                refused = await api.post(f"/v1/bulk/{made['id']}/undo", json={})
                assert refused.status_code == 409
                continue
            undone = await undo(api, made["id"])
            assert counts(undone)[::2] == (expected[0], 0), action
            after = await list_examples(api, dataset)
            assert [without_version(row) for row in after] == [without_version(row) for row in before], action
    await tables_follow_from_the_log(engine)


async def test_deleted_examples_are_found_by_what_they_were_and_restored(
    api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    dataset = await make_dataset(api)
    ids = [example["id"] for example in await add_many(api, dataset, SEVERAL)]
    for number in (0, 1, 4):
        await delete(api, ids[number])
    async with bulk_worker(engine):
        restored = await change(api, dataset, {"type": "restore"}, "tag = a")
        assert counts(restored) == (2, 0, 0)
        assert [row["id"] for row in await list_examples(api, dataset)] == ids[:4]
        assert counts(await undo(api, restored["id"])) == (2, 0, 0)
        assert [row["id"] for row in await list_examples(api, dataset)] == ids[2:4]
        by_id = await change(api, dataset, {"type": "restore"}, ids=[ids[4], ids[2], ids[4], str(UUID(int=7))])
    assert counts(by_id) == (1, 1, 1)
    assert by_id["first_skipped"] == [{"example_id": str(UUID(int=7)), "reason": "not_found"}]
    await tables_follow_from_the_log(engine)


async def test_undo_leaves_what_was_changed_since_and_lists_it(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    examples = await add_many(api, dataset, SEVERAL)
    ids = [example["id"] for example in examples]
    async with bulk_worker(engine):
        tagged = await change(api, dataset, {"type": "tag", "tags": ["new"]}, "", reason="a sweep")
        await rate(api, ids[1], 4)
        await delete(api, ids[3])
        undone = await undo(api, tagged["id"])
        expected = [{"example_id": ids[n], "reason": "changed_since"} for n in (1, 3)]
        assert (counts(undone), undone["first_skipped"], undone["undoes"]) == ((3, 0, 2), expected, tagged["id"])
        page = await ok(await api.get(f"/v1/bulk/{undone['id']}/skipped", params={"limit": 1}))
        more = await ok(await api.get(f"/v1/bulk/{undone['id']}/skipped", params={"cursor": page["next_cursor"]}))
        assert page["data"] + more["data"] == expected
        assert [row["id"] for row in await list_examples(api, dataset, tag="new")] == [ids[1]]
        again = await api.post(f"/v1/bulk/{tagged['id']}/undo", json={})
        assert (again.status_code, undone["id"] in again.json()["detail"]) == (409, True)
        redone = await undo(api, undone["id"])
    assert counts(redone)[0] == 3
    assert len(await list_examples(api, dataset, tag="new")) == 4
    listed = await ok(await api.get(f"/v1/datasets/{dataset}/bulk"))
    assert [bulk["action"]["type"] for bulk in listed["data"]] == ["undo", "undo", "tag"]
    [line, *_] = [line for line in await events_of(api, ids[0]) if line["type"] == "ExampleEdited"]
    assert (line["data"]["bulk_id"], line["data"]["reason"]) == (tagged["id"], "a sweep")
    await tables_follow_from_the_log(engine)


async def test_a_killed_change_goes_on_where_it_was_whatever_changes_meanwhile(
    api: httpx.AsyncClient, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "BATCH_EXAMPLES", SMALL_BATCH)
    dataset = await make_dataset(api)
    examples = await add_many(api, dataset, [{"content": chat(str(n)), "tags": ["old"]} for n in range(10)])
    ids = [example["id"] for example in examples]
    bulk_id = await start(api, dataset, {"type": "tag", "tags": ["new"]}, "tag = old and text : an")
    await step(engine, api, bulk_id, steps=2)
    progress = (await ok(await api.get(f"/v1/operations/{bulk_id}")))["progress"]
    assert progress == {"done": 3, "total": 10, "unit": "examples"}
    await edit(api, ids[8], tags=["other"])  # it was selected, and stays so
    await delete(api, ids[9])
    await add_many(api, dataset, [{"content": chat("late"), "tags": ["old"]}])
    async with bulk_worker(engine, workers=2):
        operation = await ended(api, bulk_id)
    skipped = [{"example_id": ids[9], "reason": "deleted"}]
    assert operation["result"] == {"changed": 9, "unchanged": 0, "skipped": 1, "first_skipped": skipped}
    rows = await list_examples(api, dataset)
    assert [row["tags"] for row in rows] == [["old", "new"]] * 8 + [["other", "new"], ["old"]]
    assert [row["version"] for row in rows] == [2] * 8 + [3, 1]


async def test_a_change_is_cancelled_between_batches_and_what_it_did_is_undone(
    api: httpx.AsyncClient, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "BATCH_EXAMPLES", SMALL_BATCH)
    dataset = await make_dataset(api)
    await add_many(api, dataset, [{"content": chat(str(n))} for n in range(8)])
    bulk_id = await start(api, dataset, {"type": "tag", "tags": ["new"]})
    await step(engine, api, bulk_id, steps=3)
    assert (await api.post(f"/v1/bulk/{bulk_id}/undo", json={})).status_code == 409
    asked = await ok(await api.post(f"/v1/operations/{bulk_id}/cancel"))
    assert (asked["state"], asked["cancel_requested"]) == ("running", True)
    async with bulk_worker(engine):
        assert (await ended(api, bulk_id))["state"] == "cancelled"
        assert len(await list_examples(api, dataset, tag="new")) == 6
        first = (await ok(await api.post(f"/v1/bulk/{bulk_id}/undo", json={})))["id"]
        await ended(api, first)
    assert await list_examples(api, dataset, tag="new") == []
    await tables_follow_from_the_log(engine)


async def test_a_moved_example_changes_sides_from_then_on_and_in_no_version_of_before(
    api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    dataset = await make_dataset(api)
    ids = [example["id"] for example in await add_many(api, dataset, SEVERAL)]
    before, then = await freeze(api, dataset, "v1"), await head(api)
    frozen = await export(api, dataset, version="v1", include="fields")
    async with bulk_worker(engine):
        await change(api, dataset, {"type": "move", "split": "test"}, ids=ids[:2])
    assert await export(api, dataset, version="v1", include="fields") == frozen
    assert [row["id"] for row in await list_examples(api, dataset, split="test")] == ids[:3]
    assert [row["id"] for row in await list_examples(api, dataset, split="test", as_of=then)] == [ids[2]]
    await edit(api, ids[0], tags=["z"])
    await delete(api, ids[0])
    await ok(await api.post(f"/v1/examples/{ids[0]}/restore", json={"version": 1}))
    assert (await ok(await api.get(f"/v1/examples/{ids[0]}")))["split"] == "test"
    after = await freeze(api, dataset, "v2")
    assert (before["splits"], after["splits"]) == (
        {"train": 3, "test": 1, "validation": 1},
        {"train": 1, "test": 3, "validation": 1},
    )
    await tables_follow_from_the_log(engine)


REFUSED: list[tuple[Json, int, str]] = [
    ({"action": {"type": "delete"}}, 400, "/filter"),
    ({"action": {"type": "delete"}, "filter": "", "ids": [str(UUID(int=1))]}, 400, "/filter"),
    ({"action": {"type": "delete"}, "filter": "tag"}, 400, "/filter"),
    ({"action": {"type": "explode"}, "filter": ""}, 400, "/action/type"),
    ({"action": {"type": "undo", "bulk_id": str(UUID(int=1))}, "filter": ""}, 400, "/action/type"),
    ({"action": {"type": "tag", "tags": []}, "filter": ""}, 400, "/action/tags"),
    ({"action": {"type": "replace", "find": "(a", "regex": True}, "filter": ""}, 400, "/action/find"),
    ({"action": {"type": "replace", "find": "(?=a)", "regex": True}, "filter": ""}, 400, "/action/find"),
    ({"action": {"type": "replace", "find": "a", "replace": "\\1", "regex": True}, "filter": ""}, 400, "/action/find"),
    ({"action": {"type": "patch", "patch": [{"op": "explode", "path": ""}]}, "filter": ""}, 400, "/action/patch"),
    ({"action": {"type": "patch", "patch": [{"op": "add", "path": "x"}]}, "filter": ""}, 400, "/action/patch"),
    ({"action": {"type": "redact", "kinds": ["name"]}, "filter": ""}, 400, "/action/kinds"),
    ({"action": {"type": "rate", "rating": {}}, "filter": ""}, 422, "/action/rating"),
]


async def test_what_cannot_be_done_is_refused_before_it_begins(api: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    for body, status, pointer in REFUSED:
        refused = await api.post(f"/v1/datasets/{dataset}/bulk", json=body)
        assert (refused.status_code, pointers(refused)) == (status, [pointer]), (body, refused.text)
    assert (await api.get(f"/v1/bulk/{UUID(int=1)}")).status_code == 404


def test_a_patch_that_doubles_a_text_again_and_again_stays_small() -> None:
    copies = [{"op": "copy", "from": "", "path": f"/{n}"} for n in range(60)]
    content = Content(messages=(Assistant(content='{"a": "' + "x" * 1_000 + '"}'),))
    with pytest.raises(Skipped):
        rewrite(content, PatchOutput(patch=copies))


async def test_a_change_of_thousands_costs_little_an_example(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset, rows = await make_dataset(api), 2_000
    async with working(engine):
        await import_file(api, dataset, chat_lines(range(rows)))
    async with bulk_worker(engine):
        started = time.process_time()
        made = await change(api, dataset, {"type": "tag", "tags": ["new"]})
        undone = await undo(api, made["id"])
        seconds = time.process_time() - started
    assert (counts(made), counts(undone)) == ((rows, 0, 0), (rows, 0, 0))
    assert seconds / rows / 2 < 0.001


async def test_a_policy_groups_new_examples_and_keeps_a_golden_set_where_it_is(
    api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    policy = {"train": 0.5, "validation": 0.25, "test": 0.25, "group_by": "external_id", "group_until": "-"}
    dataset = await make_dataset(api, split_policy={**policy, "pins": {"golden": "test"}})
    rows = [{"content": chat(f"row {n}"), "external_id": f"acme-{n}"} for n in range(12)]
    added = await add_many(api, dataset, [*rows, {"content": chat("best"), "tags": ["golden"]}])
    more = b"".join(chat_line(f"more {n}", external_id=f"acme-x{n}") for n in range(12))
    async with working(engine):
        await import_file(api, dataset, more)
    listed = await list_examples(api, dataset)
    assert len({row["split"] for row in listed if row["external_id"]}) == 1
    assert added[-1]["split"] == "test"
    async with bulk_worker(engine):
        moved = await change(api, dataset, {"type": "move", "split": "train"}, "tag = golden")
    assert moved["first_skipped"] == [{"example_id": added[-1]["id"], "reason": "pinned"}]


async def test_nothing_is_frozen_while_a_bulk_change_is_half_done(
    api: httpx.AsyncClient, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "BATCH_EXAMPLES", SMALL_BATCH)
    dataset = await make_dataset(api)
    await add_many(api, dataset, SEVERAL[:5])
    dry_id = await start(api, dataset, {"type": "tag", "tags": ["new"]}, dry_run=True)
    bulk_id = await start(api, dataset, {"type": "tag", "tags": ["new"]})
    await step(engine, api, dry_id, 2)
    await step(engine, api, bulk_id)
    await freeze(api, dataset, "before")
    await step(engine, api, bulk_id)
    path = f"/v1/datasets/{dataset}/versions"
    refused = await api.post(path, json={"name": "half"})
    assert (refused.status_code, bulk_id in refused.json()["detail"]) == (409, True)
    await ok(await api.post(f"/v1/operations/{bulk_id}/cancel"))
    await step(engine, api, bulk_id)
    await freeze(api, dataset, "after")


async def test_a_dataset_returns_to_a_moment_and_back(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    rows = await add_many(api, dataset, SEVERAL)
    await delete(api, rows[4]["id"])
    await freeze(api, dataset, "before")
    before = [without_version(row) for row in await list_examples(api, dataset)]
    await edit(api, rows[0]["id"], content=chat("other"), tags=["new"])
    await rate(api, rows[1]["id"], 1)
    await delete(api, rows[2]["id"])
    await ok(await api.post(f"/v1/examples/{rows[4]['id']}/restore", json={"version": 1}))
    [added] = await add_many(api, dataset, SEVERAL[:1])
    async with bulk_worker(engine):
        await change(api, dataset, {"type": "move", "split": "test"}, "metadata.n = 4")
        after = [without_version(row) for row in await list_examples(api, dataset)]
        dry = await revert(api, dataset, to="before", dry_run=True)
        assert (counts(dry), len(dry["samples"])) == ((6, 0, 0), 6)
        assert [without_version(row) for row in await list_examples(api, dataset)] == after
        reverted = await revert(api, dataset, to="before", reason="spoilt")
        assert (counts(reverted), reverted["action"]["type"]) == ((6, 0, 0), "revert")
        assert [without_version(row) for row in await list_examples(api, dataset)] == before
        assert (await events_of(api, added["id"]))[-1]["data"]["reason"] == "spoilt"
        assert counts(await revert(api, dataset, to="before")) == (0, 0, 0)
        await edit(api, rows[3]["id"], tags=["since"])
        undone = await undo(api, reverted["id"])
        assert [skip["example_id"] for skip in undone["first_skipped"]] == [rows[3]["id"]]
        now = {row["id"]: without_version(row) for row in await list_examples(api, dataset)}
        assert now == {row["id"]: row for row in after} | {rows[3]["id"]: now[rows[3]["id"]]}
    refused = await api.post(f"/v1/datasets/{dataset}/revert", json={"to": "v9"})
    assert pointers(refused) == ["/to"]
    await tables_follow_from_the_log(engine)


async def revert(api: httpx.AsyncClient, dataset: str, **body: Any) -> Json:
    operation = await ok(await api.post(f"/v1/datasets/{dataset}/revert", json=body))
    assert (await ended(api, operation["id"]))["state"] == "succeeded"
    return await ok(await api.get(f"/v1/bulk/{operation['id']}"))
