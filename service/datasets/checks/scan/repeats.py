"""Find rows that repeat others to the letter, contradict them, or give the test away. Pure."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]
Splits = npt.NDArray[np.uint8]
TRAIN = 0  # the number of the split to train on


def find_repeats(groups: Hashes | Places, scores: Scores, splits: Splits) -> Iterator[tuple[int, int]]:
    """Each row but the best of its group, and that: one in `train`, or else better rated, or else earlier.

    One in `train`, since a leak drops those outside: who drops both the repeats and the leaks keeps one of each group.
    """
    order = np.lexsort((np.arange(len(groups)), -scores, splits != TRAIN, groups))
    sorted_groups = groups[order]
    heads = np.concatenate(([True], sorted_groups[1:] != sorted_groups[:-1]))
    best = np.empty(len(groups), dtype=np.int64)
    best[order] = order[np.flatnonzero(heads)][np.cumsum(heads) - 1]
    for row in np.flatnonzero(best != np.arange(len(groups))).tolist():
        yield row, int(best[row])


def find_contradictions(questions: Hashes, answers: Hashes) -> Iterator[tuple[int, int]]:
    """Each row whose question has another answer in another row, and the first row that answers differently."""
    first = _find_first(questions)
    differs = (answers != answers[first]) & (questions != 0)
    contradicted = dict(zip(first[differs].tolist()[::-1], np.flatnonzero(differs).tolist()[::-1], strict=True))
    for row in np.flatnonzero(np.isin(first, list(contradicted)) & (questions != 0)).tolist():
        head = int(first[row])
        yield row, head if differs[row] else contradicted[head]


def find_leaks(groups: Sequence[int] | Places | Hashes, splits: Splits) -> Iterator[tuple[int, int]]:
    """Each row outside `train` whose group has a row in `train`, and the first such row. Group 0 of hashes is none."""
    keys = np.asarray(groups)
    in_train = np.flatnonzero(splits == TRAIN)
    if len(in_train) == 0:
        return
    values, index = np.unique(keys[in_train], return_index=True)
    heads = in_train[index]
    outside = np.flatnonzero(splits != TRAIN)
    place = np.minimum(np.searchsorted(values, keys[outside]), len(values) - 1)
    leaked = values[place] == keys[outside]
    if keys.dtype == np.uint64:
        leaked &= keys[outside] != 0
    yield from zip(outside[leaked].tolist(), heads[place][leaked].tolist(), strict=True)


def _find_first(hashes: Hashes) -> Places:
    """For each row the first row with its hash."""
    _, index, inverse = np.unique(hashes, return_index=True, return_inverse=True)
    return index[inverse]
