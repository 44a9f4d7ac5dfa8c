"""Exports in other formats over HTTP: what they carry, what they say they lose, and that they are kept."""

import csv
import hashlib
import io
import json
import tempfile
from typing import Any

import duckdb
import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.datasets.imports.shapes.recognition import SHAPES
from service.datasets.imports.shapes.row import Row
from service.datasets.imports.shapes.shape_reader import RowReader
from tests.datasets.example_bodies import (
    Json,
    add,
    add_many,
    chat,
    export,
    five_stars,
    freeze,
    list_examples,
    make_dataset,
    ok,
    pointers,
    rate,
    repair,
)
from tests.datasets.import_files import import_file, working
from tests.erasure.erasing import count, erase

PAIR = {"chosen": {"role": "assistant", "content": "Good."}, "rejected": {"role": "assistant", "content": "Bad."}}


def think(question: str) -> Json:
    asked, answer = chat(question)["messages"]
    return {"messages": [asked, {**answer, "reasoning": "I think."}]}


async def furnish(api: httpx.AsyncClient) -> tuple[str, list[Json]]:
    """Three examples: a plain one, one with reasoning, and a preference."""
    dataset = await make_dataset(api)
    preference = {"messages": chat("Three?")["messages"][:1], **PAIR}
    contents = [chat("One?"), think("Two?"), preference]
    fields: list[Json] = [
        {"external_id": "a", "tags": ["x", "y"], "split": "train"},
        {"split": "test"},
        {"split": "test"},
    ]
    examples = await add_many(
        api, dataset, [{"content": content, **more} for content, more in zip(contents, fields, strict=True)]
    )
    await rate(api, examples[0]["id"], 4)
    return dataset, examples


async def get(api: httpx.AsyncClient, dataset: str, headers: Json | None = None, **query: Any) -> httpx.Response:
    return await api.get(f"/v1/datasets/{dataset}/export", params=query, headers=headers)


async def test_a_loss_is_counted_told_and_refused_on_request(api: httpx.AsyncClient) -> None:
    dataset, examples = await furnish(api)
    sent = await get(api, dataset, format="question-answer", include="fields")
    lines = [json.loads(line) for line in sent.content.splitlines()]
    first = {"external_id": "a", "tags": ["x", "y"], "split": "train", "rating": 4}
    assert lines[0] == {"question": "One?", "answer": "An answer.", **first}
    assert [line["answer"] for line in lines] == ["An answer.", "An answer.", "Good."]
    headers = {name: sent.headers[name] for name in ("Export-Losses", "Export-Left-Out", "Erased-Examples")}
    assert headers == {
        "Export-Losses": "reasoning=1, rejected=1",
        "Export-Left-Out": "none",
        "Erased-Examples": "0",
    }
    report = await ok(await api.get(f"/v1/datasets/{dataset}/export/report", params={"format": "trl-preference"}))
    assert (report["rows"], report["losses"]) == (1, {})
    left_out = {"examples": 2, "meaning": "it is no preference", "first": [row["id"] for row in examples[:2]]}
    assert report["left_out"] == {"no_preference": left_out}
    refused = await get(api, dataset, format="vertex", strict=True)
    assert (refused.status_code, pointers(refused)) == (422, [f"/examples/{row['id']}" for row in examples[1:]])
    assert (await get(api, dataset, format="openai-chat", strict=True)).status_code == 200


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"format": "vertex", "include": "fields"}, "?include"),
        ({"format": "alpaca", "include": "history"}, "?include"),
        ({"format": "tuneledger", "reasoning": "drop"}, "?format"),
        ({"format": "xml"}, "?format"),
        ({"system": ""}, "?system"),
    ],
)
async def test_options_that_make_no_sense_are_refused(api: httpx.AsyncClient, query: Json, pointer: str) -> None:
    dataset = await make_dataset(api)
    refused = await get(api, dataset, **query)
    assert (refused.status_code, pointers(refused)) == (400, [pointer])


async def test_reasoning_and_the_system_prompt_go_where_the_options_say(api: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    await add(api, dataset, content=think("Two?"))

    async def messages(**query: Any) -> list[Json]:
        written: list[Json] = json.loads(await export(api, dataset, **query))["messages"]
        return written

    assert [turn["content"] for turn in await messages(reasoning="think")] == [
        "Two?",
        "<think>\nI think.\n</think>\n\nAn answer.",
    ]
    turns = await messages(reasoning="turns", system="Be short.")
    assert [turn["role"] for turn in turns] == ["system", "user", "assistant", "user", "assistant"]
    assert [turns[0]["content"], turns[2]["content"], turns[4]["content"]] == ["Be short.", "I think.", "An answer."]
    assert "reasoning" not in (await messages(reasoning="drop"))[-1]


async def test_a_table_has_a_header_and_its_cells_are_quoted(api: httpx.AsyncClient) -> None:
    dataset = await make_dataset(api)
    await add(api, dataset, content=chat('Say "a,b"\nplease?', "=1+1"), tags=["x", "y"], split="test", external_id="r")
    sent = await get(api, dataset, format="csv")
    assert sent.headers["Content-Type"].startswith("text/csv")
    [row] = list(csv.DictReader(io.StringIO(sent.text, newline="")))
    assert (row["input"], row["output"], row["tags"], row["split"]) == ('Say "a,b"\nplease?', "=1+1", "x;y", "test")


@pytest.mark.parametrize("format_", ["openai-chat", "alpaca", "tuneledger", "csv"])
async def test_the_export_of_a_version_is_kept_with_etag_and_ranges(api: httpx.AsyncClient, format_: str) -> None:
    dataset, _ = await furnish(api)
    await freeze(api, dataset)
    first = await get(api, dataset, version="v1", format=format_)
    again = await get(api, dataset, version="v1", format=format_)
    assert (first.status_code, again.content) == (200, first.content)
    digest = hashlib.sha256(first.content).hexdigest()
    assert (again.headers["ETag"], again.headers["Accept-Ranges"]) == (f'"{digest}"', "bytes")
    assert again.headers["Export-Losses"] == first.headers["Export-Losses"]
    part = await get(api, dataset, {"Range": "bytes=5-9"}, version="v1", format=format_)
    assert (part.status_code, part.content) == (206, first.content[5:10])
    known = await get(api, dataset, {"If-None-Match": f'"{digest}"'}, version="v1", format=format_)
    assert (known.status_code, known.content) == (304, b"")
    [artifact] = (await ok(await api.get("/v1/artifacts", params={"kind": "export", "of": dataset})))["data"]
    assert (artifact["digest"], artifact["bytes"]) == (digest, len(first.content))
    other = await get(api, dataset, version="v1", format=format_, split="test")
    assert other.content != first.content
    tunes_only = (await ok(await api.post("/v1/api-keys", json={"name": "t", "scopes": ["tunes:read"]})))["secret"]
    path = f"/v1/artifacts/{artifact['id']}/content"
    assert (await api.get(path, headers={"Authorization": f"Bearer {tunes_only}"})).status_code == 403


async def test_an_erasure_reaches_kept_exports(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset, examples = await furnish(api)
    await freeze(api, dataset)
    for format_ in ("openai-chat", "alpaca"):
        before = await export(api, dataset, version="v1", format=format_)
        assert b"One?" in before
    kept = (await ok(await api.get("/v1/artifacts", params={"kind": "export"})))["data"]
    receipt = await erase(api, engine, f"/v1/examples/{examples[0]['id']}/erase")
    assert count(receipt, "exports") == len(kept) == 2
    assert (await ok(await api.get("/v1/artifacts", params={"kind": "export"})))["data"] == []
    gone = await api.get(f"/v1/artifacts/{kept[0]['id']}/content")
    assert (gone.status_code, gone.json()["code"]) == (410, "content_gone")
    for _ in range(2):
        sent = await get(api, dataset, version="v1", format="alpaca")
        assert (sent.headers["Erased-Examples"], b"One?" in sent.content) == ("1", False)


async def test_an_answer_and_what_it_replaced_are_a_pair(api: httpx.AsyncClient) -> None:
    dataset, examples = await furnish(api)
    await repair(api, examples[1]["id"], "Better.")
    await freeze(api, dataset)
    for _ in range(2):  # the second time from the artifact
        sent = await get(api, dataset, version="v1", format="openai-preference", pairs="repairs", reasoning="drop")
        [row] = [json.loads(line) for line in sent.content.splitlines()]
        assert [row["input"]["messages"][0]["content"], row["preferred_output"], row["non_preferred_output"]] == [
            "Two?",
            [{"role": "assistant", "content": "Better."}],
            [{"role": "assistant", "content": "An answer."}],
        ]
    assert sent.headers["Export-Left-Out"] == "none"
    refused = await get(api, dataset, format="csv", pairs="repairs")
    assert (refused.status_code, pointers(refused)) == (400, ["?pairs"])


async def test_parquet_has_typed_columns_and_comes_in_again(api: httpx.AsyncClient) -> None:
    dataset, _ = await furnish(api)
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {"a": {}}}}}]
    await add(api, dataset, content=chat("Four?", "2026-01-01") | {"tools": tools}, metadata={"a": {"b": 1.5}})
    await freeze(api, dataset)
    query: Json = {"version": "v1", "container": "parquet", "include": "fields"}
    first, again = [await get(api, dataset, **query) for _ in range(2)]
    assert (first.content[:4], first.content) == (b"PAR1", again.content)
    assert first.headers["Content-Type"] == "application/vnd.apache.parquet"
    [artifact] = (await ok(await api.get("/v1/artifacts", params={"kind": "export"})))["data"]
    assert artifact["digest"] == hashlib.sha256(first.content).hexdigest()
    with duckdb.connect(":memory:") as connection, tempfile.NamedTemporaryFile(suffix=".parquet") as file:
        file.write(first.content)
        file.flush()
        described = connection.execute("describe from read_parquet(?)", [file.name]).fetchall()
        rows = connection.execute("select messages[1].content, rating, split from read_parquet(?)", [file.name])
        assert rows.fetchall()[0] == ("One?", 4, "train")
        texts = connection.execute("select to_json(r)::varchar from read_parquet(?) r", [file.name]).fetchall()
    read = [RowReader(SHAPES["openai-chat"]).read(line, "", text.encode()) for line, (text,) in enumerate(texts, 1)]
    exported = [json.loads(line) for line in (await export(api, dataset, version="v1")).splitlines()]
    assert [json.loads(row.content) for row in read if isinstance(row, Row)] == exported
    types = {name: kind for name, kind, *_ in described}
    assert types["messages"].startswith("STRUCT(")
    assert types["messages"].endswith("[]")
    assert (types["rating"], types["tags"], types["tools"]) == ("BIGINT", "VARCHAR[]", "VARCHAR")
    refused = await get(api, dataset, container="parquet", format="csv")
    assert (refused.status_code, pointers(refused)) == (400, ["?container"])


@pytest.mark.parametrize("format_", ["openai-chat", "kto", "typed-parts"])
async def test_rows_with_fields_go_out_the_same_after_they_came_in_again(
    api: httpx.AsyncClient, engine: AsyncEngine, format_: str
) -> None:
    first, second = await make_dataset(api), await make_dataset(api, "again")
    calls = [
        {"id": f"c{n}", "type": "function", "function": {"name": "area", "arguments": f'{{"r":{n}}}'}} for n in (1, 2)
    ]
    results = [{"role": "tool", "tool_call_id": f"c{n}", "content": f"{n}"} for n in (1, 2)]
    asked = [{"role": "user", "content": "Areas?"}, {"role": "assistant", "tool_calls": calls}, *results]
    content = {"messages": [*asked, {"role": "assistant", "content": "1 and 2."}]}
    example = await add(api, first, content=content, rating=five_stars(4), tags=["a"], metadata={"n": 1})
    rows = await export(api, first, format=format_, include="fields")
    async with working(engine):
        assert (await import_file(api, second, rows))["added"] == 1
    [back] = await list_examples(api, second)
    assert (back["content"]["messages"][2:4], back["metadata"]) == (example["content"]["messages"][2:4], {"n": 1})
    assert await export(api, second, format=format_, include="fields") == rows


async def test_rows_go_out_as_they_came_unless_they_were_changed(api: httpx.AsyncClient, engine: AsyncEngine) -> None:
    dataset = await make_dataset(api)
    rows: list[Json] = [
        {"instruction": "Add them.", "input": {"a": 1, "b": 2.5}, "output": "3.5", "id": 7, "split": "TRAIN"},
        {"instruction": "Greet", "input": "In French.", "output": "Bonjour", "extra": {"x": [1]}},
        {"instruction": "Leave", "input": "", "output": "Bye"},
    ]
    async with working(engine):
        assert (await import_file(api, dataset, json.dumps(rows).encode()))["format"] == "alpaca"
    last = (await list_examples(api, dataset))[-1]
    await repair(api, last["id"], "Goodbye")
    lines = (await export(api, dataset, format="alpaca", include="original")).splitlines()
    assert [json.loads(line) for line in lines] == [*rows[:2], {**rows[2], "output": "Goodbye"}]
    refused = await get(api, dataset, format="alpaca", include="original", system="Be brief.")
    assert (refused.status_code, pointers(refused)) == (400, ["?include"])
