"""Editing, rating, repairing, restoring and deleting examples over HTTP, and what their history tells."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.datasets.example_bodies import (
    OUTPUT_SCHEMA,
    REQUIREMENTS,
    Json,
    add,
    answer_text,
    chat,
    delete,
    edit,
    events_of,
    export,
    five_stars,
    list_examples,
    make_dataset,
    make_task,
    ok,
    pages,
    pointers,
    rate,
    repair,
)
from tests.erasure.erasing import erase
from tests.http_client import client

CHANGES: list[tuple[str, str, Json]] = [
    ("PATCH", "", {"tags": ["new"]}),
    ("PUT", "/rating", five_stars(3)),
    ("POST", "/repair", {"instruction": "Shorter.", "output": "No."}),
    ("POST", "/restore", {"version": 1}),
    ("DELETE", "", {}),
]


async def send(
    api: httpx.AsyncClient, change: tuple[str, str, Json], example_id: str, **headers: str
) -> httpx.Response:
    method, path, body = change
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return await api.request(method, f"/v1/examples/{example_id}{path}", headers=named, json=body or None)


async def second_rater(api: httpx.AsyncClient, app: Litestar) -> httpx.AsyncClient:
    key = await ok(await api.post("/v1/api-keys", json={"name": "ben", "scopes": ["datasets:write"]}))
    return client(app, key["secret"])


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: f"{change[0]}{change[1]}")
async def test_every_change_moves_the_etag_and_is_refused_when_stale(
    api: httpx.AsyncClient, change: tuple[str, str, Json]
) -> None:
    dataset = await make_dataset(api)
    example = await edit(api, (await add(api, dataset))["id"], tags=["old"])
    stale = await send(api, change, example["id"], If_Match='"1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert await list_examples(api, dataset) == [example]
    done = await send(api, change, example["id"], If_Match='"2"')
    assert done.is_success, done.text
    [*_, last] = await pages(api, f"/v1/examples/{example['id']}/history")
    assert last[-1]["version"] == 3
    if done.status_code != 204:
        assert done.headers["ETag"] == '"3"'
        assert await list_examples(api, dataset) == [done.json()]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: f"{change[0]}{change[1]}")
async def test_no_change_reaches_what_is_not_there_or_anothers(
    api: httpx.AsyncClient, stranger: httpx.AsyncClient, change: tuple[str, str, Json]
) -> None:
    example = await add(api, await make_dataset(api))
    assert (await send(api, change, str(uuid4()))).status_code == 404
    assert (await send(stranger, change, example["id"])).status_code == 404
    assert (await api.get(f"/v1/examples/{example['id']}")).json() == example


@pytest.mark.parametrize("change", CHANGES[2:4], ids=["repair", "restore"])
async def test_a_repeated_request_changes_once(api: httpx.AsyncClient, change: tuple[str, str, Json]) -> None:
    example = await edit(api, (await add(api, await make_dataset(api)))["id"], tags=["old"])
    first, again = [await send(api, change, example["id"], Idempotency_Key="k") for _ in range(2)]
    assert (again.status_code, again.content, again.headers["ETag"]) == (200, first.content, '"3"')
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(await events_of(api, example["id"])) == 3
    assert (await api.get(f"/v1/examples/{example['id']}")).json() == first.json()


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: f"{change[0]}{change[1]}")
async def test_the_same_change_again_records_nothing(api: httpx.AsyncClient, change: tuple[str, str, Json]) -> None:
    example = await edit(api, (await add(api, await make_dataset(api)))["id"], tags=["old"])
    first = await send(api, change, example["id"])
    again = await send(api, change, example["id"])
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert len(await events_of(api, example["id"])) == 3


async def test_an_edit_of_everything_shows_everything(api: httpx.AsyncClient) -> None:
    example = await add(api, await make_dataset(api), metadata={"a": 1})
    edited = await edit(api, example["id"], content=chat("New?", "Yes."), tags=["b", "b"], metadata={"c": [2]})
    assert (answer_text(edited), edited["tags"], edited["metadata"]) == ("Yes.", ["b"], {"c": [2]})
    emptied = await edit(api, example["id"], metadata=None, tags=[])
    assert (emptied["metadata"], emptied["tags"], answer_text(emptied)) == (None, [], "Yes.")


async def test_each_key_has_one_rating_and_their_mean_is_shown(api: httpx.AsyncClient, app: Litestar) -> None:
    dataset = await make_dataset(api)
    example = await rate(api, (await add(api, dataset))["id"], 5)
    async with await second_rater(api, app) as ben:
        both = await rate(ben, example["id"], 2)
        assert both["rating"]["average"] == 3.5
        assert both["rating"]["raters"]["ben"] == five_stars(2)
        changed = await rate(ben, example["id"], 4)
        assert (changed["rating"]["average"], len(changed["rating"]["raters"])) == (4.5, 2)
    assert await list_examples(api, dataset) == [changed]


async def test_requirements_are_rated_one_by_one(api: httpx.AsyncClient) -> None:
    task = await make_task(api, requirements=REQUIREMENTS)
    example = await add(api, await make_dataset(api, task_id=task["id"]))
    path = f"/v1/examples/{example['id']}/rating"
    marks = {
        "tone": {"type": "pass_fail", "value": "pass"},
        "facts/names": {"type": "pass_fail_critical", "value": "fail"},
    }
    rated = await ok(await api.put(path, json={"requirements": marks}))
    assert rated["rating"]["average"] == 3.5
    overall = await ok(await api.put(path, json={"requirements": marks, **five_stars(1)}))
    assert overall["rating"]["average"] == 1.0
    wrong = await api.put(path, json={"requirements": {"tone": {"type": "stars", "value": 1}, "wit": marks["tone"]}})
    assert (wrong.status_code, pointers(wrong)) == (422, ["/requirements/tone/type", "/requirements/wit"])
    assert (await api.put(path, json={})).status_code == 422


async def test_a_repair_keeps_its_instruction_and_what_it_replaced(api: httpx.AsyncClient) -> None:
    example = await rate(api, (await add(api, await make_dataset(api)))["id"], 2)
    body = {"instruction": "Say more.", "output": "A longer answer.", "reason": "review"}
    repaired = await ok(await api.post(f"/v1/examples/{example['id']}/repair", json=body))
    assert answer_text(repaired) == "A longer answer."
    assert (repaired["repaired"], repaired["repair"]) == (True, {"instruction": "Say more."})
    assert repaired["rating"] == {"average": None, "raters": {}}
    history = await ok(await api.get(f"/v1/examples/{example['id']}/history"))
    change = history["data"][-1]["changes"]["content"]
    assert (change["before"], change["after"]) == (example["content"], repaired["content"])


@pytest.mark.parametrize(
    ("body", "status", "wanted"),
    [
        ({"instruction": "x"}, 400, ["/output"]),
        ({"instruction": "", "output": "y"}, 400, ["/instruction"]),
        ({"instruction": "a\0", "output": "b\0"}, 422, ["/instruction", "/output"]),
        ({"instruction": "x", "output": ""}, 422, ["/output"]),
    ],
)
async def test_a_repair_that_makes_no_sense_is_refused_with_its_fields(
    api: httpx.AsyncClient, body: Json, status: int, wanted: list[str]
) -> None:
    example = await add(api, await make_dataset(api))
    refused = await api.post(f"/v1/examples/{example['id']}/repair", json=body)
    assert (refused.status_code, sorted(pointers(refused))) == (status, wanted)


@pytest.mark.parametrize("way", ["edit", "repair"])
async def test_a_new_output_is_held_to_the_schema(api: httpx.AsyncClient, way: str) -> None:
    task = await make_task(api, output_schema=OUTPUT_SCHEMA)
    example = await add(api, await make_dataset(api, task_id=task["id"]), content=chat("?", '{"title": "T"}'))
    bad = '{"stars": "five"}'
    change: tuple[str, str, Any] = ("PATCH", "", {"content": chat("?", bad)})
    if way == "repair":
        change = ("POST", "/repair", {"instruction": "Rate it.", "output": bad})
    refused = await send(api, change, example["id"])
    assert (refused.status_code, sorted(pointers(refused))) == (422, ["/output/stars", "/output/title"])
    marked = await ok(await send(api, (*change[:2], {**change[2], "on_invalid": "mark"}), example["id"]))
    assert (marked["valid"], len(marked["mismatches"])) == (False, 2)


async def test_a_deleted_example_is_gone_until_it_is_restored(api: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    example = await rate(api, (await add(api, dataset, tags=["a"], metadata={"b": 1}))["id"], 4)
    await delete(api, example["id"], reason="too old")
    assert (await api.get(f"/v1/examples/{example['id']}")).status_code == 404
    assert await list_examples(api, dataset) == []
    assert await export(api, dataset) == b""
    path = f"/v1/examples/{example['id']}/restore"
    deletion = await api.post(path, json={"version": 3})
    assert deletion.status_code == 422
    back = await ok(await api.post(path, json={"version": 2, "reason": "after all"}))
    unchanged = ("content", "tags", "metadata", "rating", "split", "created_at")
    assert {name: back[name] for name in unchanged} == {name: example[name] for name in unchanged}
    assert await list_examples(api, dataset) == [back]


async def test_a_restore_goes_back_to_any_revision(api: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    first = await add(api, dataset, tags=["a"])
    rated = await rate(api, first["id"], 5)
    await repair(api, first["id"], "Repaired.")
    await edit(api, first["id"], tags=[], metadata={"x": 1})
    path = f"/v1/examples/{first['id']}/restore"
    second = await ok(await api.post(path, json={"version": 2}))
    assert {**second, "version": 2, "updated_at": rated["updated_at"]} == rated
    fourth = await ok(await api.post(path, json={"version": 4}))
    assert (answer_text(fourth), fourth["repaired"], fourth["metadata"], fourth["tags"]) == (
        "Repaired.",
        True,
        {"x": 1},
        [],
    )
    for version in (99, 2**31, 10**20):
        ahead = await api.post(path, json={"version": version})
        assert (ahead.status_code, pointers(ahead)) == (422, ["/version"])
    assert (await api.post(path, json={"version": 0})).status_code == 400


async def test_a_history_tells_who_changed_what_and_why(api: httpx.AsyncClient, app: Litestar) -> None:
    example = await add(api, await make_dataset(api), tags=["a"])
    id_, path = example["id"], f"/v1/examples/{example['id']}/history"
    async with await second_rater(api, app) as ben:
        await ok(await ben.put(f"/v1/examples/{id_}/rating", json={**five_stars(2), "reason": "dull"}))
    await edit(api, id_, tags=["b"], metadata={"m": 1}, reason="sorted")
    await delete(api, id_, reason="old")
    await ok(await api.post(f"/v1/examples/{id_}/restore", json={"version": 1, "reason": "needed"}))
    entries = [entry for page in await pages(api, path, limit=2) for entry in page]
    assert entries == (await pages(api, path))[0]
    assert [(entry["version"], entry["type"], entry["actor"], entry["reason"]) for entry in entries] == [
        (1, "ExampleAdded", example["created_by"], None),
        (2, "ExampleRated", "ben", "dull"),
        (3, "ExampleEdited", example["created_by"], "sorted"),
        (4, "ExampleDeleted", example["created_by"], "old"),
        (5, "ExampleRestored", example["created_by"], "needed"),
    ]
    added, rated, edited, deleted, restored = [entry["changes"] for entry in entries]
    assert added["content"] == {"before": None, "after": example["content"]}
    assert rated["rating"] == {"before": None, "after": 2.0}
    assert edited == {"tags": {"before": ["a"], "after": ["b"]}, "metadata": {"before": None, "after": {"m": 1}}}
    assert deleted == {"deleted": {"before": False, "after": True}}
    assert set(restored) == {"deleted", "tags", "metadata", "rating", "ratings"}


async def test_raters_and_editors_at_once_lose_nothing(api: httpx.AsyncClient, app: Litestar) -> None:
    dataset = await make_dataset(api)
    example = await add(api, dataset)
    async with await second_rater(api, app) as ben:
        answers = await asyncio.gather(
            *[edit(api, example["id"], content=chat(f"Question {n}?")) for n in range(4)],
            *[edit(api, example["id"], tags=[str(n)]) for n in range(4)],
            *[rate(ben, example["id"], n % 5 + 1) for n in range(4)],
        )
    assert all(answer["content"] for answer in answers)
    versions = [event["version"] for event in await events_of(api, example["id"])]
    assert versions == list(range(1, len(versions) + 1))
    [now] = await list_examples(api, dataset)
    assert now == max(answers, key=lambda answer: int(answer["version"]))


async def test_a_history_in_words_shows_texts_before_and_after(
    api: httpx.AsyncClient, app: Litestar, engine: AsyncEngine
) -> None:
    dataset = await make_dataset(api)
    example = await add(api, dataset, "one")
    await rate(api, example["id"], 2)
    await repair(api, example["id"], "A better answer.")
    await edit(api, example["id"], tags=["new"])
    other = await add(api, dataset, "two")
    history = {"resource": f"example:{example['id']}", "include": "content"}
    lines = (await ok(await api.get("/v1/history", params=history)))["data"]
    assert [line["sentence"].split(" by ")[0] for line in lines] == ["added", "rated", "repaired", "edited"]
    repaired = lines[2]["changes"]
    assert repaired["content"] == {"before": chat("one"), "after": chat("one", "A better answer.")}
    assert repaired["rating"] == {"before": 2, "after": None}
    assert lines[3]["changes"] == {"tags": {"before": [], "after": ["new"]}}
    changes = await ok(await api.get(f"/v1/datasets/{dataset}/changes", params={"from": 0, "include": "content"}))
    assert [line.get("changes") for line in changes["data"][:4]] == [line["changes"] for line in lines]
    assert changes["data"][4]["changes"]["content"] == {"before": None, "after": other["content"]}
    assert "changes" not in (await ok(await api.get("/v1/history")))["data"][0]
    auditor = await ok(await api.post("/v1/api-keys", json={"name": "auditor", "scopes": ["audit:read"]}))
    refused = await client(app, auditor["secret"]).get("/v1/history", params=history)
    assert (refused.status_code, "datasets:read" in refused.json()["detail"]) == (403, True)
    await erase(api, engine, f"/v1/examples/{example['id']}/erase")
    erased = (await ok(await api.get("/v1/history", params=history)))["data"]
    gone = {"erased": True}
    assert erased[2]["changes"]["content"] == {"before": gone, "after": gone}
