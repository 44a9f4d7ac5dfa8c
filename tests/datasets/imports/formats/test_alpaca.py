"""Alpaca files: translated to chat, kept as they came, and each bad row by its number."""

import json
from pathlib import Path
from typing import Any

import pytest

from service.datasets.examples.chat_content import decode, find_faults
from service.datasets.examples.ratings import Rating, Stars
from service.datasets.imports.containers import Unreadable
from service.datasets.imports.shapes.row import BadRow, Row
from tests.datasets.imports.formats.format_reader import bad, good, read

FILE = Path(__file__).parents[5] / "shared" / "data" / "alpaca_en_demo.json"
ROW = {"instruction": "Add", "input": "1 and 2", "output": "3"}
CONTENT = b'{"messages":[{"role":"user","content":"Add\\n\\n1 and 2"},{"role":"assistant","content":"3"}]}'


def line(**more: Any) -> bytes:
    return json.dumps({**ROW, **more}).encode()


async def test_instruction_and_input_make_the_question_and_output_the_answer() -> None:
    original = b'{"instruction":"Add","input":"1 and 2","output":"3"}'
    pretty = json.dumps([ROW], indent=2).encode()
    assert await read("alpaca", pretty) == [Row(line=1, content=CONTENT, original=original)]
    assert await read("alpaca", b"\n\n", line()) == [Row(line=3, content=CONTENT, original=original)]


@pytest.mark.parametrize(
    ("more", "question"),
    [({"input": ""}, "Add"), ({"input": None}, "Add"), ({"instruction": ""}, "1 and 2"), ({}, "Add\n\n1 and 2")],
)
async def test_only_what_is_there_is_asked(more: dict[str, Any], question: str) -> None:
    (row,) = good(await read("alpaca", line(**more)))
    assert decode(row.content).messages[0].content == question


async def test_system_and_history_come_before_the_question() -> None:
    (row,) = good(await read("alpaca", line(system="Be exact", history=[["Hi", "Hello"], ["Go on", "Yes"]], input="")))
    messages = [(message["role"], message["content"]) for message in json.loads(row.content)["messages"]]
    assert messages == [
        ("system", "Be exact"),
        ("user", "Hi"),
        ("assistant", "Hello"),
        ("user", "Go on"),
        ("assistant", "Yes"),
        ("user", "Add"),
        ("assistant", "3"),
    ]


async def test_what_stands_beside_a_row_is_kept() -> None:
    (row,) = good(await read("alpaca", line(external_id="a", tags=["t"], rating=5, split="train", metadata={"k": 1})))
    assert row.content == CONTENT
    assert (row.external_id, row.tags, row.split) == ("a", ("t",), "train")
    assert row.rating == Rating(overall=Stars(value=5))
    assert row.metadata == b'{"k":1}'


@pytest.mark.parametrize(
    ("data", "pointer", "code"),
    [
        (line(output=None), "/output", "required"),
        (line(output=""), "/output", "empty"),
        (line(instruction="", input=""), "/instruction", "empty"),
        (line(colour="red"), "/colour", "unknown_field"),
        (line(output="a\0"), "/output", "nul_character"),
        (line(history=[["a", "\0"]]), "/history/0/1", "nul_character"),
        (line(history=[["a", "b"], ["c", ""]]), "/history/1/1", "empty"),
        (line(history=[["a"]]), "/history/0", "invalid_value"),
        (line(output="\udcff"), "/output", "lone_surrogate"),
        (line(rating=6), "/rating", "invalid_value"),
        (b'{"instruction":"a"}', "/output", "required"),
        (b"7", "", "wrong_type"),
        (b"null", "", "wrong_type"),
        (b"nope", "", "malformed"),
        (b"", "", "malformed"),
        (b'{"instruction":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "", "too_deep"),
    ],
)
async def test_a_bad_element_is_told_by_its_number_and_pointer(data: bytes, pointer: str, code: str) -> None:
    rows = await read("alpaca", b"[" + line() + b"," + data + b",\n" + line() + b"]")
    assert [row.line for row in good(rows)] == [1, 3]
    assert bad(rows) == [(2, f"/1{pointer}", code)]


async def test_an_element_above_the_limit_is_dropped_and_counted() -> None:
    rows = await read("alpaca", b"[" + line(output="x" * 500) + b"," + line() + b"]", limit=100, block=11)
    assert [row.line for row in good(rows)] == [2]
    assert bad(rows) == [(1, "/0", "line_too_long")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"[", "truncated"),
        (b"[" + line(), "truncated"),
        (b"[" + line() + b",", "truncated"),
        (b"[" + line()[:-9], "truncated"),
        (b'[{"output": "\\', "truncated"),
        (b"[" + line() + b"] []", "malformed"),
        (b"[" + line() + b"}", "malformed"),
        (b"[]", "empty_file"),
        (b"", "empty_file"),
    ],
)
async def test_an_array_that_is_broken_as_a_whole_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        await read("alpaca", data)
    assert [fault.code for fault in refusal.value.errors] == [code]


async def test_rows_before_the_cut_are_given_before_the_refusal() -> None:
    rows: list[Row | BadRow] = []
    with pytest.raises(Unreadable, match="ends in row 3"):
        await read("alpaca", b"[" + line() + b"," + line() + b"," + line()[:20], into=rows)
    assert [row.line for row in good(rows)] == [1, 2]


async def test_a_comma_too_many_is_a_row_that_is_nothing() -> None:
    rows = await read("alpaca", b"[" + line() + b",]")
    assert bad(rows) == [(2, "/1", "malformed")]


async def test_a_file_that_is_no_array_is_read_line_by_line() -> None:
    rows = await read("alpaca", b'"text"\n' + line() + b"\n" + line()[:-1])
    assert [row.line for row in good(rows)] == [2]
    assert bad(rows) == [(1, "", "wrong_type"), (3, "", "truncated")]


async def test_brackets_and_quotes_inside_strings_end_nothing() -> None:
    tricky = 'a]}["\\"],[{\\'
    data = json.dumps([{**ROW, "output": tricky}, {**ROW, "instruction": tricky}]).encode()
    for block in range(3, 40):
        first, second = good(await read("alpaca", data, block=block))
        assert json.loads(first.original or b"")["output"] == tricky
        assert json.loads(second.original or b"")["instruction"] == tricky


@pytest.mark.skipif(not FILE.exists(), reason="the real files stand beside the checkout, and are not there")
async def test_every_row_of_a_real_file_is_read_and_can_be_given_back() -> None:
    data = FILE.read_bytes()
    rows = good(await read("alpaca", data))
    assert len(rows) == 999
    assert [json.loads(row.original or b"") for row in rows] == json.loads(data)
    assert [fault for row in rows for fault in find_faults(decode(row.content))] == []
