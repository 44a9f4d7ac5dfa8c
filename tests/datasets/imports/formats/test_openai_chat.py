"""Chat JSONL: canonical rows with what stands beside them, and each bad line by its number."""

import json
from typing import Any

import pytest

from service.datasets.examples.chat_content import MAX_DEPTH
from service.datasets.examples.ratings import Rating, Stars
from service.datasets.imports.containers import MAX_ROW_BYTES, Unreadable
from service.datasets.imports.shapes.row import Row
from tests.datasets.imports.formats.format_reader import bad, good, read

LINE = b'{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}'


def line(**beside: Any) -> bytes:
    return json.dumps({**json.loads(LINE), **beside}).encode()


async def test_a_row_is_stored_as_the_bytes_that_will_be_exported() -> None:
    spaced = b' {"messages": [{"content": "a", "role": "user"}, {"role": "assistant", "content": "b"}] } '
    (row,) = await read("openai-chat", spaced, b"\n")
    assert row == Row(line=1, content=LINE)


async def test_what_stands_beside_the_messages_is_kept_out_of_the_content() -> None:
    beside = line(external_id="x-1", tags=["b", "a", "b"], rating=4, split="test", metadata={"z": 1, "a": [None]})
    (row,) = await read("openai-chat", beside)
    assert row == Row(
        line=1,
        content=LINE,
        external_id="x-1",
        tags=("b", "a"),
        rating=Rating(overall=Stars(value=4)),
        split="test",
        metadata=b'{"z":1,"a":[null]}',
    )


async def test_tools_and_parallel_tool_calls_belong_to_the_content() -> None:
    tools = [{"type": "function", "function": {"name": "w", "parameters": {"type": "object"}}}]
    (row,) = good(await read("openai-chat", line(tools=tools, parallel_tool_calls=False)))
    assert json.loads(row.content) == {**json.loads(LINE), "tools": tools, "parallel_tool_calls": False}


async def test_an_exported_file_read_again_gives_the_same_rows() -> None:
    first = good(await read("openai-chat", LINE, b"\n", line(tags=["t"], tools=[]), b"\n", LINE))
    again = good(await read("openai-chat", b"".join(row.content + b"\n" for row in first)))
    assert [row.content for row in again] == [row.content for row in first] == [LINE] * 3


async def test_a_byte_order_mark_crlf_and_blank_lines_are_passed_over_but_counted() -> None:
    rows = good(await read("openai-chat", b"\xef\xbb\xbf\r\n" + LINE + b"\r\n \t\r\n\r\n" + LINE + b"\r\n"))
    assert [(row.line, row.content) for row in rows] == [(2, LINE), (5, LINE)]


async def test_an_array_of_the_same_objects_is_taken_too() -> None:
    rows = await read("openai-chat", b"[" + LINE + b",\n" + line(rating=9) + b",\n" + LINE + b"]")
    assert [row.line for row in good(rows)] == [1, 3]
    assert bad(rows) == [(2, "/1/rating", "invalid_value")]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"nonsense", ("", "malformed")),
        (b"5", ("", "wrong_type")),
        (b'"text"', ("", "wrong_type")),
        (b"null", ("", "wrong_type")),
        (b'{"messages":null}', ("/messages", "required")),
        (line(colour="red"), ("/colour", "unknown_field")),
        (line(rating=0), ("/rating", "invalid_value")),
        (line(rating=4.5), ("/rating", "invalid_value")),
        (line(rating=True), ("/rating", "wrong_type")),
        (line(split="later"), ("/split", "invalid_value")),
        (line(tags=5), ("/tags", "wrong_type")),
        (line(tags=["ok", ""]), ("/tags/1", "invalid_value")),
        (line(external_id="x" * 201), ("/external_id", "invalid_value")),
        (line(metadata=[1]), ("/metadata", "wrong_type")),
        (line(external_id="a\0"), ("/external_id", "nul_character")),
        (line(tags=["ok", "\0"]), ("/tags/1", "nul_character")),
        (line(metadata={"a": ["\0"]}), ("/metadata/a/0", "nul_character")),
        (line(metadata={"a": "\ud800"}), ("/metadata/a", "lone_surrogate")),
        (LINE.replace(b'"a"', b'"\\u0000"'), ("/messages/0/content", "nul_character")),
        (LINE.replace(b'"a"', b'"\\ud800"'), ("/messages/0/content", "lone_surrogate")),
        (LINE.replace(b'"a"', b'"\\ud83dx"'), ("/messages/0/content", "lone_surrogate")),
        (LINE.replace(b'"a"', b'"tab\there"'), ("", "malformed")),
        (LINE.replace(b"assistant", b"user"), ("/messages/1/role", "no_answer")),
        (LINE.replace(b'"b"', b"null"), ("/messages/1/content", "empty")),
        (LINE + b" x", ("", "malformed")),
    ],
)
async def test_a_bad_line_is_told_apart_from_its_good_neighbours(data: bytes, expected: tuple[str, str]) -> None:
    rows = await read("openai-chat", LINE + b"\n" + data + b"\n" + LINE + b"\n")
    assert [row.line for row in good(rows)] == [1, 3]
    assert bad(rows) == [(2, *expected)]


async def test_nesting_of_any_depth_is_a_fault_of_its_line() -> None:
    def deep(depth: int) -> bytes:
        return LINE[:-1] + b',"metadata":' + b'{"a":' * depth + b"1" + b"}" * depth + b"}\n"

    rows = await read("openai-chat", deep(MAX_DEPTH), deep(MAX_DEPTH + 1), deep(1_000), deep(200_000), LINE)
    assert [row.line for row in good(rows)] == [1, 5]
    # Beyond the stack of the parser the place is not known any more.
    assert bad(rows) == [(2, "/metadata", "too_deep"), (3, "", "too_deep"), (4, "", "too_deep")]


async def test_all_faults_of_a_line_are_told() -> None:
    two = {"messages": [{"role": "tool", "content": "x", "tool_call_id": "?"}], "tags": ["\0"]}
    rows = await read("openai-chat", json.dumps(two).encode())
    assert bad(rows) == [
        (1, "/messages/0/role", "no_answer"),
        (1, "/messages/0/tool_call_id", "unknown_call"),
        (1, "/tags/0", "nul_character"),
    ]


@pytest.mark.parametrize("cut", range(1, len(LINE) - 1))
async def test_a_file_cut_in_its_last_line_says_truncated(cut: int) -> None:
    rows = await read("openai-chat", LINE + b"\n" + LINE[:cut])
    assert [row.line for row in good(rows)] == [1]
    assert bad(rows) == [(2, "", "truncated")]


async def test_a_file_cut_inside_a_character_says_truncated() -> None:
    rows = await read("openai-chat", LINE + b"\n" + b'{"messages":[{"role":"user","content":"\xe2\x82')
    assert bad(rows) == [(2, "", "truncated")]


async def test_a_whole_last_line_needs_no_newline_and_a_wrong_one_is_not_called_cut() -> None:
    assert len(good(await read("openai-chat", LINE + b"\n" + LINE))) == 2
    assert bad(await read("openai-chat", LINE + b"\nnonsense")) == [(2, "", "malformed")]
    assert bad(await read("openai-chat", b'{"messages":"\\ud800"}')) == [(1, "/messages", "lone_surrogate")]


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\n\r\n  \t", b"[]", b" [ ] \n"])
async def test_a_file_without_rows_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable) as refusal:
        await read("openai-chat", data)
    assert [fault.code for fault in refusal.value.errors] == ["empty_file"]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
async def test_a_row_that_is_not_utf8_among_others_is_the_one_at_fault(mark: bytes) -> None:
    line = LINE.replace(b'"a"', '"é"'.encode())
    rows = await read("openai-chat", mark + line + b"\n" + LINE.replace(b'"a"', b'"\xff"') + b"\n" + line, block=7)
    assert [row.line for row in good(rows)] == [1, 3]
    assert bad(rows) == [(2, "", "not_utf8")]
    rows = await read("csv", mark + 'input,output\né,b\n"'.encode() + b'\xff\n",c\nd,e', block=7)
    assert ([row.line for row in good(rows)], bad(rows)) == ([2, 5], [(3, "", "not_utf8")])


@pytest.mark.parametrize("block", [3, 100, 1_000, 100_000])
@pytest.mark.parametrize("size", [99, 5_000])
async def test_a_line_above_the_limit_is_dropped_and_counted(block: int, size: int) -> None:
    long = b'{"messages":"' + b"x" * size + b'"}'
    rows = await read("openai-chat", LINE + b"\n" + long + b"\n" + LINE + b"\n" + long, limit=100, block=block)
    assert [row.line for row in good(rows)] == [1, 3]
    assert bad(rows) == [(2, "", "line_too_long"), (4, "", "line_too_long")]


async def test_a_line_of_exactly_the_limit_is_taken() -> None:
    assert len(good(await read("openai-chat", LINE + b"\n", limit=len(LINE)))) == 1
    assert bad(await read("openai-chat", LINE + b"\n", limit=len(LINE) - 1)) == [(1, "", "line_too_long")]


def test_the_limit_is_sixteen_mebibytes() -> None:
    assert MAX_ROW_BYTES == 16 * 2**20
