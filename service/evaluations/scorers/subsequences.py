"""Compute the length of the longest common subsequence. Pure."""

from collections.abc import Hashable, Sequence

# Two sequences of this length take about half a second; the time grows with the product of the lengths.
MAX_ITEMS = 50_000


def common_length(a: Sequence[Hashable], b: Sequence[Hashable]) -> int:
    """Compute the length of the longest common subsequence of the first 50,000 items of each.

    Bit-parallel (Hyyrö 2004, "Bit-parallel LCS-length computation revisited"): each row of the table is one integer,
    where a zero bit is an increase by 1.
    """
    a, b = a[:MAX_ITEMS], b[:MAX_ITEMS]
    start = _common_prefix(a, b)
    a, b = a[start:], b[start:]
    end = _common_prefix(a[::-1], b[::-1])
    a, b = a[: len(a) - end], b[: len(b) - end]
    positions: dict[Hashable, int] = {}
    for index, item in enumerate(a):
        positions[item] = positions.get(item, 0) | 1 << index
    full = (1 << len(a)) - 1
    row = full
    for item in b:
        matches = row & positions.get(item, 0)
        row = (row + matches | row - matches) & full
    return start + end + len(a) - row.bit_count()


def _common_prefix(a: Sequence[Hashable], b: Sequence[Hashable]) -> int:
    """Count the equal items at the start of both."""
    return next((index for index, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
