"""Every shape of row: recognized, read into the canonical form, and each fault of a bad row told at once."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.datasets.examples.ratings import PassFail, Rating, Stars
from service.datasets.imports.shapes.column_map import parse_column_map
from service.datasets.imports.shapes.recognition import SHAPES, recognize
from service.datasets.imports.shapes.record_rows import RecordReader
from service.datasets.imports.shapes.row import BadRow, Row
from service.datasets.imports.shapes.row_fields import Extra
from service.datasets.imports.shapes.shape_reader import RowReader
from service.errors import Invalid
from tests.datasets.imports.shapes.shape_rows import ANSWER, CHAT, QUESTION, ROWS, Json

CASES = Path(__file__).parents[5] / "shared" / "cases"
CHAT_ROW = {"messages": CHAT}


def read(row: Any, name: str | None = None, *, extra: Extra = "metadata", columns: str | None = None) -> Row | BadRow:
    shape = SHAPES[name] if name else recognize([row])
    assert shape is not None
    reader = (
        RecordReader()
        if shape.name == "tuneledger"
        else RowReader(shape, extra=extra, columns=parse_column_map(columns))
    )
    return reader.read(7, "", json.dumps(row).encode())


def good(row: Any, name: str | None = None, **how: Any) -> Row:
    read_row = read(row, name, **how)
    assert isinstance(read_row, Row), read_row
    return read_row


def faults(row: Any, name: str | None = None, **how: Any) -> dict[str, str]:
    """The detail of each fault by its pointer."""
    read_row = read(row, name, **how)
    assert isinstance(read_row, BadRow), read_row
    return {fault.pointer: fault.detail for fault in read_row.faults}


@pytest.mark.parametrize("name", ROWS)
def test_a_row_is_recognized_and_read(name: str) -> None:
    shape, row, content = ROWS[name]
    recognized = recognize([row])
    assert recognized is not None
    assert recognized.name == shape
    read_row = good(row)
    assert json.loads(read_row.content) == content
    assert read_row.losses == ()
    assert read_row.original is None or json.loads(read_row.original) == row


def test_a_file_has_the_shape_of_most_of_its_first_rows() -> None:
    shape = recognize([{"id": 1}, {"text": "a"}, CHAT_ROW, {**CHAT_ROW, "id": 3}, 5, None])
    assert shape is SHAPES["openai-chat"]
    assert recognize([{"a": 1}, [], None]) is None


@pytest.mark.parametrize(
    ("beside", "field", "expected"),
    [
        ({"split": "val"}, "split", "validation"),
        ({"split": "TRAIN"}, "split", "train"),
        ({"split": "dev"}, "split", "validation"),
        ({"rating": 4.0}, "rating", Rating(overall=Stars(value=4))),
        ({"rating": "5"}, "rating", Rating(overall=Stars(value=5))),
        ({"rating": "NaN"}, "rating", None),
        ({"rating": ""}, "rating", None),
        (
            {"rating": {"overall": {"type": "pass_fail", "value": "pass"}}},
            "rating",
            Rating(overall=PassFail(value="pass")),
        ),
        ({"external_id": 17}, "external_id", "17"),
        ({"tags": "a; b|c"}, "tags", ("a", "b", "c")),
        ({"tags": None, "metadata": '{"k": 1}'}, "metadata", b'{"k":1}'),
        ({"id": 17, "source": "wiki"}, "metadata", b'{"id":17,"source":"wiki"}'),
        ({"Unnamed: 0": 3, "": "", "note": None}, "metadata", None),
    ],
)
def test_what_stands_beside_the_content_is_read_in_any_spelling(beside: Json, field: str, expected: Any) -> None:
    assert getattr(good({**CHAT_ROW, **beside}), field) == expected


def test_a_label_is_a_rating_of_pass_or_fail() -> None:
    assert good({**CHAT_ROW, "label": False}).rating == Rating(overall=PassFail(value="fail"))


def test_columns_that_nobody_asked_for_go_where_the_caller_says() -> None:
    row = {**CHAT_ROW, "id": 17}
    ignored = good(row, extra="ignore")
    assert (ignored.metadata, ignored.losses) == (None, ("columns: id",))
    assert "extra=metadata" in faults(row, extra="refuse")["/id"]
    assert "extra=ignore" not in faults({"messages": [{**QUESTION, "x": 1}, ANSWER]}).get("/x", "")
    lost = good({"messages": [{**QUESTION, "mood": 1}, ANSWER]}, extra="ignore")
    assert lost.losses == ("message fields: mood",)


def test_what_the_canonical_form_cannot_carry_is_named() -> None:
    row = good({"messages": [QUESTION, {"role": "assistant", "content": None, "refusal": "No.", "id": "m"}]})
    assert row.losses == ("id", "refusal")
    assert json.loads(row.content)["messages"][1]["content"] == "No."


def test_a_map_names_columns_and_pointers() -> None:
    row = {"q": "U", "data": {"answers": [{"text": "A"}]}, "key": 9, "stars": "4"}
    mapped = good(row, "csv", columns="input:q,output:/data/answers/0/text,external_id:key,rating:stars")
    assert json.loads(mapped.content)["messages"] == [QUESTION, ANSWER]
    assert (mapped.external_id, mapped.rating) == ("9", Rating(overall=Stars(value=4)))
    assert mapped.metadata == b'{"data":{"answers":[{"text":"A"}]}}'
    told = faults({"q": "", "stars": 9}, "csv", columns="input:q,output:o,rating:stars")
    assert set(told) == {"", "/q", "/o", "/stars"}
    assert told[""].startswith("There is no 'o' in this row; it has q, stars.")
    for wrong in ("", " ", "input", "colour:x", '{"input": 5}'):
        with pytest.raises(Invalid):
            parse_column_map(wrong)
    assert parse_column_map('{"input": "a,b"}') == {"input": "a,b"}


def test_all_faults_of_a_row_are_told_with_what_was_found_and_what_is_allowed() -> None:
    told = faults(
        {
            "messages": [
                {"role": "robot", "content": "x"},
                {"role": "user", "content": 5},
                {"role": "assistant", "content": " "},
                {"role": "assistant", "content": "y", "weight": 0.5, "mood": "sad"},
                {"role": "user"},
            ],
            "rating": 9,
            "split": "later",
            "tags": ["", 3],
            "external_id": "x" * 201,
        }
    )
    assert set(told) == {
        "/messages/0/role",
        "/messages/1/content",
        "/messages/2/content",
        "/messages/3/weight",
        "/messages/3/mood",
        "/messages/4/content",
        "/rating",
        "/split",
        "/tags/0",
        "/tags/1",
        "/external_id",
    }
    assert told["/messages/0/role"].startswith(
        "Found the text 'robot'; allowed are system, developer, user, assistant, tool."
    )
    assert told["/messages/3/weight"] == "Found the number 0.5; allowed is 0 or 1."
    assert told["/rating"] == "Found the number 9; allowed is a whole number from 1 to 5."
    assert "train, validation" in told["/split"]


def test_faults_stand_where_the_value_stood() -> None:
    conversation = [{"from": "human", "value": 5}, {"from": "gpt", "value": ""}, {"from": "alien", "value": "x"}]
    assert set(faults({"conversations": conversation})) == {
        "/conversations/0/value",
        "/conversations/1/value",
        "/conversations/2/from",
    }
    assert set(faults({"instruction": "", "output": "", "history": [["a"], ["b", ""]]}, "alpaca")) == {
        "/history/0",
        "/history/1/1",
        "/instruction",
        "/output",
    }
    assert set(faults({"prompt": "a", "chosen": "x"}, "trl-preference")) == {"/rejected"}


def test_a_row_of_another_shape_is_told_which_it_looks_like() -> None:
    assert "looks like ShareGPT: import it with format=sharegpt" in next(
        iter(faults({"conversations": 5}, "alpaca").values())
    )
    nan = RowReader(SHAPES["openai-chat"]).read(1, "", b'{"messages":[],"metadata":{"a":NaN}}')
    assert isinstance(nan, BadRow)
    assert nan.faults[0].detail == "NaN at byte 31 is not JSON; write null."


WORDS = ("role", "content", "from", "value", "parts", "text", "type", "function", "name", "arguments", "tool_calls")
FIELDS = sorted({name for _, row, _ in ROWS.values() for name in row} | {"rating", "tags", "split", "metadata"})
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.just(1.5)
    | st.text(max_size=3)
    | st.sampled_from(["[{", "[1]"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=400, deadline=None)
@given(
    st.dictionaries(st.sampled_from(FIELDS), JUNK, max_size=6),
    st.sampled_from(sorted(SHAPES)),
    st.sampled_from(["metadata", "ignore", "refuse"]),
)
def test_any_row_is_read_or_has_faults_within_it(row: Json, name: str, extra: Extra) -> None:
    read_row = RowReader(SHAPES[name], extra=extra).read(1, "/0", json.dumps(row).encode())
    if isinstance(read_row, BadRow):
        assert read_row.faults
        assert all(fault.pointer.startswith("/0") for fault in read_row.faults)
