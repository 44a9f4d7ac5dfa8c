"""Imports end to end: sent over HTTP, added by a worker."""

import hashlib
import json
from pathlib import Path

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.datasets.example_bodies import (
    OUTPUT_SCHEMA,
    add,
    answer_text,
    chat,
    delete,
    edit,
    events_of,
    export,
    list_examples,
    make_dataset,
    make_task,
    ok,
    pages,
)
from tests.datasets.import_files import (
    chat_line,
    chat_lines,
    ended,
    errors,
    import_file,
    nothing_left_over,
    post_file,
    read_import,
    send_file,
    tables_follow_from_the_log,
    working,
)

DATA = Path(__file__).parents[4] / "shared" / "data"


async def test_a_file_is_added_in_its_order(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    file = chat_lines(range(20))
    sent = await send_file(api, dataset, file, name="twenty.jsonl")
    assert (sent["kind"], sent["state"], sent["resource"]) == ("import", "running", f"/v1/imports/{sent['id']}")
    assert sent["progress"] == {"done": 0, "total": 20, "unit": "rows"}
    assert await list_examples(api, dataset) == []
    async with working(engine):
        operation = await ended(api, sent["id"])
        await nothing_left_over(engine)
    assert operation["state"] == "succeeded"
    nothing = dict.fromkeys(("duplicates", "changed", "unchanged", "skipped", "deleted", "restored", "bad"), 0)
    assert operation["result"] == {"format": "openai-chat", "rows": 20, "added": 20, **nothing}
    assert operation["progress"] == {"done": 20, "total": 20, "unit": "rows"}
    examples = await list_examples(api, dataset)
    assert [row["content"] for row in examples] == [json.loads(line) for line in file.splitlines()]
    assert [row["source"] for row in examples] == [
        {"type": "import", "import_id": sent["id"], "format": "openai-chat", "line": line} for line in range(1, 21)
    ]
    compact = [json.dumps(json.loads(line), separators=(",", ":")).encode() for line in file.splitlines()]
    assert (await export(api, dataset)).splitlines() == compact
    await tables_follow_from_the_log(engine)


async def test_an_import_tells_what_it_was(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    file = chat_lines(range(3)) + b"{}\n" + chat_lines([1])
    async with working(engine):
        first = await import_file(api, dataset, file, on_error="skip", name="a.jsonl")
        second = await import_file(api, dataset, b"nonsense")
    assert first == {
        "id": first["id"],
        "dataset_id": dataset,
        "format": "openai-chat",
        "on_error": "skip",
        "on_existing": "update",
        "deleted": "skip",
        "extra": "metadata",
        "map": None,
        "name": "a.jsonl",
        "state": "succeeded",
        "rows": 4,
        "bad": 1,
        "bytes": len(file),
        "added": 3,
        "duplicates": 1,
        "changed": 0,
        "unchanged": 1,
        "skipped": 0,
        "rows_deleted": 0,
        "restored": 0,
        "losses": {},
        "failure": None,
        "created_at": first["created_at"],
        "created_by": first["created_by"],
        "updated_at": first["updated_at"],
        "sha256": hashlib.sha256(file).hexdigest(),
        "source": None,
    }
    assert (second["state"], second["bad"], second["added"]) == ("failed", 0, 0)
    rows = await pages(api, f"/v1/datasets/{dataset}/imports", limit=1)
    assert rows == [[second], [first]]


async def test_one_bad_row_and_nothing_is_added(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    file = chat_lines(range(5)) + b'{"messages": []}\n' + chat_lines(range(5, 9))
    sent = await send_file(api, dataset, file)
    assert (sent["state"], sent["error"]["code"], sent["result"]) == ("failed", "bad_rows", None)
    import_ = await read_import(api, sent["id"])
    assert (import_["state"], import_["failure"]["code"], import_["bad"], import_["added"]) == (
        "failed",
        "bad_rows",
        1,
        0,
    )
    [error] = await errors(api, sent["id"])
    assert error["line"] == 6
    assert {fault["pointer"] for fault in error["errors"]} == {"/messages"}
    async with working(engine):
        await nothing_left_over(engine)
    assert await list_examples(api, dataset) == []
    assert await events_of(api, types="ExampleAdded") == []


async def test_bad_rows_are_skipped_and_listed_with_their_lines(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    lines = [chat_line(f"Question {n}?") if n % 2 else b'{"messages": 5}\n' for n in range(1, 1_301)]
    async with working(engine):
        import_ = await import_file(api, dataset, b"".join(lines), on_error="skip")
    assert (import_["state"], import_["rows"], import_["bad"], import_["added"]) == ("succeeded", 650, 650, 650)
    assert [row["source"]["line"] for row in await list_examples(api, dataset)] == list(range(1, 1_301, 2))
    for limit in (1_000, 300, 499, 500, 501):
        several = await pages(api, f"/v1/imports/{import_['id']}/errors", limit=limit)
        assert [row["line"] for page in several for row in page] == list(range(2, 1_301, 2))
    assert {row["errors"][0]["pointer"] for row in several[0]} == {"/messages"}


async def test_the_same_file_twice_adds_nothing(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    file = chat_lines(range(10)) + chat_line("Named?", external_id="x")
    async with working(engine):
        await import_file(api, dataset, file)
        before = await list_examples(api, dataset)
        await edit(api, before[0]["id"], content=chat("Edited?"))
        await delete(api, before[1]["id"])
        again = await import_file(api, dataset, file)
        assert (again["state"], again["added"], again["duplicates"]) == ("succeeded", 0, 11)
        more = await import_file(api, dataset, chat_lines(range(5, 15)) + chat_line("Renamed?", external_id="x"))
        assert (more["added"], more["changed"], more["duplicates"]) == (5, 1, 5)
        await nothing_left_over(engine)
    assert len(await list_examples(api, dataset)) == 15
    await tables_follow_from_the_log(engine)


async def test_a_row_twice_in_a_file_is_added_once(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    there = await add(api, dataset, external_id="taken")
    file = b"".join(
        [
            chat_line("Same?"),
            chat_line("Same?"),
            chat_line("Named once?", external_id="a"),
            chat_line("Named twice?", external_id="a"),
            chat_line("Same?", external_id="b"),
            chat_line("Taken?", external_id="taken"),
        ]
    )
    async with working(engine):
        import_ = await import_file(api, dataset, file, on_existing="skip")
    assert (import_["added"], import_["duplicates"]) == (3, 3)
    rows = await list_examples(api, dataset)
    assert [(row["external_id"], row["source"].get("line")) for row in rows] == [
        ("taken", None), (None, 1), ("a", 3), ("b", 5),
    ]  # fmt: skip
    assert rows[0] == there


async def test_a_row_brings_what_it_says_beside_its_content(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    line = chat_line("?", external_id="x", tags=["a", "b", "a"], rating=4, split="test", metadata={"page": 7})
    async with working(engine):
        await import_file(api, dataset, line + chat_line("Plain?"), split="validation")
    full, plain = await list_examples(api, dataset)
    assert (full["external_id"], full["tags"], full["split"], full["metadata"]) == (
        "x",
        ["a", "b"],
        "test",
        {"page": 7},
    )
    assert full["rating"] == {
        "average": 4.0,
        "raters": {full["created_by"]: {"overall": {"type": "stars", "value": 4}}},
    }
    assert (plain["external_id"], plain["tags"], plain["split"], plain["rating"]["average"]) == (
        None, [], "validation", None,
    )  # fmt: skip


async def test_rows_are_split_by_the_datasets_policy(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api, split_policy={"train": 0, "validation": 1, "test": 0})
    async with working(engine):
        await import_file(api, dataset, chat_lines(range(5)))
    assert {row["split"] for row in await list_examples(api, dataset)} == {"validation"}


async def test_outputs_are_held_to_the_schema(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    task = await make_task(api, output_schema=OUTPUT_SCHEMA)
    dataset = await make_dataset(api, task_id=task["id"])
    outputs = ['{"title":"T"}', '{"stars":"x"}']
    file = b"\n".join(json.dumps(chat("?", output)).encode() for output in outputs)
    async with working(engine):
        refused = await import_file(api, dataset, file)
        assert refused["state"] == "failed"
        [error] = await errors(api, refused["id"])
        assert error["line"] == 2
        assert sorted(fault["pointer"] for fault in error["errors"]) == ["/output/stars", "/output/title"]
        marked = await import_file(api, dataset, file, on_invalid="mark")
    assert (marked["state"], marked["added"]) == ("succeeded", 2)
    assert [row["valid"] for row in await list_examples(api, dataset)] == [True, False]


async def test_csv_brings_system_tags_and_rating(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    file = b'input,output,system,tags,rating\r\n"Line 1\nline 2","Say ""hi""",Be kind.,a; b|c,5\r\nPlain,Answer,,,\r\n'
    async with working(engine):
        import_ = await import_file(api, dataset, file, format="csv")
    assert (import_["rows"], import_["added"]) == (2, 2)
    first, second = await list_examples(api, dataset)
    assert [message["content"] for message in first["content"]["messages"]] == [
        "Be kind.", "Line 1\nline 2", 'Say "hi"',
    ]  # fmt: skip
    assert (first["tags"], first["rating"]["average"]) == (["a", "b", "c"], 5.0)
    assert (second["tags"], second["rating"]["average"], len(second["content"]["messages"])) == ([], None, 2)
    assert [first["source"]["line"], second["source"]["line"]] == [2, 4]


@pytest.mark.skipif(not DATA.exists(), reason="the files of others are not here")
async def test_a_real_file_is_taken_and_taken_once(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    file = (DATA / "alpaca_en_demo.json").read_bytes()
    async with working(engine):
        first = await import_file(api, dataset, file, format="alpaca")
        again = await import_file(api, dataset, file, format="alpaca")
    assert (first["state"], first["rows"], first["bad"]) == ("succeeded", 999, 0)
    assert first["added"] + first["duplicates"] == 999
    assert (again["added"], again["duplicates"]) == (0, 999)
    examples = await list_examples(api, dataset)
    assert len(examples) == first["added"]
    assert answer_text(examples[0]) == json.loads(file)[0]["output"]


async def test_a_repeated_request_with_a_key_sends_one_file(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    headers = {"Idempotency-Key": "k", "Content-Type": "application/x-ndjson"}
    path, file = f"/v1/datasets/{dataset}/imports", chat_lines(range(3))
    first, again = [await api.post(path, content=file, headers=headers) for _ in range(2)]
    assert (again.status_code, again.content) == (202, first.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len((await ok(await api.get(path)))["data"]) == 1


async def test_an_import_is_its_workspaces_own(api: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    sent = await send_file(api, dataset, chat_lines(range(3)))
    assert (await post_file(stranger, dataset, chat_lines(range(3)))).status_code == 404
    for path in ("", "/errors"):
        assert (await stranger.get(f"/v1/imports/{sent['id']}{path}")).status_code == 404
    assert (await stranger.post(f"/v1/operations/{sent['id']}/cancel")).status_code == 404
    assert (await stranger.get(f"/v1/operations/{sent['id']}")).status_code == 404


async def test_the_row_that_an_example_came_from_is_read(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    async with working(engine):
        await import_file(api, dataset, b'input;output;tags\n"a";b;x|y\n', format="csv")
        await import_file(api, dataset, chat_line("As it is?"))
    table, line = await list_examples(api, dataset)
    await edit(api, line["id"], content=chat("Other?"))
    original = await api.get(f"/v1/examples/{table['id']}/original")
    assert original.json()["row"] == {"input": "a", "output": "b", "tags": "x|y"}
    bare = (await ok(await api.get(f"/v1/examples/{line['id']}/original")))["row"]
    assert bare["messages"] == chat("As it is?")["messages"]
