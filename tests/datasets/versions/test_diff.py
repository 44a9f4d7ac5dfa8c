"""What changed between two versions or moments."""

from typing import Any

import httpx
import msgspec
import pytest

from service.datasets.versions import diff as versions_diff
from tests.datasets.example_bodies import (
    Json,
    add,
    add_many,
    chat,
    delete,
    edit,
    freeze,
    head,
    make_dataset,
    ok,
    pages,
    pointers,
    rate,
    repair,
)


async def diff(api: httpx.AsyncClient, dataset_id: str, from_: object, to: object = None, **query: Any) -> Json:
    named = {"from": from_, **({"to": to} if to is not None else {}), **query}
    return await ok(await api.get(f"/v1/datasets/{dataset_id}/compare", params=named))


def row(example_id: str, change: str, changed: list[str], before: Json | None, after: Json | None) -> Json:
    sides = {"before": before and side(before), "after": after and side(after)}
    return {"example_id": example_id, "change": change, "changed": changed, **sides}


async def five(api: httpx.AsyncClient) -> tuple[str, list[Json]]:
    dataset = await make_dataset(api)
    return dataset, await add_many(api, dataset, [{"content": chat(f"Question {n}?")} for n in range(5)])


def side(example: Json) -> Json:
    names = ("version", "content", "metadata", "tags", "repaired", "label", "split")
    shown = {name: example[name] for name in names}
    return {"example_id": example["id"], **shown, "rating": example["rating"]["average"]}


async def test_a_diff_shows_each_change_with_before_and_after(api: httpx.AsyncClient) -> None:
    dataset, examples = await five(api)
    await freeze(api, dataset, "v1")
    edited = await edit(api, examples[0]["id"], content=chat("New?"), tags=["a"], metadata={"b": 1})
    repaired = await repair(api, examples[1]["id"], "Better.")
    rated = await rate(api, examples[2]["id"], 5)
    await delete(api, examples[3]["id"])
    added = await add(api, dataset)
    await freeze(api, dataset, "v2")
    differences = await diff(api, dataset, "v1", "v2", count=True)
    expected = [
        row(examples[0]["id"], "edited", ["content", "metadata", "tags"], examples[0], edited),
        row(examples[1]["id"], "edited", ["content", "repair"], examples[1], repaired),
        row(examples[2]["id"], "edited", ["ratings"], examples[2], rated),
        row(examples[3]["id"], "removed", [], examples[3], None),
        row(added["id"], "added", [], None, added),
    ]
    fields = {"content": 2, "metadata": 1, "tags": 1, "ratings": 1, "repair": 1}
    changes = {"added": 1, "edited": 3, "removed": 1, "fields": fields}
    assert differences == {"data": expected, "next_cursor": None, "changes": changes}
    back = await diff(api, dataset, "v2", "v1", count=True)
    assert back["changes"] == changes
    assert [(each["before"], each["after"]) for each in back["data"]] == [
        (each["after"], each["before"]) for each in expected
    ]
    for only, rows in (("added", [4]), ("removed", [3]), ("edited", [0, 1, 2]), ("ratings", [2]), ("split", [])):
        assert (await diff(api, dataset, "v1", "v2", only=only))["data"] == [expected[n] for n in rows], only


async def test_a_comparison_is_streamed_as_lines(api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions_diff, "PAGE_ROWS", 2)
    dataset, examples = await five(api)
    start = await head(api)
    for example in examples:
        await edit(api, example["id"], tags=["a"])
    path = f"/v1/datasets/{dataset}/compare"
    lines = await api.get(f"{path}/export", params={"from": start})
    assert lines.headers["Content-Type"] == "application/x-ndjson"
    expected = (await diff(api, dataset, start))["data"]
    assert [msgspec.json.decode(line) for line in lines.content.splitlines()] == expected
    assert (await api.get(f"{path}/export", params={"from": start, "only": "added"})).content == b""
    earlier = await ok(await api.get(f"/v1/datasets/{dataset}/diff", params={"from": start}))
    assert earlier["data"] == expected


async def test_what_came_back_to_what_it_was_is_no_difference(api: httpx.AsyncClient) -> None:
    dataset, examples = await five(api)
    start = await head(api)
    await edit(api, examples[0]["id"], tags=["a"])
    await edit(api, examples[0]["id"], tags=[])
    await delete(api, examples[1]["id"])
    await ok(await api.post(f"/v1/examples/{examples[1]['id']}/restore", json={"version": 1}))
    await delete(api, (await add(api, dataset))["id"])
    assert await diff(api, dataset, start, count=True) == {
        "data": [],
        "next_cursor": None,
        "changes": {"added": 0, "edited": 0, "removed": 0, "fields": {}},
    }


async def test_moments_are_named_by_seq_time_or_version(api: httpx.AsyncClient) -> None:
    dataset, examples = await five(api)
    start = await head(api)
    await freeze(api, dataset, "v1")
    await edit(api, examples[0]["id"], tags=["a"])
    expected = (await diff(api, dataset, "v1"))["data"]
    assert [row["example_id"] for row in expected] == [examples[0]["id"]]
    for from_ in (start, examples[-1]["created_at"]):
        assert (await diff(api, dataset, from_))["data"] == expected
        assert (await diff(api, dataset, from_, await head(api)))["data"] == expected
    assert [row["change"] for row in (await diff(api, dataset, 0, "v1"))["data"]] == ["added"] * 5
    assert (await diff(api, dataset, "v1", "v1"))["data"] == []


async def test_a_versions_filter_counts(api: httpx.AsyncClient) -> None:
    dataset, examples = await five(api)
    await rate(api, examples[0]["id"], 5)
    await rate(api, examples[1]["id"], 5)
    await freeze(api, dataset, "good", filter={"rating_gte": 4})
    await rate(api, examples[1]["id"], 2)
    await rate(api, examples[2]["id"], 4)
    await freeze(api, dataset, "better", filter={"rating_gte": 4})
    differences = (await diff(api, dataset, "good", "better"))["data"]
    assert [(row["example_id"], row["change"]) for row in differences] == [
        (examples[1]["id"], "removed"),
        (examples[2]["id"], "added"),
    ]
    whole = (await diff(api, dataset, "good", await head(api)))["data"]
    assert [row["change"] for row in whole] == ["edited", "added", "added", "added"]


async def test_pages_of_a_diff_to_now_show_the_moment_of_the_first(api: httpx.AsyncClient) -> None:
    dataset, examples = await five(api)
    start = await head(api)
    for row in examples:
        await edit(api, row["id"], tags=["a"])
    path = f"/v1/datasets/{dataset}/compare"
    expected = (await diff(api, dataset, start))["data"]
    shown: list[Json] = []
    query: dict[str, Any] = {"from": start, "limit": 2}
    while True:
        page = await ok(await api.get(path, params=query))
        shown += page["data"]
        await edit(api, examples[-1]["id"], tags=[str(len(shown))])
        await add(api, dataset)
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert shown == expected
    again = await pages(api, path, **{"from": start}, to=start + 5, limit=1)
    assert [row for page in again for row in page] == expected


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"from": "v9"}, "?from"),
        ({"from": "0", "to": "v9"}, "?to"),
        ({"from": "v\0"}, "?from"),
        ({"from": "99999999"}, "?from"),
        ({"from": "0", "to": "2999-01-01T00:00:00Z"}, "?to"),
    ],
)
async def test_a_diff_of_what_is_no_moment_is_refused(
    api: httpx.AsyncClient, query: dict[str, str], pointer: str
) -> None:
    dataset, _ = await five(api)
    refused = await api.get(f"/v1/datasets/{dataset}/compare", params=query)
    assert (refused.status_code, pointers(refused)) == (400, [pointer])
