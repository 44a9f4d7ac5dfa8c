"""CSV lines to records. A record may span lines, and a quote left open may span the rest of the file."""

import csv
import re
from collections.abc import Iterable, Iterator

from service.datasets.imports.formats.row import Unreadable
from service.errors import Fault

# The module's own limit of 128 KiB a cell is in the way; a row has a limit of ours.
csv.field_size_limit(2**31 - 1)

Record = tuple[int, list[str] | Fault]
"""The line where a record starts, and its cells or what is wrong with it."""


class Records:
    """Gives the records that are complete and keeps the lines of one whose quote is still open."""

    def __init__(self, *, limit: int) -> None:
        self.limit = limit
        self.first = 1
        self.waiting = ""  # in one piece: millions of short lines would take many times their size
        self.taken: list[str] = []
        self.ran_out = False

    def feed(self, first: int, lines: list[str]) -> Iterator[Record]:
        """The records that end in these lines, of which the first has the number `first`."""
        number = self.first if self.waiting else first
        joined = max(self.waiting.count("\n") - 1, 0)
        reader = csv.reader(self._told([self.waiting, *lines] if self.waiting else lines), strict=True)
        self.waiting, self.ran_out = "", False
        while (cells := self._next(reader, number)) is not None:
            if isinstance(cells, Fault) or len(cells) > 1 or "".join(cells).strip():
                yield number, cells
            number += len(self.taken) + joined
            joined = 0
        self.first = number
        if len(self.waiting) > self.limit:
            self.finish()

    def finish(self) -> None:
        """Raises Unreadable when a quote is still open: nothing after it can be told apart."""
        if self.waiting:
            line = _opened(_lines(self.waiting), self.first)
            detail = f"the quote opened on line {line} is not closed"
            raise Unreadable(Fault(detail=detail, code="unclosed_quote", line=line))

    def _told(self, lines: list[str]) -> Iterator[str]:
        for line in lines:
            self.taken.append(line)
            yield line
        self.ran_out = True

    def _next(self, reader: Iterator[list[str]], number: int) -> list[str] | Fault | None:
        self.taken.clear()
        try:
            return next(reader)
        except StopIteration:
            return None
        except csv.Error as error:
            if self.ran_out:  # it asked for more in the middle of a record
                self.waiting = "".join(self.taken)
                return None
            *before, _ = _lines("".join(self.taken))
            line = _opened(before, number) or number + len(before)
            return Fault(detail=f"broken at the quote opened on line {line}: {error}", code="broken_quote", line=line)


def _lines(record: str) -> Iterator[str]:
    return (line[0] for line in re.finditer(r"[^\n]*\n|[^\n]+", record))


def _opened(lines: Iterable[str], first: int) -> int | None:
    """The line with the quote that is open after these lines, of which the first has the number `first`."""
    opened = None
    for number, line in enumerate(lines, first):
        marks = line.replace('""', "").count('"')
        if marks and (marks % 2 == 0) == (opened is not None):
            opened = number
        elif marks:
            opened = None
    return opened
