"""Read JSON rows: one object per line, or the elements of one array. The first character says which."""

from collections.abc import AsyncIterator

import msgspec

from service.datasets.examples.chat_content import decode_or_fault
from service.datasets.imports.containers.json_arrays import WHITESPACE, ArraySplitter
from service.datasets.imports.containers.lines import LineBatch, split_lines
from service.datasets.imports.containers.text_encodings import build_encoding_fault
from service.datasets.imports.containers.unreadable import build_empty_file_error, build_too_long_fault
from service.errors import Fault

ANY_JSON = msgspec.json.Decoder(msgspec.Raw)
BOM = "\ufeff".encode()

JsonRow = tuple[int, str, bytes | Fault]
"""The row's line (in an array its number), its JSON pointer, and its JSON or what is wrong with it."""


async def read_json_rows(
    source: AsyncIterator[bytes], *, limit: int, encoding: str = "utf-8"
) -> AsyncIterator[list[JsonRow]]:
    """The rows of a JSON text in batches. Raises Unreadable when there is none, or the array is broken."""
    number = 1
    async for piece in source:
        text = piece.lstrip(WHITESPACE)
        number += piece[: len(piece) - len(text)].count(b"\n")
        if text.startswith(b"["):
            rows = _read_array(_prepend(text[1:], source), limit=limit)
        elif text:
            rows = _read_lines(split_lines(_prepend(text, source), limit=limit, first=number), limit=limit)
        else:
            continue
        has_rows = False
        async for batch in rows:
            has_rows = has_rows or bool(batch)
            yield [(line, at, _check_encoding(data, encoding, at)) for line, at, data in batch]
        if has_rows:
            return
    raise build_empty_file_error()


def _check_encoding(data: bytes | Fault, encoding: str, at: str) -> bytes | Fault:
    if isinstance(data, Fault) or data.isascii():
        return data
    try:
        data.decode()
    except UnicodeDecodeError:
        return build_encoding_fault(data, encoding, at=at)
    return data


async def _prepend(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if first:
        yield first
    async for piece in rest:
        yield piece


async def _read_array(source: AsyncIterator[bytes], *, limit: int) -> AsyncIterator[list[JsonRow]]:
    splitter = ArraySplitter(limit=limit)
    async for block in source:
        first = splitter.count
        yield [_build_row(index, data, limit) for index, data in enumerate(splitter.feed(block), first)]
    splitter.finish()


def _build_row(index: int, data: bytes | None, limit: int) -> JsonRow:
    at = f"/{index}"
    if data is None:
        return index + 1, at, build_too_long_fault(limit, at=at)
    empty = Fault(pointer=at, detail="There is nothing before the comma.", code="malformed")
    return index + 1, at, data.strip(WHITESPACE) or empty


async def _read_lines(source: AsyncIterator[LineBatch], *, limit: int) -> AsyncIterator[list[JsonRow]]:
    async for batch in source:
        numbered = enumerate(batch.lines, batch.first)
        check = _check_last_line if batch.is_cut else _check_line
        yield [(number, "", check(data, limit)) for number, data in numbered if data is None or data.strip(WHITESPACE)]


def _check_line(data: bytes | None, limit: int) -> bytes | Fault:
    return build_too_long_fault(limit) if data is None else data.removeprefix(BOM)


def _check_last_line(data: bytes | None, limit: int) -> bytes | Fault:
    """The last line. A fault if it has no newline and the file seems to be cut off within it."""
    if data is None:
        return build_too_long_fault(limit)
    parsed = decode_or_fault(ANY_JSON, data)
    if isinstance(parsed, Fault) and parsed.code == "malformed" and _is_cut_off(parsed.detail, len(data)):
        return Fault(detail="The file ends in the middle of this row.", code="truncated")
    return data.removeprefix(BOM)


def _is_cut_off(detail: str, size: int) -> bool:
    return "truncated" in detail or f"(byte {size})" in detail
