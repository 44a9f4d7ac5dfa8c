"""Find texts that repeat others, exactly or nearly. Pure.

Exact: the same text after NFKC, without case, blanks and the punctuation at its ends. Near: the Jaccard similarity of
their shingles (runs of SHINGLE_WORDS words and signs), estimated by MinHash (Broder 1997), reaches a threshold;
locality-sensitive hashing finds the pairs to compare.
"""

from typing import Any
from uuid import UUID

import msgspec

from service.datasets.checks.shingles import build_shingles, normalize
from service.extras import require_extra

PERMUTATIONS = 128  # the estimate's standard error is at most 0.5 / √128 = 0.044
DEFAULT_SIMILARITY = 0.8


class Duplicate(msgspec.Struct, frozen=True, kw_only=True):
    """The text that is repeated; `similarity` is 1 for an exact repeat."""

    of: UUID
    similarity: float


class DuplicateIndex:
    """Texts by id, to find those that a text repeats. A `threshold` of None finds exact repeats only."""

    def __init__(self, threshold: float | None) -> None:
        require_extra("generation")
        from datasketch import MinHashLSH  # noqa: PLC0415 - slow to import, and few processes need it

        self._threshold = threshold
        self._exact: dict[str, UUID] = {}
        self._sketches: dict[UUID, Any] = {}
        self._index = MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS) if threshold is not None else None

    def add(self, id_: UUID, text: str) -> Duplicate | None:
        """The text that this one repeats; if there is none, add it to the index."""
        similar = self.find_similar(text)
        if similar:
            return Duplicate(of=similar[0][0], similarity=similar[0][1])
        normalized = normalize(text)
        self._exact[normalized] = id_
        if self._index is not None:
            self._sketches[id_] = _build_sketch(normalized)
            self._index.insert(id_, self._sketches[id_])
        return None

    def find_similar(self, text: str) -> list[tuple[UUID, float]]:
        """Ids and similarities of the indexed texts that repeat this one, most similar first."""
        normalized = normalize(text)
        similar = {self._exact[normalized]: 1.0} if normalized in self._exact else {}
        if self._index is not None:
            sketch = _build_sketch(normalized)
            for id_ in self._index.query(sketch):
                similarity = float(sketch.jaccard(self._sketches[id_]))
                if similarity >= (self._threshold or 0):
                    similar.setdefault(id_, round(similarity, 4))
        return sorted(similar.items(), key=lambda pair: (-pair[1], pair[0]))


def _build_sketch(normalized: str) -> Any:
    require_extra("generation")
    from datasketch import MinHash  # noqa: PLC0415 - slow to import, and few processes need it

    sketch = MinHash(num_perm=PERMUTATIONS)
    sketch.update_batch([shingle.encode() for shingle in sorted(build_shingles(normalized))])
    return sketch
