"""Hash a sorted sequence of digests with some taken out and some put in, without making the sequence anew. Pure."""

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec

SIZE = 32


class Hasher(Protocol):
    def update(self, data: memoryview | bytes, /) -> None: ...


class Change(msgspec.Struct, frozen=True, order=True):
    """A digest that is in the sequence once more (`times` 1) or once less (-1)."""

    digest: bytes
    times: int


def hash_changed(hasher: Hasher, ordered: bytes, changes: Iterable[Change]) -> int:
    """Feed the digests of `ordered` with the changes to the hasher, in their order; the number of digests fed.

    Raises KeyError for a digest that is to be taken out and is not there.
    """
    view, records = memoryview(ordered), range(len(ordered) // SIZE)
    position, count = 0, 0

    def read(record: int) -> bytes:
        return ordered[record * SIZE : (record + 1) * SIZE]

    for change in sorted(changes):
        place = bisect_left(records, change.digest, lo=position, key=read)
        hasher.update(view[position * SIZE : place * SIZE])
        count += place - position
        position = place
        if change.times > 0:
            hasher.update(change.digest)
            count += 1
        elif read(place) == change.digest:
            position += 1
        else:
            raise KeyError(change.digest.hex())
    hasher.update(view[position * SIZE :])
    return count + len(records) - position


def digest_contents(digests: Sequence[str]) -> str:
    """The digest of a version in Python, to check it against its examples' digests."""
    return hashlib.sha256(b"".join(sorted(bytes.fromhex(digest) for digest in digests))).hexdigest()
