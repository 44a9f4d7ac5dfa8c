"""Frozen versions over HTTP: what they name stays what it was, and can be proven."""

import hashlib
import json
from typing import Any

import httpx
import pytest

from service.datasets.versions import export as exports
from service.datasets.versions.digests.sorted_digests import digest_contents
from tests.datasets.example_bodies import (
    Json,
    add,
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
    ok,
    pages,
    pointers,
    rate,
    repair,
)


async def some(api: httpx.AsyncClient, number: int = 6, **more: Any) -> tuple[str, list[Json]]:
    dataset = await make_dataset(api, **more)
    return dataset, await add_many(api, dataset, [{"content": chat(f"Question {n}?")} for n in range(number)])


async def change_everything(api: httpx.AsyncClient, dataset: str, examples: list[Json]) -> None:
    await edit(api, examples[0]["id"], content=chat("Other?"))
    await delete(api, examples[1]["id"])
    await repair(api, examples[2]["id"], "Repaired.")
    await rate(api, examples[3]["id"], 1)
    await add(api, dataset)


async def test_a_version_is_frozen_and_read_back(api: httpx.AsyncClient) -> None:
    dataset, examples = await some(api)
    seq = await head(api)
    path = f"/v1/datasets/{dataset}/versions"
    frozen = await api.post(path, json={"name": "v1.0-rc_1", "notes": "First."})
    assert (frozen.status_code, frozen.headers["Location"]) == (201, f"{path}/v1.0-rc_1")
    version = frozen.json()
    counts = {split: [row["split"] for row in examples].count(split) for split in ("train", "validation", "test")}
    assert version == {
        "dataset_id": dataset,
        "name": "v1.0-rc_1",
        "seq": seq,
        "filter": {},
        "readiness": None,
        "digest": version["digest"],
        "examples": 6,
        "erased": 0,
        "splits": {split: count for split, count in counts.items() if count},
        "notes": "First.",
        "created_at": version["created_at"],
        "created_by": examples[0]["created_by"],
    }
    assert (await api.get(frozen.headers["Location"])).json() == version
    assert await pages(api, path) == [[version]]


async def test_versions_are_listed_the_newest_first(api: httpx.AsyncClient) -> None:
    dataset, _ = await some(api, 1)
    versions = [await freeze(api, dataset, f"v{n}") for n in range(5)]
    rows = await pages(api, f"/v1/datasets/{dataset}/versions", limit=2)
    assert rows == [[versions[4], versions[3]], [versions[2], versions[1]], [versions[0]]]


async def test_a_repeated_request_freezes_once(api: httpx.AsyncClient) -> None:
    dataset, _ = await some(api, 1)
    path, key = f"/v1/datasets/{dataset}/versions", {"Idempotency-Key": "k"}
    first, again = [await api.post(path, json={"name": "v1"}, headers=key) for _ in range(2)]
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(await events_of(api, types="DatasetVersionFrozen")) == 1
    taken = await api.post(path, json={"name": "v1"})
    assert (taken.status_code, pointers(taken)) == (409, ["/name"])


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/name"),
        ({"name": "1"}, "/name"),
        ({"name": "v1\n"}, "/name"),
        ({"name": "v/1"}, "/name"),
        ({"name": "v" * 101}, "/name"),
        ({"name": "v1", "filter": {"rating": 4}}, "/filter/rating"),
        ({"name": "v1", "filter": {"tag": "a\0"}}, "/filter/tag"),
        ({"name": "v1", "filter": {"rating_gte": 9}}, "/filter/rating_gte"),
        ({"name": "v1", "notes": "\0"}, "/notes"),
    ],
)
async def test_a_version_that_makes_no_sense_is_refused_with_its_field(
    api: httpx.AsyncClient, body: Json, pointer: str
) -> None:
    dataset, _ = await some(api, 1)
    refused = await api.post(f"/v1/datasets/{dataset}/versions", json=body)
    assert (refused.status_code, pointers(refused)) == (400, [pointer])


async def test_an_empty_version_is_refused(api: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    path = f"/v1/datasets/{dataset}/versions"
    assert (await api.post(path, json={"name": "v1"})).status_code == 422
    await add(api, dataset)
    assert (await api.post(path, json={"name": "v1", "filter": {"rating_gte": 4}})).status_code == 422
    assert await pages(api, path) == [[]]


async def test_a_version_holds_what_its_filter_lets_through_then(api: httpx.AsyncClient) -> None:
    dataset, examples = await some(api)
    for number, stars in enumerate((5, 4, 3)):
        await rate(api, examples[number]["id"], stars)
    version = await freeze(api, dataset, "good", filter={"rating_gte": 4})
    assert (version["examples"], version["filter"]) == (2, {"rating_gte": 4})
    await rate(api, examples[0]["id"], 1)
    await rate(api, examples[2]["id"], 5)
    lines = (await export(api, dataset, version="good")).splitlines()
    assert [json.loads(line) for line in lines] == [examples[0]["content"], examples[1]["content"]]


async def test_a_digest_is_proven_by_the_events_alone(api: httpx.AsyncClient) -> None:
    dataset, examples = await some(api)
    await edit(api, examples[0]["id"], content=chat("Edited?"))
    await repair(api, examples[1]["id"], "Repaired.")
    await delete(api, examples[2]["id"])
    await delete(api, examples[3]["id"])
    await ok(await api.post(f"/v1/examples/{examples[3]['id']}/restore", json={"version": 1}))
    await edit(api, examples[4]["id"], tags=["a"])
    version = await freeze(api, dataset)
    contents: dict[str, str] = {}
    for event in await events_of(api, stream="example"):
        if event["type"] == "ExampleDeleted":
            del contents[event["stream_id"]]
        elif "content" in event["data"]:
            contents[event["stream_id"]] = event["data"]["content"]
    joined = b"".join(sorted(bytes.fromhex(digest) for digest in contents.values()))
    assert len(contents) == version["examples"] == 5
    assert version["digest"] == hashlib.sha256(joined).hexdigest() == digest_contents(list(contents.values()))
    await edit(api, examples[5]["id"], content=chat("Later?"))
    assert (await freeze(api, dataset, "v2"))["digest"] != version["digest"]


async def test_an_export_is_the_same_bytes_whatever_comes_later(api: httpx.AsyncClient) -> None:
    dataset, examples = await some(api)
    await freeze(api, dataset)
    before = await export(api, dataset, version="v1")
    assert [json.loads(line) for line in before.splitlines()] == [row["content"] for row in examples]
    seq, time = await head(api), examples[-1]["created_at"]
    await change_everything(api, dataset, examples)
    assert await export(api, dataset, version="v1") == before
    assert await export(api, dataset, as_of=seq) == before
    assert await export(api, dataset, as_of="v1") == before
    assert await export(api, dataset, as_of=time) == before
    assert await export(api, dataset) != before


async def test_an_export_says_what_it_is(api: httpx.AsyncClient) -> None:
    dataset, _ = await some(api)
    await freeze(api, dataset)
    sent = await api.get(f"/v1/datasets/{dataset}/export", params={"version": "v1", "split": "train"})
    assert sent.headers["Content-Type"].startswith("application/x-ndjson")
    assert sent.headers["Content-Disposition"] == f'attachment; filename="{dataset}-v1-train.jsonl"'


async def test_splits_of_an_export_are_the_examples_splits_and_make_up_the_whole(api: httpx.AsyncClient) -> None:
    dataset, examples = await some(api, 60)
    await freeze(api, dataset)
    whole: list[Json] = []
    for split in ("train", "validation", "test"):
        lines = (await export(api, dataset, version="v1", split=split)).splitlines()
        rows = [json.loads(line) for line in lines]
        assert rows == [row["content"] for row in examples if row["split"] == split]
        whole += rows
    assert len(whole) == 60


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"version": "v2"}, "?version"),
        ({"version": "5"}, "?version"),
        ({"version": ""}, "?version"),
        ({"version": "v1", "as_of": "v1"}, "?as_of"),
        ({"version": "v1\0"}, "?version"),
        ({"format": "xml"}, "?format"),
        ({"split": "training"}, "?split"),
    ],
)
async def test_an_export_of_what_is_not_there_is_refused(
    api: httpx.AsyncClient, query: dict[str, str], pointer: str
) -> None:
    dataset, _ = await some(api, 1)
    await freeze(api, dataset)
    refused = await api.get(f"/v1/datasets/{dataset}/export", params=query)
    assert (refused.status_code, pointers(refused)) == (400, [pointer])


@pytest.mark.parametrize("size", [0, 1, 400, 10**9])
async def test_an_export_is_whole_however_large_its_pieces_are(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    dataset, examples = await some(api, 12)
    monkeypatch.setattr(exports, "PAGE_ROWS", 5)
    monkeypatch.setattr(exports, "PIECE_BYTES", max(size, 1))
    lines = (await export(api, dataset)).splitlines()
    assert [json.loads(line) for line in lines] == [row["content"] for row in examples]


async def test_an_example_keeps_its_split_in_every_later_version(api: httpx.AsyncClient) -> None:
    dataset, examples = await some(api, 60)
    await freeze(api, dataset)
    tests = await export(api, dataset, version="v1", split="test")
    policy = {"train": 1, "validation": 0, "test": 0, "seed": 9}
    await ok(await api.put(f"/v1/datasets/{dataset}/split-policy", json=policy))
    await add_many(api, dataset, [{"content": chat(f"Later {n}?")} for n in range(10)])
    second = await freeze(api, dataset, "v2")
    assert await export(api, dataset, version="v2", split="test") == tests
    now = {row["id"]: row["split"] for row in await list_examples(api, dataset)}
    assert {row["id"]: row["split"] for row in examples}.items() <= now.items()
    assert second["splits"]["train"] == [row["split"] for row in examples].count("train") + 10


async def test_a_version_name_that_cannot_be_is_not_found(api: httpx.AsyncClient) -> None:
    dataset, _ = await some(api, 1)
    for name in ("v1", "%00", "v%00", "1", "%C3%A9", "v1%0A"):
        sent = await api.get(f"/v1/datasets/{dataset}/versions/{name}")
        assert (sent.status_code, sent.json()["code"]) == (404, "not_found"), name


async def test_a_version_rated_by_its_first_rating_has_it(api: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    example = await add(api, dataset, rating=five_stars(5))
    await freeze(api, dataset, filter={"rating_gte": 5, "rated": True})
    await edit(api, example["id"], content=chat("Unrated?"))
    assert await list_examples(api, dataset, as_of="v1") == [example]


async def test_an_export_with_its_fields_imports_back(api: httpx.AsyncClient) -> None:
    first, second = await make_dataset(api, "first"), await make_dataset(api, "second")
    metadata = {"zeta": None, "alpha": {"big": 10**20, "text": 'a "b" \u2028'}}
    named = await add(api, first, "One?", external_id="row-1", tags=["x", 'y"z'], metadata=metadata, split="test")
    plain = await add(api, first, "Two?", split="train")
    exported = await api.get(f"/v1/datasets/{first}/export", params={"include": "fields"})
    rows = [json.loads(line) for line in exported.content.splitlines()]
    assert [row["external_id"] for row in rows] == ["row-1", plain["id"]]
    assert (rows[0]["tags"], rows[0]["split"], rows[0]["metadata"]) == (named["tags"], "test", metadata)
    headers = {"Content-Type": "application/x-ndjson"}
    sent = await api.post(f"/v1/datasets/{second}/imports", content=exported.content, headers=headers)
    assert sent.status_code == 202, sent.text
    import_ = await ok(await api.get(sent.json()["resource"]))
    assert (import_["rows"], import_["bad"]) == (2, 0)
