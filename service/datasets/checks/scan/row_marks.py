"""Which rows a finding is about: kept as numbers, six bytes a row, until they are written as records. Pure."""

from array import array
from collections import Counter
from collections.abc import Iterable

from service.datasets.checks.domain import NO_ID

MAX_KINDS = 256
NOBODY = 2**32 - 1


class RowMarks:
    """The rows of one finding; each may name another row, and a kind."""

    def __init__(self) -> None:
        self.rows = array("I")
        self._others = array("I")
        self._kinds = array("B")
        self.kinds: list[str] = []

    def add(self, row: int, *, other: int | None = None, kind: str = "") -> None:
        if kind not in self.kinds:
            # What is beyond the last number is counted with it.
            if len(self.kinds) == MAX_KINDS:
                kind = self.kinds[-1]
            else:
                self.kinds.append(kind)
        self.rows.append(row)
        self._others.append(NOBODY if other is None else other)
        self._kinds.append(self.kinds.index(kind))

    def add_all(self, pairs: Iterable[tuple[int, int]], *, kind: str = "") -> None:
        for row, other in pairs:
            self.add(row, other=other, kind=kind)

    def count_kinds(self) -> tuple[int, ...]:
        counts = Counter(self._kinds)
        return tuple(counts[number] for number in range(len(self.kinds)))

    def count_rows(self) -> int:
        return len(set(self.rows))

    def encode(self, ids: bytes | bytearray) -> bytes:
        """A record for each row, in the order of rows. `ids` has 16 bytes for each."""
        records = bytearray()
        for place in sorted(range(len(self.rows)), key=self.rows.__getitem__):
            row, other = self.rows[place], self._others[place]
            records += ids[16 * row : 16 * row + 16]
            records += NO_ID if other == NOBODY else ids[16 * other : 16 * other + 16]
            records.append(self._kinds[place])
        return bytes(records)
