"""Group failing inputs that are nearly the same, so that a complaint sent a hundred times is one cluster. Pure."""

from collections import Counter
from collections.abc import Sequence
from typing import Literal
from uuid import UUID

import msgspec

from service.extras import require_extra
from service.monitoring.reports.ngrams import split_shingles

# MinHash (Broder 1997) with 64 permutations over runs of 3 words; locality-sensitive hashing finds pairs of inputs with
# a Jaccard similarity of about 0.6 or more.
PERMUTATIONS = 64
SHINGLE_WORDS = 3
THRESHOLD = 0.6
MAX_INPUT_CHARACTERS = 500
MAX_REQUEST_IDS = 20

FailureWay = Literal["error", "invalid", "low_rating"]


class FailedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request that failed, in one or several ways; `code` is its error code."""

    id: UUID
    version: str
    text: str
    ways: tuple[FailureWay, ...]
    code: str | None = None


class FailureCluster(msgspec.Struct, frozen=True, kw_only=True):
    """Failed requests with nearly the same input."""

    requests: int
    """How many requests are in the cluster."""
    input: str
    """The first 500 characters of the latest input."""
    ways: dict[str, int]
    """How many requests failed in each way: `error`, `invalid`, `low_rating`. One request may fail in several."""
    error_codes: dict[str, int]
    """How many requests had each error code."""
    versions: dict[str, int]
    """How many requests each model version had."""
    request_ids: list[UUID]
    """At most 20 of the requests, the latest first."""


def cluster_failures(failed: Sequence[FailedRequest], *, limit: int) -> list[FailureCluster]:
    """The largest clusters first; within a cluster, requests keep their order."""
    groups: dict[int, list[FailedRequest]] = {}
    for position, root in enumerate(_find_roots([each.text for each in failed])):
        groups.setdefault(root, []).append(failed[position])
    largest = sorted(groups.values(), key=len, reverse=True)[:limit]
    return [_build_cluster(group) for group in largest]


def _find_roots(texts: Sequence[str]) -> list[int]:
    """For each text the position of the first text of its cluster (union-find)."""
    require_extra("reports")
    from datasketch import MinHash, MinHashLSH  # noqa: PLC0415 - slow to import, and few processes need it

    index = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    first: dict[str, int] = {}
    parents = list(range(len(texts)))
    for position, text in enumerate(texts):
        if text in first:
            parents[position] = first[text]
            continue
        first[text] = position
        sketch = MinHash(num_perm=PERMUTATIONS)
        sketch.update_batch([shingle.encode() for shingle in split_shingles(text, SHINGLE_WORDS)])
        for near in index.query(sketch):
            _join(parents, near, position)
        index.insert(position, sketch)
    return [_find_root(parents, position) for position in range(len(texts))]


def _join(parents: list[int], one: int, other: int) -> None:
    low, high = sorted((_find_root(parents, one), _find_root(parents, other)))
    parents[high] = low


def _find_root(parents: list[int], position: int) -> int:
    while parents[position] != position:
        parents[position] = parents[parents[position]]
        position = parents[position]
    return position


def _build_cluster(group: Sequence[FailedRequest]) -> FailureCluster:
    return FailureCluster(
        requests=len(group),
        input=group[0].text[:MAX_INPUT_CHARACTERS],
        ways=dict(Counter(way for each in group for way in each.ways).most_common()),
        error_codes=dict(Counter(each.code for each in group if each.code is not None).most_common()),
        versions=dict(Counter(each.version for each in group).most_common()),
        request_ids=[each.id for each in group[:MAX_REQUEST_IDS]],
    )
