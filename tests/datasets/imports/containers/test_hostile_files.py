"""Bytes that nobody would send, and files that grow: only rows or a refusal, in bounded time and memory."""

import gzip
import io
import time
import tracemalloc
import zipfile
from pathlib import Path

import duckdb
import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from service.datasets.imports.containers import FileHints, Unreadable, open_rows
from service.errors import Fault
from tests.datasets.imports.containers.file_reader import pieces, read_rows

MEBIBYTE = 2**20
STARTS = [
    b"",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\x1f\x8b\x08",
    b"\x28\xb5\x2f\xfd",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"{",
    b"[{",
]
PARTS = [
    b'{"a":1}',
    b'{"a":',
    b'"',
    b"\n",
    b"\r",
    b",",
    b";",
    b"[",
    b"]",
    b"}",
    b"\0",
    b"\xe9",
    "é".encode(),
    b"NaN",
    b"a,b\n",
]
PACKINGS = [bytes, gzip.compress, zstd.compress, lambda data: gzip.compress(data)[:-3], lambda data: pack(data)[:-3]]
HINTS = st.builds(
    FileHints,
    container=st.sampled_from([None, "json", "csv"]),
    encoding=st.sampled_from([None, "utf-8", "utf-16", "cp1252", "shift_jis", "utf-7", "nope", "hex", "idna", "\0"]),
    delimiter=st.sampled_from([None, ";", "\t"]),
    columns=st.sampled_from([(), ("a",), ("a", "a"), ("", "b")]),
)


def pack(data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("rows.jsonl", data)
    return file.getvalue()


@settings(max_examples=300)
@given(
    start=st.sampled_from(STARTS),
    body=st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(PARTS), max_size=12).map(b"".join)),
    packing=st.sampled_from(PACKINGS),
    hints=HINTS,
    block=st.sampled_from([3, 64, 65_536]),
)
async def test_any_bytes_are_rows_or_a_refusal(
    start: bytes, body: bytes, packing: object, hints: FileHints, block: int
) -> None:
    data = packing(start + body)  # type: ignore[operator]
    try:
        _, batches = await open_rows(pieces(data, 7), hints, limit=1_000, block=block)
        rows = [row async for batch in batches for row in batch]
    except Unreadable:
        return
    assert all(isinstance(row, Fault) or row.decode() for _, _, row in rows)


BOMBS = {
    "gzip": gzip.compress(b"[" * 100 * MEBIBYTE),
    "gzip of lines": gzip.compress(b"\n" * 100 * MEBIBYTE),
    "zstd": zstd.compress(b" " * 100 * MEBIBYTE),
    "ZIP": pack(b"{" * 100 * MEBIBYTE),
    "gzip in gzip": gzip.compress(gzip.compress(b"[" * 100 * MEBIBYTE)),
}


@pytest.mark.parametrize("name", BOMBS)
async def test_a_bomb_is_refused_early(name: str) -> None:
    started = time.monotonic()
    tracemalloc.start()
    try:
        with pytest.raises(Unreadable) as refused:
            await read_rows(BOMBS[name], container="json")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert refused.value.errors[0].code == "too_large"
    assert most < 64 * MEBIBYTE
    assert time.monotonic() - started < 30


async def test_bombs_of_tables_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.parquet"
    duckdb.sql(f"copy (select repeat('a', 1000000) t from range(5000)) to '{path}'")
    with pytest.raises(Unreadable) as refused:
        await read_rows(path.read_bytes())
    assert refused.value.errors[0].code == "too_large"
    sheet = b"".join(b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>' % (row, row) for row in range(1, 3_000))
    for xml in (sheet, b'<row r="1"><c r="A1" t="inlineStr"><is><t>' + b"a" * 80 * MEBIBYTE + b"</t></is></c></row>"):
        with pytest.raises(Unreadable) as refused:
            await read_rows(make_workbook(xml))
        assert refused.value.errors[0].code == "too_large"


def make_workbook(rows: bytes) -> bytes:
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = b"http://schemas.openxmlformats.org/package/2006"
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": b'<Types xmlns="%s/content-types"><Override PartName="/xl/workbook.xml" '
        b'ContentType="%s.sheet.main+xml"/><Override PartName="/xl/s.xml" ContentType="%s.worksheet+xml"/></Types>'
        % (package, kind, kind),
        "_rels/.rels": b'<Relationships xmlns="%s/relationships"><Relationship Id="r" Type="%s/officeDocument" '
        b'Target="xl/workbook.xml"/></Relationships>' % (package, office),
        "xl/workbook.xml": b'<workbook xmlns="%s" xmlns:r="%s"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets>'
        b"</workbook>" % (main, office),
        "xl/_rels/workbook.xml.rels": b'<Relationships xmlns="%s/relationships"><Relationship Id="r1" '
        b'Type="%s/worksheet" Target="s.xml"/></Relationships>' % (package, office),
        "xl/s.xml": b'<worksheet xmlns="%s"><sheetData>%s</sheetData></worksheet>' % (main, rows),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return file.getvalue()
