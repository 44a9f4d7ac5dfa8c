"""Where the elements of a JSON array end. It sees strings and brackets only; msgspec judges what stands between them.

The streaming parsers for Python were no choice: the best of them turns a lone surrogate into a question mark, and
breaks with SystemError on an integer of 5,000 digits.
"""

import re
from collections.abc import Iterator

from service.datasets.imports.formats.row import Unreadable
from service.errors import Fault

# Possessive, so what was passed is never tried again. STRING is what follows a quote. The other two pass whole strings
# and whole innermost objects and arrays, and stop at a bracket or at a string that goes on in the next block; TOP stops
# at a comma too. Brackets side by side are taken in one step, so that a file of them costs no more than one of text.
STRING = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
WHOLE = rb'"' + STRING.pattern + rb'"'
LEAF = rb'[\[{](?:[^"\[\]{}]++|' + WHOLE + rb")*+[\]}]"
TOP = re.compile(rb'(?:[^"\[\]{},]++|' + WHOLE + rb"|" + LEAF + rb")*+", re.DOTALL)
INNER = re.compile(rb'(?:[^"\[\]{}]++|' + WHOLE + rb"|" + LEAF + rb")*+", re.DOTALL)
OPENING = re.compile(rb"[\[{]++")
CLOSING = re.compile(rb"[\]}]++")
WHITE = b" \t\r\n"


class Elements:
    """Takes what follows the opening bracket, in pieces. Gives the elements, None for one above the limit."""

    def __init__(self, *, limit: int) -> None:
        self.limit = limit
        self.count = 0
        self.depth = 0
        self.in_string = False
        self.escaping = False
        self.parts: list[bytes] = []
        self.held = 0

    def feed(self, block: bytes) -> Iterator[bytes | None]:
        """The elements that end in this block."""
        start = 0
        for end in self._ends(block):
            self._keep(block[start:end])
            start = end + 1
            element = b"".join(self.parts) if self.held <= self.limit else None
            only_one_and_blank = self.depth < 0 and not self.count and element is not None and not element.strip(WHITE)
            self.parts, self.held = [], 0
            if not only_one_and_blank:
                self.count += 1
                yield element
        if self.depth >= 0:
            self._keep(block[start:])
        elif block[start:].strip(WHITE):
            raise Unreadable(Fault(detail="there is more after the end of the array", code="malformed"))

    def finish(self) -> None:
        """Raises Unreadable when the array is still open."""
        if self.depth >= 0:
            detail = f"the array is never closed: the file ends in row {self.count + 1}"
            raise Unreadable(Fault(pointer=f"/{self.count}", detail=detail, code="truncated", line=self.count + 1))

    def _keep(self, piece: bytes) -> None:
        self.held += len(piece)
        if self.held <= self.limit:
            self.parts.append(piece)
        else:
            self.parts.clear()

    def _ends(self, block: bytes) -> Iterator[int]:
        """Where a comma or the closing bracket ends an element."""
        at = 0
        while self.depth >= 0 and (at := self._mark(block, at)) < len(block):
            mark, begun = block[at : at + 1], at
            if mark == b'"':
                self.in_string = True
                at += 1
            elif mark == b",":
                yield at
                at += 1
            elif mark in b"[{":
                at = _past(OPENING, block, at)
                self.depth += at - begun
            else:
                at = min(_past(CLOSING, block, at), begun + self.depth + 1)
                self.depth -= at - begun
                if self.depth < 0:
                    self._closed(block[at - 1 : at])
                    yield at - 1

    def _closed(self, bracket: bytes) -> None:
        if bracket == b"}":
            detail = f"a brace closes in row {self.count + 1} that none opened"
            raise Unreadable(Fault(pointer=f"/{self.count}", detail=detail, code="malformed", line=self.count + 1))

    def _mark(self, block: bytes, at: int) -> int:
        """Where something begins or ends outside strings, or the end of the block."""
        if self.in_string:
            at = _past(STRING, block, at + self.escaping)
            # A backslash that ends the block escapes the first byte of the next one.
            self.escaping = block[at : at + 1] == b"\\"
            if self.escaping or at >= len(block):
                return len(block)
            self.in_string = False
            at += 1
        return _past(INNER if self.depth else TOP, block, at)


def _past(pattern: re.Pattern[bytes], block: bytes, at: int) -> int:
    found = pattern.match(block, at)
    return found.end() if found else at
