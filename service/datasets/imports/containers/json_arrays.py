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


class Within(Enum):
    """What the scanner is in at its present byte."""

    ELEMENT = auto()
    STRING = auto()
    ESCAPE = auto()


class ArraySplitter:
    """Takes what follows the opening bracket, in blocks. Gives the elements, None for one above the limit."""

    def __init__(self, *, limit: int) -> None:
        self.limit = limit
        self.count = 0
        self.depth = 0  # of open brackets; -1 once the array itself is closed
        self.within = Within.ELEMENT
        self.parts: list[bytes] = []
        self.size = 0

    @property
    def is_closed(self) -> bool:
        return self.depth < 0

    def feed(self, block: bytes) -> Iterator[bytes | None]:
        """The elements that end in this block."""
        start = 0
        for end in self._find_ends(block):
            self._append(block[start:end])
            start = end + 1
            element = b"".join(self.parts) if self.size <= self.limit else None
            is_empty_array = self.is_closed and not self.count and element is not None and not element.strip(WHITESPACE)
            self.parts, self.size = [], 0
            if not is_empty_array:
                self.count += 1
                yield element
        if not self.is_closed:
            self._append(block[start:])
        elif block[start:].strip(WHITESPACE):
            raise Unreadable(Fault(detail="There is more after the end of the array.", code="malformed"))

    def finish(self) -> None:
        """Raises Unreadable when the array is still open."""
        if not self.is_closed:
            detail = f"The array is never closed: the file ends in row {self.count + 1}."
            raise Unreadable(Fault(pointer=f"/{self.count}", detail=detail, code="truncated", line=self.count + 1))

    def _append(self, piece: bytes) -> None:
        self.size += len(piece)
        if self.size <= self.limit:
            self.parts.append(piece)
        else:
            self.parts.clear()

    def _find_ends(self, block: bytes) -> Iterator[int]:
        """Where a comma or the closing bracket ends an element."""
        index = 0
        while not self.is_closed:
            index = self._find_mark(block, index)
            if index >= len(block):
                return
            mark = block[index : index + 1]
            if mark == b'"':
                self.within = Within.STRING
                index += 1
            elif mark == b",":
                yield index
                index += 1
            elif mark in b"[{":
                index = self._open_brackets(block, index)
            else:
                index = self._close_brackets(block, index)
                if self.is_closed:
                    yield index - 1

    def _find_mark(self, block: bytes, index: int) -> int:
        """The next quote, comma or bracket outside strings, or the end of the block."""
        if self.within is not Within.ELEMENT:
            index = self._skip_string(block, index)
        if self.within is not Within.ELEMENT:
            return len(block)
        return _skip(INNER if self.depth else TOP, block, index)

    def _skip_string(self, block: bytes, index: int) -> int:
        """Go behind the quote that ends the string, unless that comes in a later block."""
        end = _skip(STRING, block, index + (self.within is Within.ESCAPE))
        match block[end : end + 1]:
            case b'"':
                self.within = Within.ELEMENT
            case b"\\":  # at the end of the block: it escapes the first byte of the next one
                self.within = Within.ESCAPE
            case _:
                self.within = Within.STRING
        return end + 1

    def _open_brackets(self, block: bytes, index: int) -> int:
        end = _skip(OPENING, block, index)
        self.depth += end - index
        return end

    def _close_brackets(self, block: bytes, index: int) -> int:
        """Go behind the closing brackets, at most to the one that closes the array."""
        end = min(_skip(CLOSING, block, index), index + self.depth + 1)
        self.depth -= end - index
        if self.is_closed and block[end - 1 : end] == b"}":
            detail = f"Row {self.count + 1} closes a brace that was never opened."
            raise Unreadable(Fault(pointer=f"/{self.count}", detail=detail, code="malformed", line=self.count + 1))
        return end


def _skip(pattern: re.Pattern[bytes], block: bytes, index: int) -> int:
    match = pattern.match(block, index)
    return match.end() if match else index
