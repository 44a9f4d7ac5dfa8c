"""Split JSON objects that follow one another on any lines, and find the list in an object around the rows."""

import re
from collections.abc import Iterator

import msgspec

from service.datasets.imports.containers.json_text.json_arrays import (
    LEAF,
    OPENING,
    STRING,
    WHITESPACE,
    WHOLE,
    BracketScanner,
    skip,
)
from service.datasets.imports.containers.unreadable import Unreadable
from service.errors import Fault

GAP = re.compile(rb"[\s,\xef\xbb\xbf]*+")  # also commas, and byte order marks where files were joined
FIELD = re.compile(rb"\s*+,?\s*+(" + WHOLE + rb")\s*+:\s*+")
SCALAR = re.compile(rb'[^\s,}\]\[{"]++')
NESTED = re.compile(rb'(?:[^"\[\]{}]++|' + WHOLE + rb"|" + LEAF + rb")*+", re.DOTALL)
WRAPPERS = frozenset(
    {"data", "dataset", "entries", "examples", "instances", "items", "records", "results", "rows", "samples", "train"}
)
# Lists that are a row's own.
ROW_LISTS = frozenset(
    {"chosen", "completion", "completions", "contents", "conversation", "conversations", "dialog", "functions"}
    | {"history", "images", "messages", "prompt", "rejected", "system", "tools", "turns"}
)


class Wrapper(msgspec.Struct, frozen=True, kw_only=True):
    """The list of rows in an object: its field, and where it begins behind the bracket."""

    field: str
    begin: int


class ObjectSplitter(BracketScanner):
    """Takes a text of objects in blocks. Gives each with the line it starts on, None for one above the limit."""

    def __init__(self, *, limit: int, first: int) -> None:
        super().__init__(limit=limit)
        self.line = first  # of the present byte
        self.started = first  # the line of the present object

    def feed(self, block: bytes) -> Iterator[tuple[int, bytes | None]]:
        """The objects that end in this block. Raises Unreadable for anything between them."""
        index = 0
        while index < len(block):
            start = index
            if not self.depth:
                start = self._skip_gap(block, index)
                if start == len(block):
                    return
                self.started, self.depth = self.line, 1
                index = start + 1
            index = self._find_end(block, index)
            self._append(block[start:index])
            self.line += block.count(b"\n", start, index)
            if not self.depth:
                yield self.started, self._take()

    def finish(self) -> None:
        """Raises Unreadable when an object is still open."""
        if self.depth:
            detail = f"The object that starts on line {self.started} is never closed."
            raise Unreadable(Fault(detail=detail, code="truncated", line=self.started))

    def _skip_gap(self, block: bytes, index: int) -> int:
        start = skip(GAP, block, index)
        self.line += block.count(b"\n", index, start)
        if start < len(block) and block[start : start + 1] != b"{":
            found = block[start : start + 20].decode(errors="replace")
            detail = f"An object has to stand on line {self.line}, not {found!r}; the object before it may be broken."
            raise Unreadable(Fault(detail=detail, code="malformed", line=self.line))
        return start

    def _find_end(self, block: bytes, index: int) -> int:
        """Behind the object's last brace, or the end of the block."""
        while self.depth and index < len(block):
            index = self._find_mark(block, index)
            mark = block[index : index + 1]
            if mark == b'"':
                index = self._open_string(index)
            elif mark and mark in b"[{":
                index = self._open_brackets(block, index)
            elif mark:
                index = self._close_brackets(block, index, lowest=0)
        return index


def split_objects(line: bytes) -> list[bytes] | None:
    """The objects on one line, None if something else stands there too."""
    splitter = ObjectSplitter(limit=len(line), first=1)
    try:
        found = [data for _, data in splitter.feed(line) if data is not None]
        splitter.finish()
    except Unreadable:
        return None
    return found


def find_wrapper(start: bytes) -> Wrapper | None:
    """The list of rows in the object that a text starts with: `{"data": [{`. None if the object is itself a row."""
    index, is_first = 1, True
    while (match := FIELD.match(start, index)) is not None:
        index = match.end()
        if start[index : index + 1] == b"[":
            name = msgspec.json.decode(match[1], type=str)
            if (name in WRAPPERS or (is_first and name not in ROW_LISTS)) and _has_rows(start[index + 1 :]):
                return Wrapper(field=name, begin=index + 1)
        index, is_first = _skip_value(start, index), False
    return None


def _has_rows(elements: bytes) -> bool:
    """Whether a list starts with an object that is no turn of a conversation and no part of one."""
    text = elements.lstrip(WHITESPACE)
    first = FIELD.match(text, 1) if text.startswith(b"{") else None
    return first is not None and msgspec.json.decode(first[1], type=str) not in {"role", "from", "type", "content"}


def _skip_value(text: bytes, index: int) -> int:
    if text[index : index + 1] == b'"':
        return skip(STRING, text, index + 1) + 1
    if not (opening := OPENING.match(text, index)):
        return skip(SCALAR, text, index)
    depth, index = len(opening[0]), opening.end()
    while depth and index < len(text):
        index = skip(NESTED, text, index)
        depth += {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(text[index : index + 1], 0)
        index += 1
    return index
