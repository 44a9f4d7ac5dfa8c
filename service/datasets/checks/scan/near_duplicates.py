"""Find rows that nearly repeat others, by MinHash (Broder 1997) and locality-sensitive hashing.

A row is kept as a sketch of 256 bytes. Rows whose sketches agree in a band are compared, each with the first one and
the one before it in the band, so the work grows with the rows and not with their pairs.
"""

import zlib
from array import array
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from datasketch import MinHash

from service.datasets.checks.shingles import build_shingles, normalize

PERMUTATIONS = 64
BAND_ROWS = 4  # 16 bands: rows with a similarity of 0.7 meet in one with a probability of 0.988, of 0.8 with 0.9997
MIN_SIMILARITY = 0.7
MIN_SHINGLES = 6  # shorter texts are alike by chance
COMPARED_AT_ONCE = 20_000
MAX_CHARACTERS = 100_000  # of a text; what is the same until there is the same

Sketches = npt.NDArray[np.uint32]


class NearDuplicates:
    """Takes texts page by page; `find_clusters` then says which rows belong together."""

    def __init__(self) -> None:
        self._pages: list[Sketches] = []
        self._is_long = array("B")

    def add(self, texts: Sequence[str]) -> None:
        shingles = [build_shingles(normalize(text[:MAX_CHARACTERS])) for text in texts]
        encoded = [[shingle.encode() for shingle in each] for each in shingles]
        sketches = MinHash.bulk(encoded, num_perm=PERMUTATIONS, hashfunc=zlib.crc32)
        self._pages.append(np.array([sketch.hashvalues for sketch in sketches], dtype=np.uint32))
        self._is_long.extend(len(each) >= MIN_SHINGLES for each in shingles)

    def find_clusters(self) -> npt.NDArray[np.int64]:
        """For each row the first row of its cluster; itself for a row that is like none before it."""
        first = np.arange(len(self._is_long))
        places = np.flatnonzero(np.frombuffer(self._is_long, dtype=np.uint8))
        if len(places) > 1:
            sketches = np.concatenate(self._pages)
            self._pages.clear()
            for one, other in _find_pairs(sketches, places):
                _join(first, one, other)
        return np.array([_find_first(first, row) for row in range(len(first))], dtype=np.int64)


def _find_pairs(sketches: Sketches, places: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
    pairs: set[tuple[int, int]] = set()
    for start in range(0, PERMUTATIONS, BAND_ROWS):
        band = np.ascontiguousarray(sketches[places, start : start + BAND_ROWS]).view(f"V{4 * BAND_ROWS}").ravel()
        _, bucket = np.unique(band, return_inverse=True)
        order = np.argsort(bucket, kind="stable")
        is_same = bucket[order][1:] == bucket[order][:-1]
        begins = np.concatenate(([True], ~is_same))
        heads = order[np.flatnonzero(begins)][np.cumsum(begins) - 1]
        for partners in (heads[1:][is_same], order[:-1][is_same]):
            pairs.update(_keep_similar(sketches, places[partners], places[order[1:][is_same]]))
    return sorted(pairs)


def _keep_similar(
    sketches: Sketches, ones: npt.NDArray[np.int64], others: npt.NDArray[np.int64]
) -> list[tuple[int, int]]:
    similar: list[tuple[int, int]] = []
    for start in range(0, len(ones), COMPARED_AT_ONCE):
        left, right = ones[start : start + COMPARED_AT_ONCE], others[start : start + COMPARED_AT_ONCE]
        is_similar = (sketches[left] == sketches[right]).mean(axis=1) >= MIN_SIMILARITY
        similar += zip(left[is_similar].tolist(), right[is_similar].tolist(), strict=True)
    return similar


def _find_first(first: npt.NDArray[np.int64], row: int) -> int:
    while first[row] != row:
        first[row] = first[first[row]]
        row = int(first[row])
    return row


def _join(first: npt.NDArray[np.int64], one: int, other: int) -> None:
    low, high = sorted((_find_first(first, one), _find_first(first, other)))
    first[high] = low
