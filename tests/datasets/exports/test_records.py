"""`format=tuneledger`: what goes out comes in again equal, with its identity."""

import json
from typing import Any

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.datasets.example_bodies import (
    Json,
    add,
    add_many,
    chat,
    delete,
    edit,
    export,
    five_stars,
    freeze,
    list_examples,
    make_dataset,
    rate,
    repair,
)
from tests.datasets.import_files import errors, import_file, tables_follow_from_the_log, working

LABEL = {"answers": {"topic": ["sports"]}, "rule": "majority"}
VOTES = [
    {"annotator": "ann", "answers": {"topic": ["sports"]}},
    {"annotator": "m", "kind": "model", "answers": {}},
]
IDENTITY = (
    "id",
    "external_id",
    "content",
    "tags",
    "split",
    "rating",
    "label",
    "votes",
    "metadata",
    "repaired",
    "repair",
)


async def furnish(api: httpx.AsyncClient, engine: AsyncEngine) -> str:
    """A dataset with everything that an example can have."""
    dataset = await make_dataset(api)
    metadata = {"zeta": None, "big": 10**20, "text": 'a "b" \u2028'}
    named = await add(api, dataset, "One?", external_id="row-1", tags=["x", 'y"z'], metadata=metadata, split="test")
    same, again = await add_many(api, dataset, [{"content": chat("Two?")}] * 2)
    mended = await add(api, dataset, "Three?", source={"type": "synthetic", "name": "a tool"})
    await repair(api, mended["id"], "Repaired.")
    for example in (named, mended):
        await rate(api, example["id"], 4)
    await edit(api, same["id"], tags=["edited"])
    await delete(api, (await add(api, dataset, "Gone?"))["id"])
    labelled = {"content": chat("Four?"), "label": LABEL, "votes": VOTES, "ratings": {"ann": five_stars(2)}}
    alpaca = [{"instruction": "Five?", "output": "An answer.", "tags": ["alpaca"]}]
    async with working(engine):
        for format_, rows in (("tuneledger", [labelled]), ("alpaca", alpaca)):
            imported = await import_file(api, dataset, json.dumps(rows).encode(), format=format_)
            assert (imported["added"], imported["bad"]) == (1, 0)
    assert again["id"] != same["id"]
    return dataset


async def take_over(api: httpx.AsyncClient, engine: AsyncEngine, dataset: str, file: bytes) -> Json:
    async with working(engine):
        imported = await import_file(api, dataset, file, format="tuneledger")
    assert (imported["state"], imported["bad"]) == ("succeeded", 0), await errors(api, imported["id"])
    return imported


def pick(examples: list[Json]) -> list[dict[str, Any]]:
    return [{name: example[name] for name in IDENTITY} for example in examples]


async def test_what_goes_out_comes_in_again_equal_into_an_empty_workspace(
    api: httpx.AsyncClient, stranger: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    dataset = await furnish(api, engine)
    await freeze(api, dataset)
    file = await export(api, dataset, version="v1", format="tuneledger")
    copy = await make_dataset(stranger)
    assert (await take_over(stranger, engine, copy, file))["added"] == 6
    assert pick(await list_examples(stranger, copy)) == pick(await list_examples(api, dataset))
    assert await export(stranger, copy, format="tuneledger") == file
    assert [row["original"] for row in map(json.loads, file.splitlines()) if row["source"].get("format") == "alpaca"]
    mine, theirs = [await list_examples(each, id_) for each, id_ in ((api, dataset), (stranger, copy))]
    assert [row["source"]["type"] for row in theirs] == [row["source"]["type"] for row in mine]
    again = await take_over(stranger, engine, copy, file)
    assert (again["added"], again["duplicates"]) == (0, 6)
    await tables_follow_from_the_log(engine)
    await edit(stranger, theirs[1]["id"], tags=["mine"])  # the imported state folds from its event
    await rate(stranger, theirs[0]["id"], 1)
    await tables_follow_from_the_log(engine)


async def test_in_its_own_workspace_another_dataset_gets_new_ids(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await furnish(api, engine)
    copy = await make_dataset(api, "copy")
    file = await export(api, dataset, format="tuneledger")
    imported = await take_over(api, engine, copy, file)
    assert (imported["added"], imported["duplicates"]) == (5, 1)  # one text twice, without an id to tell them apart
    before, after = [{row["id"] for row in await list_examples(api, id_)} for id_ in (dataset, copy)]
    assert not before & after
    origins = {row["source"]["origin"]["id"] for row in await list_examples(api, copy)}
    assert origins <= before


async def test_history_goes_out_on_request(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    example = await add(api, dataset)
    await repair(api, example["id"], "Better.")
    [line] = (await export(api, dataset, format="tuneledger", include="history")).splitlines()
    row = json.loads(line)
    assert [event["type"] for event in row["history"]] == ["ExampleAdded", "ExampleRepaired"]
    first, second = [row["texts"][event["data"]["content"]] for event in row["history"]]
    assert (first, second) == (example["content"], row["content"])
    copy = await make_dataset(api, "copy")
    await take_over(api, engine, copy, line)


async def test_rows_that_cannot_be_taken_name_the_place(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    id_ = "01890000-0000-7000-8000-000000000001"
    rows: list[Json] = [
        {"id": id_, "content": chat("One?")},
        {"id": id_, "content": chat("Two?")},
        {"content": chat("Three?"), "ratings": {"ann": {}}},
        {"content": chat("Four?"), "repair": {"replaced": {"messages": []}}},
        {"content": chat("Five?"), "votes": [{"annotator": "x" * 70_000, "answers": {}}]},
        {"content": chat("Six?"), "label": {**LABEL, "answers": {"a\0": []}}},
        {"content": chat("Seven?"), "stars": 5},
    ]
    file = b"\n".join(json.dumps(row).encode() for row in rows)
    async with working(engine):
        imported = await import_file(api, dataset, file, format="tuneledger", on_error="skip")
    assert (imported["added"], imported["bad"]) == (1, 6)
    found = [(each["line"], each["errors"][0].get("pointer", "")) for each in await errors(api, imported["id"])]
    assert found == [
        (2, "/id"),
        (3, "/ratings"),
        (4, "/repair/replaced/messages"),
        (5, ""),
        (6, "/label/answers/a\ufffd"),
        (7, "/stars"),
    ]
