"""Files of every kind, as they come: rows, or one sentence that names what is wrong."""

import gzip
import io
import json
import pickle
import tarfile
import zipfile
from datetime import date, datetime
from typing import Any

import duckdb
import openpyxl
import pytest
from backports import zstd

from service.datasets.imports.containers import Unreadable
from tests.datasets.imports.containers.file_reader import bad_rows, good_rows, read_rows

ROW = b'{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"\xc3\xa9"}]}'
PRETTY = json.dumps(json.loads(ROW), indent=2, ensure_ascii=False).encode()
TABLE = "input;output\nWo?;Überall\n"


def pack(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), data)
    return file.getvalue()


def make_tar() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("rows.jsonl"), io.BytesIO())
    return file.getvalue()


def make_workbook(*rows: list[Any], merged: str | None = None) -> bytes:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    if merged:
        workbook.active.merge_cells(merged)
    workbook.create_sheet("Notes").append(["of no use"])
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


LAYOUTS: dict[str, tuple[bytes, str, list[int]]] = {
    "lines": (ROW + b"\n" + ROW + b"\n", "jsonl", [1, 2]),
    "lines that end in CR": (ROW + b"\r" + ROW, "jsonl", [1, 2]),
    "a mark in the middle": (b"\xef\xbb\xbf" + ROW + b"\n\xef\xbb\xbf" + ROW, "jsonl", [1, 2]),
    "two objects on a line": (ROW + ROW + b"\n", "jsonl", [1, 1]),
    "commas behind the lines": (ROW + b",\n" + ROW + b",\n", "jsonl", [1, 2]),
    "pretty objects": (PRETTY + b"\n" + PRETTY + b"\n\n", "jsonl", [1, 13]),
    "an array": (b" [" + ROW + b",\n" + ROW + b"]\n", "json", [1, 2]),
    "a pretty array": (json.dumps([json.loads(ROW)] * 2, indent=1).encode(), "json", [1, 2]),
    "wrapped": (b'{"version": {"a": [1]}, "data": [' + ROW + b"," + ROW + b'], "more": null}', "json", [1, 2]),
    "wrapped and pretty": (json.dumps({"rows": [json.loads(ROW)] * 2}, indent=2).encode(), "json", [1, 2]),
    "wrapped in a name of its own": (b'{"pairs":\n[' + ROW + b"," + ROW + b"]}", "json", [1, 2]),
    "gzip in two parts": (gzip.compress(ROW + b"\n") + gzip.compress(ROW) + b"\0\0", "jsonl", [1, 2]),
    "zstd": (zstd.compress(ROW + b"\n" + ROW), "jsonl", [1, 2]),
    "gzip in ZIP": (pack(a_jsonl_gz=gzip.compress(ROW + b"\n" + ROW), README_md=b"x"), "jsonl", [1, 2]),
    "UTF-16": ((ROW.decode() + "\n" + ROW.decode()).encode("utf-16"), "jsonl", [1, 2]),
    "UTF-16 without a mark": ((ROW.decode() + "\n" + ROW.decode()).encode("utf-16-be"), "jsonl", [1, 2]),
    "UTF-32": (("[" + ROW.decode() + "," + ROW.decode() + "]").encode("utf-32"), "json", [1, 2]),
    "Windows-1252": ((ROW.decode() + "\n" + ROW.decode()).encode("cp1252"), "jsonl", [1, 2]),
}


@pytest.mark.parametrize("name", LAYOUTS)
async def test_the_layout_is_recognized(name: str) -> None:
    data, kind, lines = LAYOUTS[name]
    description, rows = await read_rows(data)
    assert bad_rows(rows) == []
    assert [json.loads(row) for row in good_rows(rows)] == [json.loads(ROW)] * 2
    assert (description.kind, [line for line, _, _ in rows]) == (kind, lines)


async def test_an_object_with_lists_of_its_own_is_a_row() -> None:
    rows = [
        ROW,
        b'{"conversations":[{"from":"human","value":"q"}]}',
        b'{"tools":[{"a":1}]}',
        b'{"a":[{"role":"user"}]}',
    ]
    for row in rows:
        assert [data for _, _, data in (await read_rows(row))[1]] == [row]


TABLES: dict[str, tuple[bytes, dict[str, Any], list[str]]] = {
    "semicolons": (TABLE.encode(), {}, ["input", "output"]),
    "Windows-1252": (TABLE.encode("cp1252"), {}, ["input", "output"]),
    "UTF-16": (TABLE.encode("utf-16"), {}, ["input", "output"]),
    "tabs": (TABLE.replace(";", "\t").encode(), {}, ["input", "output"]),
    "a line that says so": (b"sep=;\n" + TABLE.encode(), {}, ["input", "output"]),
    "CR": (TABLE.replace("\n", "\r").encode(), {}, ["input", "output"]),
    "empty columns and rows": ((TABLE.replace("\n", ";;\n") + ";;;\n;;;\n").encode(), {}, ["input", "output"]),
    "an index": (b";" + TABLE.encode().replace(b"\nWo", b"\n0;Wo"), {}, ["input", "output"]),
    "no header": (TABLE.encode().partition(b"\n")[2], {"columns": ("a", "b")}, ["a", "b"]),
    "another case": (TABLE.replace("input", " Input ").encode(), {}, ["Input", "output"]),
    "said": (
        TABLE.replace(";", "~").encode("cp1250"),
        {"delimiter": "~", "encoding": "cp1250", "container": "csv"},
        ["input", "output"],
    ),
}


@pytest.mark.parametrize("name", TABLES)
async def test_a_table_gives_its_cells_by_column(name: str) -> None:
    data, hints, columns = TABLES[name]
    description, rows = await read_rows(data, **hints)
    assert (description.kind, list(description.columns)) == ("csv", columns)
    assert [json.loads(row) for row in good_rows(rows)] == [dict(zip(columns, ["Wo?", "Überall"], strict=True))]
    assert len(rows) == 1


async def test_a_workbook_gives_its_first_sheet_as_texts() -> None:
    header = ["input", "output", "rating", "day", None]
    data = make_workbook(
        header,
        ["q1", "é", 5, date(2024, 1, 2)],
        [None, 1.5, True, datetime.fromisoformat("2024-01-02T03:04")],
        ["q3"],
        ["q4", "=1+1"],
        merged="A2:A3",
    )
    description, rows = await read_rows(data)
    assert (description.kind, description.sheet, description.ignored) == ("xlsx", "Sheet", ("Notes",))
    assert [list(json.loads(row).values()) for row in good_rows(rows)] == [
        ["q1", "é", "5", "2024-01-02"], ["q1", "1.5", "TRUE", "2024-01-02T03:04:00"], ["q3", "", "", ""],
    ]  # fmt: skip
    assert bad_rows(rows) == [(5, "", "cell_error")]
    assert (await read_rows(data, sheet="Notes", columns=("a",)))[1] == [(1, "", b'{"a":"of no use"}')]


async def test_parquet_gives_nested_rows(tmp_path: Any) -> None:
    path = tmp_path / "rows.parquet"
    turns = "[{'role': 'user', 'content': 'q' || i}, {'role': 'assistant', 'content': 'é'}]"
    duckdb.sql(f"copy (select {turns} messages, i n from range(3000) t(i)) to '{path}'")
    description, rows = await read_rows(path.read_bytes(), name="rows.jsonl")
    assert (description.kind, description.columns, len(rows)) == ("parquet", ("messages", "n"), 3000)
    assert json.loads(good_rows(rows)[2])["messages"][0] == {"role": "user", "content": "q2"}


async def test_members_of_an_archive_are_named_in_pointers() -> None:
    data = pack(a__x_jsonl=ROW, b_csv=b"input,output\na,b\nc\n", notes_md=b"", _DS_Store=b"junk")
    description, rows = await read_rows(data)
    assert (description.members, description.ignored) == (("a/x.jsonl", "b.csv"), ("notes.md",))
    assert [(line, at) for line, at, _ in rows] == [(1, "/a~1x.jsonl"), (2, "/b.csv"), (3, "/b.csv")]
    assert bad_rows(rows) == [(3, "/b.csv", "ragged_row")]


@pytest.mark.parametrize(
    ("data", "pointer", "code", "word"),
    [
        (b'{"messages":1,"messages":2}', "/messages", "duplicate_key", "messages"),
        (b'{"a":{"b":[{"c" : 1, "c":"\\u003a"}]}}', "/a/b/0/c", "duplicate_key", "twice"),
        (b'{"a":{"b":NaN}}', "/a/b", "not_a_number", "null"),
        (b'{"a":[-Infinity]}', "/a/0", "not_a_number", "-Infinity"),
        (b'{"a":None}', "", "malformed", "Python"),
        (b"{'a':1}", "", "malformed", "json.dumps"),
        (b'{"a":1,}', "", "malformed", "comma"),
        (b"{a:1}", "", "malformed", "double quotes"),
        (b'{"a":1} x', "", "malformed", "behind"),
        (b'{"a":"\xe9"}', "", "not_utf8", "windows-1252"),
    ],
)
async def test_what_is_wrong_with_a_row_is_named(data: bytes, pointer: str, code: str, word: str) -> None:
    _, rows = await read_rows(ROW + b"\n" + data + b"\n" + ROW)
    assert (len(good_rows(rows)), bad_rows(rows)) == (2, [(2, pointer, code)])
    assert word in rows[1][2].detail  # type: ignore[union-attr]


CYRILLIC = "input,output\nПривет,Здравствуйте\nКак дела,Хорошо\n".encode("cp1251")  # noqa: RUF001
WHOLE: dict[str, tuple[bytes, str, str]] = {
    "a pickle": (pickle.dumps({"a": 1}), "wrong_kind", "pickle"),
    "PDF": (b"%PDF-1.7\n", "wrong_kind", "PDF"),
    "HTML": (b"\n <!DOCTYPE html><html></html>", "wrong_kind", "HTML"),
    "tar": (gzip.compress(make_tar()), "wrong_kind", "tar"),
    "Word": (pack(word__document_xml=b""), "wrong_kind", "Word"),
    "PyTorch": (pack(archive__data_pkl=b""), "wrong_kind", "PyTorch"),
    "Git LFS": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "wrong_kind", "Git LFS"),
    "text": (b"Hello.\nHow are you?\n", "wrong_kind", "neither JSON nor a table"),
    "repr": (b"{'a': 1}\n{'a': 2}\n", "python_repr", "json.dumps"),
    "several lists": (b'{"train":[' + ROW + b'],"test":[' + ROW + b"]}", "several_lists", "train, test"),
    "an open object": (PRETTY + b"\n" + PRETTY[:-3], "truncated", "line 13"),
    "junk between objects": (PRETTY + b"\njunk\n" + PRETTY, "malformed", "line 13"),
    "Cyrillic": (CYRILLIC, "not_utf8", "encoding=cp1251"),
    "no header": (b'"3","Harbor opens","It opened."\n"4","b","c"\n', "no_header", "columns="),
    "cut gzip": (gzip.compress(ROW * 99)[:-9], "damaged", "too early"),
    "broken zstd": (zstd.compress(ROW * 99)[:-9] + b"xxxxxxxxx", "damaged", "zstd"),
    "broken ZIP": (pack(a_jsonl=ROW)[:-9], "damaged", "ZIP"),
    "broken Parquet": (b"PAR1" + ROW + b"PAR1", "damaged", "Parquet"),
    "broken XLSX": (pack(xl__workbook_xml=b"<"), "damaged", "spreadsheet"),
    "layers": (gzip.compress(gzip.compress(gzip.compress(gzip.compress(ROW)))), "too_large", "layers"),
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
async def test_a_file_that_is_wrong_as_a_whole_is_named_in_a_sentence(name: str) -> None:
    data, code, word = WHOLE[name]
    with pytest.raises(Unreadable) as refused:
        await read_rows(data)
    assert refused.value.errors[0].code == code
    assert word in refused.value.detail
