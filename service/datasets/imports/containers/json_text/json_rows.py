"""Read JSON rows: lines, an array, the list in an object, or objects that follow one another over several lines."""

from collections.abc import AsyncIterator, Iterator
from typing import Literal

import msgspec

from service.datasets.examples.chat_content import decode_or_fault
from service.datasets.imports.containers.json_text.json_arrays import WHITESPACE, ArraySplitter, build_tail_error
from service.datasets.imports.containers.json_text.json_faults import ANY_JSON, PYTHON_REPR, decode_row
from service.datasets.imports.containers.json_text.json_objects import ObjectSplitter, find_wrapper, split_objects
from service.datasets.imports.containers.lines import LineBatch, split_lines
from service.datasets.imports.containers.text_encodings import build_encoding_fault
from service.datasets.imports.containers.unreadable import Unreadable, build_empty_file_error, build_too_long_fault
from service.errors import Fault
from service.json_pointers import pointer
from service.json_values import find_duplicate_key

BOM = "\ufeff".encode()
CONTINUES = (b"{", b"[", b",", b":")  # at the end of a line: the object goes on in the next
FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])

JsonRow = tuple[int, str, bytes | Fault]
"""The row's line (in an array its number), its JSON pointer, and its JSON or what is wrong with it."""


class JsonLayout(msgspec.Struct, frozen=True, kw_only=True):
    """How the rows stand in the text. `field` is that of the list, `begin` where its first element is."""

    kind: Literal["lines", "array", "wrapped", "objects"]
    begin: int = 0
    field: str = ""


def recognize_layout(start: bytes, *, is_whole: bool) -> JsonLayout:
    """The layout by the first bytes. Raises Unreadable for Python's repr."""
    text = start.lstrip(WHITESPACE)
    begin = len(start) - len(text)
    if PYTHON_REPR.match(text):
        detail = "This is Python's repr, not JSON: write each row with json.dumps."
        raise Unreadable(Fault(detail=detail, code="python_repr"))
    if text.startswith(b"["):
        return JsonLayout(kind="array", begin=begin + 1)
    if not text.startswith(b"{"):
        return JsonLayout(kind="lines")
    line, newline, rest = text.partition(b"\n")
    following = rest.lstrip(WHITESPACE)
    is_object = _is_object(line)
    if not (is_object and following) and (wrapper := find_wrapper(text)) is not None:
        return JsonLayout(kind="wrapped", begin=begin + wrapper.begin, field=wrapper.field)
    goes_on = not following.startswith(b"{") or line.rstrip(WHITESPACE).endswith(CONTINUES)
    if newline and not is_object and _is_beginning(line) and goes_on and (following or not is_whole):
        return JsonLayout(kind="objects")
    return JsonLayout(kind="lines")


async def read_json_rows(
    source: AsyncIterator[bytes], layout: JsonLayout, *, limit: int, encoding: str = "utf-8"
) -> AsyncIterator[list[JsonRow]]:
    """The rows of a JSON text in batches. Raises Unreadable when there is none, or the text is broken."""
    text = _drop(source, layout.begin)
    match layout.kind:
        case "array" | "wrapped":
            rows = _read_array(text, layout, limit=limit)
        case "objects":
            rows = _read_objects(text, limit=limit)
        case "lines":
            rows = _read_lines(split_lines(text, limit=limit, skips_blank=True), limit=limit)
    has_rows = False
    async for batch in rows:
        if batch:
            has_rows = True
            yield [checked for row in batch for checked in _check_row(*row, encoding)]
    if not has_rows:
        raise build_empty_file_error()


def _check_row(line: int, at: str, data: bytes | Fault, encoding: str) -> Iterator[JsonRow]:
    """The row, or its fault. One line may have several objects."""
    if isinstance(data, Fault):
        yield line, at, data
        return
    if not data.isascii() and not _is_utf_8(data):
        yield line, at, build_encoding_fault(data, encoding, at=at)
        return
    value = decode_row(data, at=at)
    if not isinstance(value, Fault):
        duplicate = find_duplicate_key(data, value, at=at)
        yield line, at, duplicate or data
    elif value.code == "malformed" and not at and (objects := split_objects(data)) and objects != [data]:
        for each in objects:
            yield from _check_row(line, at, each, encoding)
    else:
        yield line, at, value


def _is_utf_8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_object(line: bytes) -> bool:
    try:
        FIELDS.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _is_beginning(line: bytes) -> bool:
    """Whether the line may be the first of an object over several lines."""
    try:
        ANY_JSON.decode(line)
    except msgspec.DecodeError as error:
        return "truncated" in str(error)
    except (UnicodeDecodeError, RecursionError):
        return False
    return False


async def _drop(source: AsyncIterator[bytes], size: int) -> AsyncIterator[bytes]:
    """The text behind its first bytes."""
    async for piece in source:
        text, size = piece[size:], max(size - len(piece), 0)
        if text:
            yield text


async def _read_array(source: AsyncIterator[bytes], layout: JsonLayout, *, limit: int) -> AsyncIterator[list[JsonRow]]:
    splitter = ArraySplitter(limit=limit)
    at = pointer(layout.field) if layout.field else ""
    async for block in source:
        first = splitter.count
        yield [_build_element(index, data, limit, at) for index, data in enumerate(splitter.feed(block), first)]
        if not layout.field and splitter.tail.strip(WHITESPACE + BOM):
            raise build_tail_error()
    splitter.finish()
    if layout.field:
        _check_tail(splitter.tail, layout.field)


def _check_tail(tail: bytes, field: str) -> None:
    """Raises Unreadable when the object around the list is broken, or has more lists of rows."""
    try:
        fields = FIELDS.decode(b'{"":0' + tail)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        detail = f"The object around the list {field!r} is broken after it: {error}."
        raise Unreadable(Fault(detail=detail[:500], code="malformed")) from error
    others = [name for name, value in fields.items() if bytes(value).startswith(b"[") and b"{" in bytes(value)]
    if others:
        detail = f"The object has several lists: {field}, {', '.join(others)[:200]}. Send each in a file of its own."
        raise Unreadable(Fault(detail=detail, code="several_lists"))


def _build_element(index: int, data: bytes | None, limit: int, at: str) -> JsonRow:
    at = f"{at}/{index}"
    if data is None:
        return index + 1, at, build_too_long_fault(limit, at=at)
    empty = Fault(pointer=at, detail="There is nothing before the comma.", code="malformed")
    return index + 1, at, data.strip(WHITESPACE) or empty


async def _read_objects(source: AsyncIterator[bytes], *, limit: int) -> AsyncIterator[list[JsonRow]]:
    splitter = ObjectSplitter(limit=limit, first=1)
    async for block in source:
        yield [(line, "", build_too_long_fault(limit) if data is None else data) for line, data in splitter.feed(block)]
    splitter.finish()


async def _read_lines(source: AsyncIterator[LineBatch], *, limit: int) -> AsyncIterator[list[JsonRow]]:
    async for batch in source:
        numbered = enumerate(batch.lines, batch.first)
        check = _check_last_line if batch.is_cut else _check_line
        yield [(number, "", check(data, limit)) for number, data in numbered if data is None or data.strip(WHITESPACE)]


def _check_line(data: bytes | None, limit: int) -> bytes | Fault:
    return build_too_long_fault(limit) if data is None else data.removeprefix(BOM)


def _check_last_line(data: bytes | None, limit: int) -> bytes | Fault:
    """The last line. A fault if it has no newline and the file seems to be cut off within it."""
    if data is not None and _is_cut_off(data):
        return Fault(detail="The file ends in the middle of this row.", code="truncated")
    return _check_line(data, limit)


def _is_cut_off(line: bytes) -> bool:
    value = decode_or_fault(ANY_JSON, line)
    is_malformed = isinstance(value, Fault) and value.code == "malformed"
    return is_malformed and ("truncated" in value.detail or f"(byte {len(line)})" in value.detail)
