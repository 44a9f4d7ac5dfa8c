"""The Merkle tree over a workspace's events (RFC 9162, section 2.1): roots, proofs and their checks. Pure.

A tree is identified by its size. A subtree is a range of leaves `(first, end)`. Proofs are described as such ranges, so
the caller decides where the hashes come from.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import cache

Range = tuple[int, int]
HashOf = Callable[[Range], bytes]

EMPTY_ROOT = hashlib.sha256().digest()


class ProofRefused(ValueError):  # noqa: N818 - it reads as what it is
    """The proof does not lead to the root"""


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Compute the root over leaf hashes in one pass."""
    tree = Frontier()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()


class Frontier:
    """A tree that keeps only its complete subtrees along the right edge, which is enough to append."""

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        """`hashes` are those of `edges(size)`, from left to right."""
        self.size = size
        self._stack = list(hashes)

    def add(self, leaf: bytes) -> list[bytes]:
        """Append a leaf; returns the hashes of the subtrees it completes: of 1 leaf (its own), of 2, of 4, …"""
        return self._put(leaf, level=0)

    def add_missing(self, count: int) -> None:
        """Append `count` unknown leaves, whole subtrees at a time, so that later leaves keep their index."""
        while count > 0:
            level = count.bit_length() - 1
            if self.size:
                level = min(level, (self.size & -self.size).bit_length() - 1)
            self._put(_missing(level), level=level)
            count -= 1 << level

    def _put(self, subtree: bytes, *, level: int) -> list[bytes]:
        self.size += 1 << level
        complete = [subtree]
        # The new size's trailing zeros count the pairs of equal subtrees to merge.
        for _ in range((self.size & -self.size).bit_length() - 1 - level):
            complete.append(node_hash(self._stack.pop(), complete[-1]))
        self._stack.append(complete[-1])
        return complete

    @property
    def hashes(self) -> list[bytes]:
        return list(self._stack)

    def root(self) -> bytes:
        if not self._stack:
            return EMPTY_ROOT
        root = self._stack[-1]
        for left in reversed(self._stack[:-1]):
            root = node_hash(left, root)
        return root


@cache
def _missing(level: int) -> bytes:
    """The hash of a subtree of 2^`level` leaves that are all zeros."""
    return node_hash(_missing(level - 1), _missing(level - 1)) if level else b"\0" * len(EMPTY_ROOT)


def edges(size: int, first: int = 0) -> list[Range]:
    """The complete subtrees of a tree of `size` leaves, from left to right, offset by `first`."""
    ranges, start = [], first
    for bit in reversed(range(size.bit_length())):
        if size >> bit & 1:
            ranges.append((start, start + (1 << bit)))
            start += 1 << bit
    return ranges


def inclusion(index: int, size: int) -> list[Range]:
    """The subtrees whose hashes prove that leaf `index` is in the tree of `size` leaves, from the leaf upwards."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    return list(_path(index, 0, size))


def _path(index: int, first: int, end: int) -> Iterator[Range]:
    if end - first == 1:
        return
    middle = first + _split(end - first)
    if index < middle:
        yield from _path(index, first, middle)
        yield (middle, end)
    else:
        yield from _path(index, middle, end)
        yield (first, middle)


def consistency(old: int, new: int) -> list[Range]:
    """The subtrees whose hashes prove that the tree of `old` leaves is the beginning of the tree of `new` leaves."""
    if not 0 < old <= new:
        raise ValueError(f"a tree of {old} cannot be the beginning of a tree of {new}")
    return list(_grown(old, 0, new, whole=True)) if old < new else []


def _grown(old: int, first: int, end: int, *, whole: bool) -> Iterator[Range]:
    if old == end:
        if not whole:
            yield (first, end)
        return
    middle = first + _split(end - first)
    if old <= middle:
        yield from _grown(old, first, middle, whole=whole)
        yield (middle, end)
    else:
        yield from _grown(old, middle, end, whole=False)
        yield (first, middle)


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def gathered(ranges: Sequence[Range], hash_of: HashOf) -> list[bytes]:
    """Collect the proof's hashes. `hash_of` is only called for complete subtrees; others are computed here."""
    return [_hash(each, hash_of) for each in ranges]


def _hash(of: Range, hash_of: HashOf) -> bytes:
    *left, root = [hash_of(part) for part in edges(of[1] - of[0], of[0])]
    for part in reversed(left):
        root = node_hash(part, root)
    return root


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raises ProofRefused unless the leaf hash is at `index` of the tree with this root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        raise ProofRefused(f"there is no leaf {index} in a tree of {size}")
    computed = leaf
    for part, left in _upwards(index, size - 1, proof):
        computed = node_hash(part, computed) if left else node_hash(computed, part)
    if computed != root:
        raise ProofRefused("the proof leads to another root")


def check_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Raises ProofRefused unless the new tree begins with the old one (RFC 9162, 2.1.4.2)."""
    if not 0 < old <= new:
        raise ProofRefused(f"a tree of {old} cannot be the beginning of a tree of {new}")
    if old == new:
        if proof or old_root != new_root:
            raise ProofRefused("two trees of one size have one root and need no proof")
        return
    # If the old tree is complete, its root is the first part.
    first, *parts = [old_root, *proof] if old & (old - 1) == 0 else [*proof] or [b""]
    ones = (old & -old).bit_length() - 1
    old_computed = new_computed = first
    for part, left in _upwards((old - 1) >> ones, (new - 1) >> ones, parts):
        old_computed = node_hash(part, old_computed) if left else old_computed
        new_computed = node_hash(part, new_computed) if left else node_hash(new_computed, part)
    if (old_computed, new_computed) != (old_root, new_root):
        raise ProofRefused("the proof leads to other roots")


def _upwards(number: int, last: int, proof: Sequence[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield each part, and whether it is a left sibling, from node `number` of a level that ends at node `last`.

    Raises ProofRefused if the proof is too short or too long.
    """
    for part in proof:
        if last == 0:
            raise ProofRefused("the proof is too long")
        left = bool(number & 1) or number == last
        while left and not number & 1 and number:
            number, last = number >> 1, last >> 1
        yield part, left
        number, last = number >> 1, last >> 1
    if last != 0:
        raise ProofRefused("the proof is too short")
