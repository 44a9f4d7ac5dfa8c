"""Datasets over HTTP."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.datasets.example_bodies import (
    add,
    add_many,
    chat,
    events_of,
    five_stars,
    make_dataset,
    make_task,
    ok,
    pages,
    pointers,
)
from tests.datasets.import_files import tables_follow_from_the_log

NOWHERE = str(uuid4())
DEALT: dict[str, object] = {"split_by": "dataset", "group_by": None, "group_until": None, "pins": None}


async def test_a_dataset_is_created_and_read_back(api: httpx.AsyncClient) -> None:
    task = await make_task(api)
    policy = {"train": 0.5, "validation": 0.25, "test": 0.25, "seed": 7, **DEALT}
    response = await api.post(
        "/v1/datasets", json={"name": "news", "description": "d", "task_id": task["id"], "split_policy": policy}
    )
    assert response.status_code == 201
    assert response.headers["ETag"] == '"1"'
    assert set(response.json()) == {
        "archived_at", "forked_from",
        "id", "name", "description", "task_id", "split_policy", "version", "created_at", "created_by", "updated_at",
    }  # fmt: skip
    assert response.json()["split_policy"] == {**DEALT, **policy}
    read = await api.get(response.headers["Location"])
    assert read.json() == response.json()
    assert read.headers["ETag"] == '"1"'


async def test_a_dataset_without_a_policy_splits_80_10_10(api: httpx.AsyncClient) -> None:
    await make_dataset(api)
    [listed] = (await api.get("/v1/datasets")).json()["data"]
    assert listed["split_policy"] == {"train": 0.8, "validation": 0.1, "test": 0.1, "seed": 0, **DEALT}


async def test_a_repeated_request_makes_one_dataset(api: httpx.AsyncClient) -> None:
    request: dict[str, Any] = {"json": {"name": "news"}, "headers": {"Idempotency-Key": "k"}}
    first, again = [await api.post("/v1/datasets", **request) for _ in range(2)]
    assert (again.status_code, again.content, again.headers["ETag"]) == (201, first.content, '"1"')
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(await events_of(api, stream="dataset")) == 1
    other = await api.post("/v1/datasets", json={"name": "olds"}, headers={"Idempotency-Key": "k"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_two_datasets_of_a_workspace_cannot_share_a_name(
    api: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    await make_dataset(api)
    refused = await api.post("/v1/datasets", json={"name": "news"})
    assert (refused.status_code, pointers(refused)) == (409, ["/name"])
    other = await make_dataset(api, "olds")
    renamed = await api.patch(f"/v1/datasets/{other}", json={"name": "news"})
    assert (renamed.status_code, pointers(renamed)) == (409, ["/name"])
    assert await make_dataset(stranger)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/name"),
        ({"name": ""}, "/name"),
        ({"name": "a\0b"}, "/name"),
        ({"name": "x" * 201}, "/name"),
        ({"name": 5}, "/name"),
        ({"name": "n", "colour": "red"}, "/colour"),
        ({"name": "n", "task_id": "no"}, "/task_id"),
        ({"name": "n", "split_policy": {"train": 2}}, "/split_policy/train"),
        ({"name": "n", "split_policy": {"seed": 2**31}}, "/split_policy/seed"),
    ],
)
async def test_a_dataset_that_makes_no_sense_is_refused_with_its_field(
    api: httpx.AsyncClient, body: dict[str, Any], pointer: str
) -> None:
    refused = await api.post("/v1/datasets", json=body)
    assert (refused.status_code, pointers(refused)) == (400, [pointer])
    assert refused.headers["Content-Type"] == "application/problem+json"


async def test_shares_that_do_not_sum_to_one_are_refused(api: httpx.AsyncClient) -> None:
    refused = await api.post("/v1/datasets", json={"name": "n", "split_policy": {"train": 0.5}})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "not_whole")


async def test_a_dataset_for_a_task_that_is_not_there_is_refused(
    api: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    theirs = await make_task(stranger)
    for task_id in (NOWHERE, theirs["id"]):
        assert (await api.post("/v1/datasets", json={"name": "n", "task_id": task_id})).status_code == 404
    dataset = await make_dataset(api)
    assert (await api.patch(f"/v1/datasets/{dataset}", json={"task_id": theirs["id"]})).status_code == 404


async def test_an_edit_changes_what_it_names_and_is_refused_when_stale(api: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    path, first = f"/v1/datasets/{dataset}", {"If-Match": '"1"'}
    edited = await api.patch(path, json={"description": "of 2026", "reason": "why"}, headers=first)
    assert (edited.status_code, edited.headers["ETag"]) == (200, '"2"')
    assert (edited.json()["name"], edited.json()["description"]) == ("news", "of 2026")
    stale = await api.patch(path, json={"description": "of 2027"}, headers=first)
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert (await api.patch(path, json={"description": "of 2026"})).headers["ETag"] == '"2"'
    assert (await api.get(path)).json() == edited.json()
    assert (await api.get(path, params={"as_of": edited.json()["created_at"]})).json()["description"] == ""


async def test_a_split_policy_is_for_examples_to_come(api: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api, split_policy={"train": 1, "validation": 0, "test": 0})
    before = await add(api, dataset)
    path = f"/v1/datasets/{dataset}/split-policy"
    policy = {"train": 0, "validation": 0, "test": 1}
    changed = await api.put(path, json={**policy, "reason": "hold out"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert changed.json()["split_policy"] == {**policy, "seed": 0, **DEALT}
    assert (await api.put(path, json=policy, headers={"If-Match": '"1"'})).status_code == 412
    assert (await api.put(path, json=policy)).headers["ETag"] == '"2"'
    after = await add(api, dataset)
    assert (await api.get(f"/v1/examples/{before['id']}")).json()["split"] == "train"
    assert after["split"] == "test"
    assert (await api.put(path, json={"train": 0.5})).status_code == 422


async def test_lists_page_by_the_order_of_making(api: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    task = await make_task(api)
    ids = [await make_dataset(api, f"d{n}", **({"task_id": task["id"]} if n % 2 else {})) for n in range(5)]
    await make_dataset(stranger)
    rows = await pages(api, "/v1/datasets", limit=2)
    assert [[row["id"] for row in page] for page in rows] == [ids[:2], ids[2:4], ids[4:]]
    of_task = await pages(api, "/v1/datasets", task_id=task["id"], limit=1)
    assert [row["id"] for page in of_task for row in page] == ids[1::2]


async def test_a_history_tells_what_changed_with_reason_and_actor(api: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    await ok(await api.patch(f"/v1/datasets/{dataset}", json={"name": "olds", "reason": "late"}))
    await add(api, dataset)
    await ok(await api.post(f"/v1/datasets/{dataset}/versions", json={"name": "v1"}))
    rows = await pages(api, f"/v1/datasets/{dataset}/history", limit=2)
    assert [len(page) for page in rows] == [2, 1]
    created, edited, frozen = [entry for page in rows for entry in page]
    assert [entry["type"] for entry in (created, edited, frozen)] == [
        "DatasetCreated", "DatasetEdited", "DatasetVersionFrozen",
    ]  # fmt: skip
    assert created["changes"]["name"] == {"before": None, "after": "news"}
    assert (edited["reason"], edited["version"]) == ("late", 2)
    assert edited["changes"] == {"name": {"before": "news", "after": "olds"}}
    assert frozen["changes"] == {"versions": {"before": [], "after": ["v1"]}}
    me = (await api.get("/v1/me")).json()
    assert edited["actor"] in str(me)


async def test_stats_count_what_is_there_now(api: httpx.AsyncClient) -> None:
    task = await make_task(api, output_schema={"type": "object"})
    dataset = await make_dataset(api, task_id=task["id"])
    path = f"/v1/datasets/{dataset}/stats"
    empty = await ok(await api.get(path))
    assert (empty["examples"], empty["average_rating"], empty["quantity"]) == (0, None, "too few")
    several = [
        {"content": chat("1", "{}"), "tags": ["a", "b"], "split": "train", "rating": five_stars(4)},
        {
            "content": chat("2", "{}"),
            "tags": ["a"],
            "split": "test",
            "source": {"type": "log"},
            "rating": five_stars(1),
        },
        {"content": chat("3", "{}"), "split": "train"},
        {"content": chat("4", "{}"), "split": "train"},
    ]
    *_, third, fourth = await add_many(api, dataset, several)
    repaired = {"instruction": "No.", "output": "not JSON", "on_invalid": "mark"}
    await ok(await api.post(f"/v1/examples/{third['id']}/repair", json=repaired))
    assert (await api.delete(f"/v1/examples/{fourth['id']}")).status_code == 204
    stats = await ok(await api.get(path))
    assert stats.pop("ladder")["next"]["missing"] == 8
    assert stats == {
        "examples": 3,
        "rated": 2,
        "repaired": 1,
        "invalid": 1,
        "average_rating": 2.5,
        "splits": {"train": 2, "test": 1},
        "sources": {"human": 2, "log": 1},
        "reviewed": {"human": 2, "log": 1},
        "tags": {"a": 2, "b": 1},
        "quantity": "too few",
    }


async def test_the_quantity_guide_begins_at_50(api: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    await add_many(api, dataset, [{"content": chat(str(n))} for n in range(50)])
    assert (await ok(await api.get(f"/v1/datasets/{dataset}/stats")))["quantity"] == "little"


@pytest.mark.parametrize("path", ["", "/stats", "/history", "/examples", "/versions", "/imports", "/export"])
async def test_a_dataset_is_its_workspaces_own(api: httpx.AsyncClient, stranger: httpx.AsyncClient, path: str) -> None:
    dataset = await make_dataset(api)
    assert (await api.get(f"/v1/datasets/{dataset}{path}")).status_code == 200
    refused = await stranger.get(f"/v1/datasets/{dataset}{path}")
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    assert (await api.get(f"/v1/datasets/{NOWHERE}{path}")).status_code == 404


async def test_a_dataset_is_taken_off_its_task_by_null_alone(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    task = await make_task(api)
    dataset = (await api.post("/v1/datasets", json={"name": "n", "task_id": task["id"]})).json()
    path = f"/v1/datasets/{dataset['id']}"
    assert (await api.patch(path, json={"description": "d"})).json()["task_id"] == task["id"]
    off = await api.patch(path, json={"task_id": None, "reason": "wrong one"})
    assert (off.json()["task_id"], off.headers["etag"]) == (None, '"3"')
    assert (await api.patch(path, json={"task_id": None})).headers["etag"] == '"3"'
    assert [d["task_id"] for d in (await api.get("/v1/datasets")).json()["data"]] == [None]
    last = (await api.get(f"{path}/history")).json()["data"][-1]
    assert (last["reason"], last["changes"]["task_id"]) == ("wrong one", {"before": task["id"], "after": None})
    await tables_follow_from_the_log(engine)
