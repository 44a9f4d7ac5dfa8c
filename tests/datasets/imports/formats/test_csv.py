"""CSV files: columns by name, records over several lines, and quotes that never close."""

import json

import pytest

from service.datasets.examples.ratings import Rating, Stars
from service.datasets.imports.containers import Unreadable
from service.datasets.imports.shapes.row import Row
from tests.datasets.imports.formats.format_reader import bad, good, read

HEADER = b"input,output,system,tags,rating,external_id\n"


async def refused(data: bytes) -> list[tuple[str, int | None]]:
    with pytest.raises(Unreadable) as refusal:
        await read("csv", data)
    return [(fault.code, fault.line) for fault in refusal.value.errors]


async def test_a_row_becomes_a_conversation_with_what_stands_beside_it() -> None:
    (row,) = await read("csv", HEADER, b"a,b,s,x; y|x,4,e-1\n")
    assert row == Row(
        line=2,
        content=b'{"messages":[{"role":"system","content":"s"},{"role":"user","content":"a"},'
        b'{"role":"assistant","content":"b"}]}',
        original=b'{"input":"a","output":"b","system":"s","tags":"x; y|x","rating":"4","external_id":"e-1"}',
        tags=("x", "y"),
        rating=Rating(overall=Stars(value=4)),
        external_id="e-1",
    )


async def test_columns_stand_in_any_order_and_only_two_are_needed() -> None:
    (row,) = good(await read("csv", b"\xef\xbb\xbf output ,input\r\nb,a\r\n"))
    assert [message["content"] for message in json.loads(row.content)["messages"]] == ["a", "b"]
    assert (row.tags, row.rating, row.external_id) == ((), None, None)


async def test_empty_cells_say_nothing() -> None:
    (row,) = good(await read("csv", HEADER, b"a,b,,,,\n"))
    assert len(json.loads(row.content)["messages"]) == 2
    assert (row.tags, row.rating, row.external_id) == ((), None, None)


async def test_a_quoted_cell_keeps_its_lines_commas_and_quotes_and_lines_are_counted_on() -> None:
    rows = good(await read("csv", b'input,output\n"a\r\n""b"", c",d\n\n\ne,"f\n\ng"\nh,i'))
    contents = [tuple(message["content"] for message in json.loads(row.content)["messages"]) for row in rows]
    assert contents == [('a\r\n"b", c', "d"), ("e", "f\n\ng"), ("h", "i")]
    assert [row.line for row in rows] == [2, 6, 9]


async def test_a_quote_inside_a_bare_cell_is_a_character() -> None:
    rows = good(await read("csv", b'input,output\n5" pipe,ok\nc,d\n'))
    assert [json.loads(row.content)["messages"][0]["content"] for row in rows] == ['5" pipe', "c"]


async def test_a_cell_may_be_larger_than_the_csv_module_likes() -> None:
    (row,) = good(await read("csv", b'input,output\n"' + b"x\n" * 200_000 + b'",b\n', block=100_000))
    assert len(json.loads(row.content)["messages"][0]["content"]) == 400_000


@pytest.mark.parametrize(
    ("data", "pointer", "code"),
    [
        (b"a,b,s", "", "ragged_row"),
        (b"a,b,s,t,1,e,more", "", "ragged_row"),
        (b",b,,,,", "/input", "empty"),
        (b"a,,,,,", "/output", "empty"),
        (b"a,b,,,6,", "/rating", "invalid_value"),
        (b"a,b,,,good,", "/rating", "invalid_value"),
        (b"a,b,,,4.5,", "/rating", "invalid_value"),
        (b"a,b,,ok;" + b"x" * 101 + b",,", "/tags/1", "invalid_value"),
        (b"a,b,,,," + b"x" * 201, "/external_id", "invalid_value"),
        (b"a,b\0,,,,", "/output", "nul_character"),
        (b"a\rb,b,,,,", "", "broken_quote"),
        (b'"a"x,b,,,,', "", "broken_quote"),
    ],
)
async def test_a_bad_row_is_told_apart_from_its_good_neighbours(data: bytes, pointer: str, code: str) -> None:
    rows = await read("csv", HEADER, b"a,b,,,,\n", data, b"\na,b,,,,\n")
    assert [row.line for row in good(rows)] == [2, 4]
    assert bad(rows) == [(3, pointer, code)]


async def test_all_faults_of_a_row_are_told() -> None:
    rows = await read("csv", HEADER, b",,,,9," + b"x" * 201)
    assert [pointer for _, pointer, _ in bad(rows)] == ["/input", "/output", "/rating", "/external_id"]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", [("empty_file", None)]),
        (b"\n\n", [("empty_file", None)]),
        (HEADER, [("empty_file", None)]),
        (b"input,question\na,b\n", [("missing_column", 1)]),
        (b"a;b\n1;2\n", [("missing_column", 1), ("missing_column", 1)]),
        (b"\ninput,output,input,notes\n", [("duplicate_column", 2)]),
        (b"input,output,\n", [("empty_file", None)]),
        (b"How are you?,Fine.\nAnd you?,Too\n", [("no_header", 1)]),
        (b'"input"x,output\n', [("broken_quote", 1)]),
    ],
)
async def test_a_file_without_usable_columns_or_rows_is_refused(
    data: bytes, expected: list[tuple[str, int | None]]
) -> None:
    assert await refused(data) == expected


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b'input,output\na,b\nc,"d\ne,f\n', 3),
        (b'input,output\n"a\nb","c\nd\ne', 3),
        (b'input,"output\na,b\n', 1),
    ],
)
async def test_a_quote_that_never_closes_is_told_by_the_line_that_opened_it(data: bytes, line: int) -> None:
    assert await refused(data) == [("unclosed_quote", line)]


async def test_a_quote_closed_by_the_next_one_is_told_by_the_line_that_opened_it() -> None:
    rows = await read("csv", b'input,output\na,"b\nc,"d"\ne,f\n')
    assert bad(rows) == [(2, "", "broken_quote")]
    assert [fault.line for row in rows if not isinstance(row, Row) for fault in row.faults] == [2]
    assert [row.line for row in good(rows)] == [4]


async def test_a_quote_open_for_longer_than_a_row_may_be_ends_the_reading() -> None:
    with pytest.raises(Unreadable, match="line 3"):
        await read("csv", b'input,output\na,b\nc,"d\n', *[b"line\n"] * 100, b'"\n', limit=200, block=50)


async def test_a_line_above_the_limit_is_dropped_and_counted() -> None:
    rows = await read("csv", b"input,output\na,b\n", b"x" * 500, b",y\nc,d\n", limit=100, block=50)
    assert [row.line for row in good(rows)] == [2, 4]
    assert bad(rows) == [(3, "", "line_too_long")]


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        (b"question,answer", "The column input is missing; the header has question, answer."),
        (b"input;answer", "The column output is missing; the header has input, answer."),
    ],
)
async def test_a_missing_column_is_told_with_what_the_header_has(header: bytes, detail: str) -> None:
    with pytest.raises(Unreadable) as refused:
        await read("csv", header + b"\n1\n")
    assert refused.value.errors[0].detail.startswith(detail)
