"""Split a JSON array into its elements, piece by piece. It looks at strings and brackets only; msgspec parses the rest.

The streaming parsers for Python did not qualify: the best of them turns a lone surrogate into a question mark, and
fails with SystemError on an integer of 5,000 digits.
"""

import re
from collections.abc import Iterator
from enum import Enum, auto

from service.datasets.imports.containers.unreadable import Unreadable
from service.errors import Fault

# Possessive, so that nothing is matched twice. STRING is what follows a quote. The other two skip complete strings and
# complete innermost objects and arrays, and stop at a bracket or at a string that continues in the next block; TOP
# stops at a comma too. Adjacent brackets are skipped in one step, so a file of brackets is as fast as one of text.
STRING = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
WHOLE = rb'"' + STRING.pattern + rb'"'
LEAF = rb'[\[{](?:[^"\[\]{}]++|' + WHOLE + rb")*+[\]}]"
TOP = re.compile(rb'(?:[^"\[\]{},]++|' + WHOLE + rb"|" + LEAF + rb")*+", re.DOTALL)
INNER = re.compile(rb'(?:[^"\[\]{}]++|' + WHOLE + rb"|" + LEAF + rb")*+", re.DOTALL)
OPENING = re.compile(rb"[\[{]++")
CLOSING = re.compile(rb"[\]}]++")
WHITESPACE = b" \t\r\n"
MAX_TAIL = 1024 * 1024


class Within(Enum):
    """What the scanner is in at its present byte."""

    ELEMENT = auto()
    STRING = auto()
    ESCAPE = auto()


class BracketScanner:
    """Where it is in a JSON text: how many brackets are open, and the parts of a row that is not complete."""

    def __init__(self, *, limit: int) -> None:
        self.limit = limit
        self.depth = 0  # of open brackets
        self.within = Within.ELEMENT
        self.parts: list[bytes] = []
        self.size = 0

    def _append(self, piece: bytes) -> None:
        self.size += len(piece)
        if self.size <= self.limit:
            self.parts.append(piece)
        else:
            self.parts.clear()

    def _take(self) -> bytes | None:
        """The complete row, None if it is above the limit."""
        row = b"".join(self.parts) if self.size <= self.limit else None
        self.parts, self.size = [], 0
        return row

    def _find_mark(self, block: bytes, index: int) -> int:
        """The next quote, comma or bracket outside strings, or the end of the block."""
        if self.within is not Within.ELEMENT:
            index = self._skip_string(block, index)
        if self.within is not Within.ELEMENT:
            return len(block)
        return skip(INNER if self.depth else TOP, block, index)

    def _open_string(self, index: int) -> int:
        self.within = Within.STRING
        return index + 1

    def _skip_string(self, block: bytes, index: int) -> int:
        """Go behind the quote that ends the string, unless that comes in a later block."""
        end = skip(STRING, block, index + (self.within is Within.ESCAPE))
        match block[end : end + 1]:
            case b'"':
                self.within = Within.ELEMENT
            case b"\\":  # at the end of the block: it escapes the first byte of the next one
                self.within = Within.ESCAPE
            case _:
                self.within = Within.STRING
        return end + 1

    def _open_brackets(self, block: bytes, index: int) -> int:
        end = skip(OPENING, block, index)
        self.depth += end - index
        return end

    def _close_brackets(self, block: bytes, index: int, *, lowest: int) -> int:
        """Go behind the closing brackets, at most to the one that brings the depth to `lowest`."""
        end = min(skip(CLOSING, block, index), index + self.depth - lowest)
        self.depth -= end - index
        return end


class ArraySplitter(BracketScanner):
    """Takes what follows the opening bracket, in blocks. Gives the elements, None for one above the limit.

    The depth is -1 once the array itself is closed; `tail` is what follows it.
    """

    def __init__(self, *, limit: int) -> None:
        super().__init__(limit=limit)
        self.count = 0
        self.tail = b""

    @property
    def is_closed(self) -> bool:
        return self.depth < 0

    def feed(self, block: bytes) -> Iterator[bytes | None]:
        """The elements that end in this block."""
        start = 0
        for end in self._find_ends(block):
            self._append(block[start:end])
            start = end + 1
            element = self._take()
            is_empty_array = self.is_closed and not self.count and element is not None and not element.strip(WHITESPACE)
            if not is_empty_array:
                self.count += 1
                yield element
        if not self.is_closed:
            self._append(block[start:])
            return
        self.tail += block[start:].lstrip(WHITESPACE) if not self.tail else block[start:]
        if len(self.tail) > MAX_TAIL:
            raise build_tail_error()

    def finish(self) -> None:
        """Raises Unreadable when the array is still open."""
        if not self.is_closed:
            detail = f"The array is never closed: the file ends in row {self.count + 1}."
            raise Unreadable(Fault(pointer=f"/{self.count}", detail=detail, code="truncated", line=self.count + 1))

    def _find_ends(self, block: bytes) -> Iterator[int]:
        """Where a comma or the closing bracket ends an element."""
        index = 0
        while not self.is_closed:
            index = self._find_mark(block, index)
            if index >= len(block):
                return
            mark = block[index : index + 1]
            if mark == b'"':
                index = self._open_string(index)
            elif mark == b",":
                yield index
                index += 1
            elif mark in b"[{":
                index = self._open_brackets(block, index)
            else:
                index = self._close_array(block, index)
                if self.is_closed:
                    yield index - 1

    def _close_array(self, block: bytes, index: int) -> int:
        end = self._close_brackets(block, index, lowest=-1)
        if self.is_closed and block[end - 1 : end] == b"}":
            detail = f"Row {self.count + 1} closes a brace that was never opened."
            raise Unreadable(Fault(pointer=f"/{self.count}", detail=detail, code="malformed", line=self.count + 1))
        return end


def build_tail_error() -> Unreadable:
    return Unreadable(Fault(detail="There is more after the end of the array.", code="malformed"))


def skip(pattern: re.Pattern[bytes], block: bytes, index: int) -> int:
    match = pattern.match(block, index)
    return match.end() if match else index
