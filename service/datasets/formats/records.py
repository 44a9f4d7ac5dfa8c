"""CSV lines to records. A record may span lines, and a quote left open may span the rest of the file."""

import csv
from collections.abc import Iterator

from service.datasets.formats.rows import Unreadable
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
        self.waiting: list[str] = []
        self.taken = 0
        self.ran_out = False

    def feed(self, first: int, lines: list[str]) -> Iterator[Record]:
        """The records that end in these lines, of which the first has the number `first`."""
        if not self.waiting:
            self.first = first
        given = [*self.waiting, *lines]
        self.waiting, self.taken, self.ran_out = [], 0, False
        reader = csv.reader(self._told(given), strict=True)
        start = 0
        while (record := self._next(reader, given, start)) is not None:
            if isinstance(record, Fault) or any(cell.strip() for cell in record[:1]) or len(record) > 1:
                yield self.first + start, record
            start = self.taken
        self.first += start
        if sum(map(len, self.waiting)) > self.limit:
            self.finish()

    def finish(self) -> None:
        """Raises Unreadable when a quote is still open: nothing after it can be told apart."""
        if self.waiting:
            line = _opened(self.waiting, self.first)
            detail = f"the quote opened on line {line} is not closed"
            raise Unreadable(Fault(detail=detail, code="unclosed_quote", line=line))

    def _told(self, lines: list[str]) -> Iterator[str]:
        for line in lines:
            self.taken += 1
            yield line
        self.ran_out = True

    def _next(self, reader: Iterator[list[str]], given: list[str], start: int) -> list[str] | Fault | None:
        try:
            return next(reader)
        except StopIteration:
            return None
        except csv.Error as error:
            if self.ran_out:  # it asked for more in the middle of a record
                self.waiting = given[start:]
                return None
            line = _opened(given[start : self.taken], self.first + start)
            return Fault(detail=f"broken at the quote opened on line {line}: {error}", code="broken_quote", line=line)


def _opened(lines: list[str], first: int) -> int:
    """The line with the quote that was open last: each line with an odd number of quotes opens or closes one."""
    odd = [number for number, line in enumerate(lines, first) if line.count('"') % 2]
    return odd[-1] if len(odd) % 2 else first + len(lines) - 1
