"""Rows that are in the dataset already: what the file changed is taken over, and every row has its count."""

import json
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.composition import open_ledger
from tests.datasets.example_bodies import (
    Json,
    answer_text,
    chat,
    delete,
    edit,
    events_of,
    list_examples,
    make_dataset,
    ok,
    repair,
)
from tests.datasets.import_files import (
    errors,
    import_file,
    read_import,
    send_file,
    step,
    tables_follow_from_the_log,
    working,
    workspace_of,
)

COUNTS = ("added", "changed", "unchanged", "skipped", "rows_deleted", "restored", "bad")


def row(name: str, answer: str = "An answer.", **more: Any) -> Json:
    return {**chat(f"{name}?", answer), "external_id": name, **more}


def rows(*several: Json) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in several)


async def run(api: httpx.AsyncClient, dataset: str, *several: Json, **query: str) -> dict[str, int]:
    """The counts of an import that are not zero."""
    imported = await import_file(api, dataset, rows(*several), **query)
    assert imported["state"] == "succeeded", imported
    return {name: imported[name] for name in COUNTS if imported[name]}


async def test_what_changed_in_the_file_changes_the_examples(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    bare = chat("No id?")
    async with working(engine):
        first = [row("a"), row("b"), row("c", tags=["x"], rating=3), row("d"), bare]
        assert await run(api, dataset, *first) == {"added": 5}
        assert await run(api, dataset, *first) == {"unchanged": 5}
        changed = [
            row("a", "Corrected."),
            row("b", tags=["gold"], metadata={"k": 1}),
            row("c", "Also corrected.", tags=["x"], rating=3),
            row("d", rating=5),
            {**bare, "tags": ["gold"], "rating": 4},
            row("e"),
        ]
        assert await run(api, dataset, *changed) == {"added": 1, "changed": 5}
        assert await run(api, dataset, *changed) == {"unchanged": 6}
    by_id = {example["external_id"]: example for example in await list_examples(api, dataset)}
    assert [answer_text(by_id[name]) for name in "abc"] == ["Corrected.", "An answer.", "Also corrected."]
    assert (by_id["b"]["tags"], by_id["b"]["metadata"]) == (["gold"], {"k": 1})
    assert [by_id[name]["rating"]["average"] for name in ("c", "d", None)] == [3, 5, 4]
    assert [by_id[name]["version"] for name in ("a", "b", "c", "d", None, "e")] == [2, 2, 3, 2, 3, 1]
    await tables_follow_from_the_log(engine)


async def test_what_people_changed_since_stays_until_the_file_changes(
    api: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    dataset = await make_dataset(api)
    async with working(engine):
        await run(api, dataset, row("a", tags=["x"]), row("b"))
        mended, tagged = await list_examples(api, dataset)
        await repair(api, mended["id"], "Repaired.")
        await edit(api, tagged["id"], tags=["mine"])
        assert await run(api, dataset, row("a", tags=["x"]), row("b")) == {"unchanged": 2}
        assert answer_text((await list_examples(api, dataset))[0]) == "Repaired."
        assert await run(api, dataset, row("a", "New.", tags=["x"]), row("b")) == {"changed": 1, "unchanged": 1}
    after = await list_examples(api, dataset)
    assert (answer_text(after[0]), after[1]["tags"]) == ("New.", ["mine"])


async def test_an_id_twice_in_a_file_is_a_change_of_the_first(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    async with working(engine):
        assert await run(api, dataset, row("k", "first"), row("k", "second"), row("k", "second")) == {
            "added": 1,
            "changed": 2,
        }
    assert [answer_text(example) for example in await list_examples(api, dataset)] == ["second"]
    await tables_follow_from_the_log(engine)


async def test_rows_of_deleted_examples_are_named_or_restored(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    async with working(engine):
        await run(api, dataset, row("a"), chat("No id?"), row("c"))
        ids = [example["id"] for example in await list_examples(api, dataset)]
        for id_ in ids[:2]:
            await delete(api, id_)
        named = await import_file(api, dataset, rows(row("a"), chat("No id?"), row("c")))
        assert (named["rows_deleted"], named["unchanged"], named["duplicates"]) == (2, 1, 3)
        told = await errors(api, named["id"])
        assert [(each["line"], each["errors"][0]["code"]) for each in told] == [(1, "deleted"), (2, "deleted")]
        assert ids[0] in told[0]["errors"][0]["detail"]
        operation = await ok(await api.get(f"/v1/operations/{named['id']}"))
        assert operation["result"]["deleted"] == 2
        back = await run(api, dataset, row("a", "Corrected."), chat("No id?"), row("c"), deleted="restore")
        assert back == {"restored": 2, "unchanged": 1}
    after = await list_examples(api, dataset)
    assert [example["id"] for example in after] == ids
    assert answer_text(after[0]) == "Corrected."
    await tables_follow_from_the_log(engine)


async def test_skip_counts_what_differs_and_fail_adds_nothing(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    async with working(engine):
        await run(api, dataset, row("a"), row("b"))
        skipped = await run(api, dataset, row("a", "New."), row("b"), row("c"), on_existing="skip")
        assert skipped == {"added": 1, "skipped": 1, "unchanged": 1}
        refused = await import_file(api, dataset, rows(row("d"), row("a"), row("e")), on_existing="fail")
        assert (refused["state"], refused["added"], refused["failure"]["code"]) == ("failed", 0, "existing_rows")
        assert "on these lines: 2" in refused["failure"]["detail"]
    names = [example["external_id"] for example in await list_examples(api, dataset)]
    assert names == ["a", "b", "c"]
    assert answer_text((await list_examples(api, dataset))[0]) == "An answer."


@pytest.mark.parametrize("steps", [1, 2, 3])
async def test_a_cancelled_import_sets_back_what_it_changed(
    api: httpx.AsyncClient, engine: AsyncEngine, steps: int
) -> None:
    dataset = await make_dataset(api)
    async with working(engine):
        await run(api, dataset, row("a", rating=3), row("b"), row("c"))
        await delete(api, (await list_examples(api, dataset))[2]["id"])
    before = await list_examples(api, dataset)
    file = rows(row("a", "New.", rating=5), row("b", tags=["x"]), row("c"), row("d"))
    sent = await send_file(api, dataset, file, deleted="restore")
    workspace = await workspace_of(api)
    for _ in range(steps):  # the new row; the first changes; those that follow them
        await step(open_ledger(engine), workspace, sent["id"])
    assert len(await list_examples(api, dataset)) == (3 if steps == 1 else 4)
    await ok(await api.post(f"/v1/operations/{sent['id']}/cancel"))
    async with working(engine):
        for _ in range(20):
            if (await read_import(api, sent["id"]))["state"] == "cancelled":
                break
            await ok(await api.get(f"/v1/operations/{sent['id']}", params={"wait": 5}))
    after = await list_examples(api, dataset)
    same = ("id", "content", "tags", "rating")
    assert [[example[name] for name in same] for example in after] == [
        [example[name] for name in same] for example in before
    ]
    await tables_follow_from_the_log(engine)


async def test_the_events_name_the_import(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    async with working(engine):
        await run(api, dataset, row("a"))
        imported = await import_file(api, dataset, rows(row("a", "New.")))
    [edited] = await events_of(api, types="ExampleEdited")
    assert edited["data"]["import_id"] == imported["id"]
    [compared] = await events_of(api, types="ImportReconciled")
    assert compared["data"] == {"through": 1, "written": 1, "changed": 1}
