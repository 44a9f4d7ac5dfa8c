"""Texts that say the same, exactly or nearly. Pure.

Exactly: the same text, whatever its case, its blanks, the forms of its letters and the marks at its ends. Nearly: the
Jaccard similarity of their runs of SHINGLE_WORDS words and signs, as MinHash estimates it (Broder 1997), reaches a
threshold; locality-sensitive hashing finds the pairs worth comparing.
"""

import re
import unicodedata
from typing import Any
from uuid import UUID

import msgspec

from service.extras import require_extra

PERMUTATIONS = 128  # the estimate's standard error is at most 0.5 / √128 = 0.044
SHINGLE_WORDS = 3
DEFAULT_SIMILARITY = 0.8
WORD = re.compile(r"\w+|[^\w\s]")  # signs count: 2 + 2 is not 2 - 2
ENDS = "\"'.,;:!?\u2026\u00ab\u00bb\u2018\u2019\u201c\u201d "


class Duplicate(msgspec.Struct, frozen=True, kw_only=True):
    """What a text repeats; `similarity` is 1 for the same text."""

    of: UUID
    similarity: float


def normalize(text: str) -> str:
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return folded.strip(ENDS) or folded


def build_shingles(text: str) -> set[str]:
    """Runs of words and signs of a normalized text; a shorter text is one run."""
    words = WORD.findall(text)
    last = max(1, len(words) - SHINGLE_WORDS + 1)
    return {" ".join(words[at : at + SHINGLE_WORDS]) for at in range(last)}


class DuplicateIndex:
    """New texts by id, and what they are found to repeat. A `threshold` of None looks for the same texts only."""

    def __init__(self, threshold: float | None) -> None:
        require_extra("generation")
        from datasketch import MinHashLSH  # noqa: PLC0415 - slow to import, and few processes need it

        self._threshold = threshold
        self._exact: dict[str, UUID] = {}
        self._sketches: dict[UUID, Any] = {}
        self._index = MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS) if threshold is not None else None

    def add(self, id_: UUID, text: str) -> Duplicate | None:
        """The earlier new text that this one repeats; without one it counts as new from now on."""
        found = self.like(text)
        if found:
            return Duplicate(of=found[0][0], similarity=found[0][1])
        words = normalize(text)
        self._exact[words] = id_
        if self._index is not None:
            self._sketches[id_] = _sketch(words)
            self._index.insert(id_, self._sketches[id_])
        return None

    def like(self, text: str) -> list[tuple[UUID, float]]:
        """The new texts that say the same as this one, the most similar first."""
        words = normalize(text)
        found = {self._exact[words]: 1.0} if words in self._exact else {}
        if self._index is not None:
            sketch = _sketch(words)
            for id_ in self._index.query(sketch):
                similarity = float(sketch.jaccard(self._sketches[id_]))
                if similarity >= (self._threshold or 0):
                    found.setdefault(id_, round(similarity, 4))
        return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))


def _sketch(words: str) -> Any:
    require_extra("generation")
    from datasketch import MinHash  # noqa: PLC0415 - slow to import, and few processes need it

    sketch = MinHash(num_perm=PERMUTATIONS)
    sketch.update_batch([shingle.encode() for shingle in sorted(build_shingles(words))])
    return sketch
