"""Drift: how far the words that people send are from those the model was trained on. Pure.

The measure is the Jensen-Shannon divergence (Lin 1991, base 2: 0 for equal, 1 for disjoint) of unigram distributions.
Two samples of one source differ too, and the more so the smaller they are; so beside it stands the same measure between
two halves of the training data, each as large as the sample of requests.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from service.monitoring.reports.ngrams import count_words

MIN_TEXTS = 20  # texts a sample: below, chance says more than drift
Measure = Literal["jensen_shannon_unigrams"]


class NewWord(msgspec.Struct, frozen=True, kw_only=True):
    """A word with its share of all words, then and now."""

    word: str
    """The word, in lower case."""
    trained: float
    """Its share of all words in the training inputs, 0 to 1."""
    asked: float
    """Its share of all words in the month's inputs, 0 to 1."""


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """From the training inputs of `dataset_version` to a month's. `times_baseline` near 1 means none to speak of.

    `value` compares samples of `texts` texts each; `baseline` two such samples of the training inputs alone.
    """

    measure: Measure
    """How the distance is measured."""
    dataset_version: str
    """The dataset version that the model version was trained on."""
    texts: int
    """How many texts each sample has."""
    value: float
    """The distance between requests and training inputs, 0 (equal) to 1 (disjoint)."""
    baseline: float
    """The distance between two samples of the training inputs: what chance alone gives."""
    times_baseline: float | None
    """`value` divided by `baseline`; near 1 means no drift. Null when the baseline is 0."""
    words: list[NewWord]
    """The words whose share rose the most."""


def measure_drift(
    asked: Sequence[str], trained: Sequence[str], *, dataset_version: str, most_words: int = 10
) -> Drift | None:
    """None where there are too few texts to tell. Both sequences are taken to be in random order."""
    size = min(len(asked), len(trained) // 2)
    if size < MIN_TEXTS:
        return None
    now, then, other = (count_words(texts[:size]) for texts in (asked, trained, trained[size : 2 * size]))
    value, baseline = compute_divergence(now, then), compute_divergence(other, then)
    return Drift(
        measure="jensen_shannon_unigrams",
        dataset_version=dataset_version,
        texts=size,
        value=round(value, 4),
        baseline=round(baseline, 4),
        times_baseline=round(value / baseline, 2) if baseline else None,
        words=_find_rising_words(now, then, most=most_words),
    )


def compute_divergence(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    """Of two distributions given as counts: 0 to 1. Nothing at all is as far as can be from anything."""
    if not one or not other:
        return float(bool(one) != bool(other))
    p, q = _compute_shares(one), _compute_shares(other)
    middle = {word: (p.get(word, 0) + q.get(word, 0)) / 2 for word in {*p, *q}}
    return min(1.0, max(0.0, (_relative_entropy(p, middle) + _relative_entropy(q, middle)) / 2))


def _relative_entropy(p: Mapping[str, float], m: Mapping[str, float]) -> float:
    return sum(share * math.log2(share / m[word]) for word, share in p.items() if share)


def _compute_shares(counts: Mapping[str, int]) -> dict[str, float]:
    every = sum(counts.values())
    return {word: count / every for word, count in counts.items()}


def _find_rising_words(now: Counter[str], then: Counter[str], *, most: int) -> list[NewWord]:
    """The words whose share rose the most."""
    asked, trained = _compute_shares(now), _compute_shares(then)
    rise = sorted(asked, key=lambda word: (trained.get(word, 0) - asked[word], word))[:most]
    return [
        NewWord(word=word, trained=round(trained.get(word, 0), 5), asked=round(asked[word], 5))
        for word in rise
        if asked[word] > trained.get(word, 0)
    ]
