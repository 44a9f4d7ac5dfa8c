"""However a file arrives, it says the same, and takes no more memory than one row may."""

import json
import random
import tracemalloc
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.datasets.imports.containers import Unreadable
from service.datasets.imports.file_rows import ReadOptions, open_file
from service.datasets.imports.shapes.recognition import ShapeName
from service.datasets.imports.shapes.row import BadRow, Row
from tests.datasets.imports.formats.format_reader import bad, good, read

TEXTS = ["plain", "é", "€uro", "𝄞", 'qu"ote', "back\\slash", "a\nb", "[{,}]", "\r\n", "\0"]
MEBIBYTE = 2**20


def chat(texts: list[str]) -> bytes:
    turns = [{"role": "user", "content": "?"}, *({"role": "assistant", "content": text} for text in texts)]
    return json.dumps({"messages": turns}, ensure_ascii=False).encode()


def alpaca(texts: list[str]) -> bytes:
    return json.dumps({"instruction": "?", "output": "".join(texts)}, ensure_ascii=False).encode()


def cells(texts: list[str]) -> bytes:
    return ('?,"' + "".join(texts).replace('"', '""') + '"').encode()


SOME_TEXTS = st.lists(st.lists(st.sampled_from(TEXTS), max_size=3), min_size=1, max_size=5)
BROKEN = st.sampled_from([b"", b"nonsense", b'{"messages":[', b'"', b"\xe2\x82", b",", b"]", b"a,b\n", b"\xff"])
FILES = st.one_of(
    st.tuples(st.just("openai-chat"), SOME_TEXTS.map(lambda rows: b"\r\n".join(map(chat, rows)))),
    st.tuples(st.just("openai-chat"), SOME_TEXTS.map(lambda rows: b"[" + b" ,\n".join(map(chat, rows)) + b"]")),
    st.tuples(st.just("alpaca"), SOME_TEXTS.map(lambda rows: b"\n\n[" + b",".join(map(alpaca, rows)) + b"]\n")),
    st.tuples(st.just("csv"), SOME_TEXTS.map(lambda rows: b"input,output\n" + b"\n".join(map(cells, rows)))),
)


async def outcome(
    name: ShapeName, pieces: list[bytes], *, block: int, limit: int
) -> tuple[list[Row | BadRow], list[str]]:
    rows: list[Row | BadRow] = []
    try:
        await read(name, *pieces, block=block, limit=limit, into=rows)
    except Unreadable as refusal:
        return rows, [f"{fault.code} {fault.line} {fault.detail}" for fault in refusal.errors]
    return rows, []


@given(file=FILES, broken=BROKEN, seed=st.integers(), limit=st.sampled_from([40, 10_000]), block=st.integers(3, 60))
@example(file=("openai-chat", chat(["\0", "€"])), broken=b"\xe2", seed=1, limit=10_000, block=3)
async def test_any_cut_of_the_bytes_gives_the_same_rows(
    file: tuple[ShapeName, bytes], broken: bytes, seed: int, limit: int, block: int
) -> None:
    name, whole = file[0], file[1] + broken
    chance = random.Random(seed)
    cuts = sorted(chance.randrange(len(whole) + 1) for _ in range(chance.randrange(12)))
    pieces = [whole[start:end] for start, end in pairwise([0, *cuts, len(whole)])]
    at_once = await outcome(name, [whole], block=len(whole) + 3, limit=limit)
    assert await outcome(name, pieces, block=len(whole) + 3, limit=limit) == at_once
    small, refusal = await outcome(name, pieces, block=block, limit=limit)
    # A file that is refused as a whole may have given more of its rows before, when it was read in smaller blocks.
    assert refusal == at_once[1]
    assert small == at_once[0] if not refusal else small[: len(at_once[0])] == at_once[0]


@given(file=FILES)
async def test_every_good_file_gives_a_row_or_a_fault_for_each_of_its_rows(file: tuple[ShapeName, bytes]) -> None:
    name, data = file
    rows = await read(name, data)
    assert len(rows) == len(good(rows)) + len({line for line, _, _ in bad(rows)})
    assert {code for _, _, code in bad(rows)} <= {"nul_character", "empty", "no_answer"}


async def endless(start: bytes, size: int, end: bytes, *, fill: bytes) -> AsyncIterator[bytes]:
    yield start
    for _ in range(size):
        yield fill * MEBIBYTE
    yield end


@pytest.mark.parametrize(
    ("name", "start", "fill", "end", "place"),
    [
        ("openai-chat", b'{"messages":"', b"x", b'"}\n', (1, "", "line_too_long")),
        ("openai-chat", b"", b"[", b"\n", (1, "/0", "truncated")),
        ("openai-chat", b'[{"messages":"', b"\\", b'"}]', (1, "/0", "line_too_long")),
        ("alpaca", b"[[", b"[", b"", (1, "/0", "truncated")),
        ("csv", b"input,output\n", b"x", b",b\n", (2, "", "line_too_long")),
        ("csv", b'input,output\n"', b"\n", b'",b\n', (2, "", "unclosed_quote")),
    ],
)
async def test_a_row_without_end_takes_no_more_memory_than_a_row_may(
    name: ShapeName, start: bytes, fill: bytes, end: bytes, place: tuple[int, str, str]
) -> None:
    faults: list[tuple[int, str, str]] = []
    tracemalloc.start()
    try:
        file = await open_file(
            endless(start, 48, end, fill=fill), ReadOptions(format=name), limit=MEBIBYTE, block=MEBIBYTE // 16
        )
        async for batch in file.batches:
            faults += bad(list(batch))
    except Unreadable as refusal:
        faults += [(fault.line or 0, fault.pointer, fault.code) for fault in refusal.errors]
    finally:
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert faults == [place]
    assert most < 24 * MEBIBYTE
