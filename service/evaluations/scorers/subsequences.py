"""How much two sequences share in order: the length of their longest common subsequence. Pure."""

from collections.abc import Hashable, Sequence

# Read so far: two sequences of this length take about half a second, and the work grows with their product.
MAX_ITEMS = 50_000


def common_length(a: Sequence[Hashable], b: Sequence[Hashable]) -> int:
    """The length of the longest common subsequence, of the first 50,000 items of each.

    Bit-parallel after Hyyrö, "Bit-parallel LCS-length computation revisited" (2004): a whole row of the table is one
    integer, in which a zero is a step up.
    """
    a, b = a[:MAX_ITEMS], b[:MAX_ITEMS]
    start = _common_prefix(a, b)
    a, b = a[start:], b[start:]
    end = _common_prefix(a[::-1], b[::-1])
    a, b = a[: len(a) - end], b[: len(b) - end]
    where: dict[Hashable, int] = {}
    for place, item in enumerate(a):
        where[item] = where.get(item, 0) | 1 << place
    full = (1 << len(a)) - 1
    row = full
    for item in b:
        met = row & where.get(item, 0)
        row = (row + met | row - met) & full
    return start + end + len(a) - row.bit_count()


def _common_prefix(a: Sequence[Hashable], b: Sequence[Hashable]) -> int:
    """How many items the two begin with together."""
    return next((place for place, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
