"""Read CSV records from lines. A record may span lines; an unclosed quote may span the rest of the file."""

import csv
import re
from collections.abc import Iterable, Iterator

from service.datasets.imports.containers.unreadable import Unreadable
from service.errors import Fault

# Not the module's own limit of 128 KiB per cell: rows have a limit of ours.
csv.field_size_limit(2**31 - 1)

CsvRecord = tuple[int, list[str] | Fault]
"""The line where a record starts, and its cells or what is wrong with it."""


class RecordReader:
    """Gives complete records and keeps the lines of a record whose quote is still open."""

    def __init__(self, *, limit: int, delimiter: str = ",") -> None:
        self.limit = limit
        self.delimiter = delimiter
        self.first = 1
        self.waiting = ""  # in one piece: millions of short lines would take many times their size
        self.consumed: list[str] = []
        self.is_exhausted = False

    def feed(self, first: int, lines: list[str]) -> Iterator[CsvRecord]:
        """The records that end in these lines; `first` is the number of the first line."""
        number = self.first if self.waiting else first
        joined = max(self.waiting.count("\n") - 1, 0)
        waiting = [self.waiting, *lines] if self.waiting else lines
        reader = csv.reader(self._consume(waiting), strict=True, delimiter=self.delimiter)
        self.waiting, self.is_exhausted = "", False
        while (cells := self._next(reader, number)) is not None:
            if isinstance(cells, Fault) or len(cells) > 1 or "".join(cells).strip():
                yield number, cells
            number += len(self.consumed) + joined
            joined = 0
        self.first = number
        if len(self.waiting) > self.limit:
            self.finish()

    def finish(self) -> None:
        """Raises Unreadable when a quote is still open: the lines after it cannot be separated."""
        if self.waiting:
            line = _find_open_quote(_split_lines(self.waiting), self.first)
            detail = f"The quote opened on line {line} is never closed."
            raise Unreadable(Fault(detail=detail, code="unclosed_quote", line=line))

    def _consume(self, lines: list[str]) -> Iterator[str]:
        for line in lines:
            self.consumed.append(line)
            yield line
        self.is_exhausted = True

    def _next(self, reader: Iterator[list[str]], number: int) -> list[str] | Fault | None:
        self.consumed.clear()
        try:
            return next(reader)
        except StopIteration:
            return None
        except csv.Error as error:
            if self.is_exhausted:  # the record continues in the next lines
                self.waiting = "".join(self.consumed)
                return None
            *before, _ = _split_lines("".join(self.consumed))
            line = _find_open_quote(before, number) or number + len(before)
            return Fault(
                detail=f"Error after the quote opened on line {line}: {error}.", code="broken_quote", line=line
            )


def _split_lines(record: str) -> Iterator[str]:
    return (line[0] for line in re.finditer(r"[^\n]*\n|[^\n]+", record))


def _find_open_quote(lines: Iterable[str], first: int) -> int | None:
    """The line of the quote that is open after these lines; `first` is the number of the first line."""
    opened_on = None
    for number, line in enumerate(lines, first):
        quotes = line.replace('""', "").count('"')
        if quotes and (quotes % 2 == 0) == (opened_on is not None):
            opened_on = number
        elif quotes:
            opened_on = None
    return opened_on
