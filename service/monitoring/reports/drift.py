"""Measure drift: how far the words of a month's inputs are from those of the training inputs. Pure.

The measure is the Jensen-Shannon divergence (Lin 1991, base 2: 0 for equal, 1 for disjoint) of unigram distributions.
Two small samples of one source differ too. The baseline is therefore the same measure between two samples of the
training data, each as large as the sample of requests.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from service.monitoring.reports.ngrams import count_words

MIN_TEXTS = 20  # per sample; with fewer, chance outweighs drift
Measure = Literal["jensen_shannon_unigrams"]


class NewWord(msgspec.Struct, frozen=True, kw_only=True):
    """A word and its share of all words, in training and in the month."""

    word: str
    """The word, in lower case."""
    trained: float
    """Its share of all words in the training inputs, 0 to 1."""
    asked: float
    """Its share of all words in the month's inputs, 0 to 1."""


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """The distance between a month's inputs and the training inputs; `times_baseline` near 1 means no drift.

    `value` compares two samples of `texts` texts each; `baseline` compares two samples of the training inputs.
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
    production_texts: Sequence[str], trained: Sequence[str], *, dataset_version: str, max_words: int = 10
) -> Drift | None:
    """None with too few texts. Both sequences have to be in random order."""
    size = min(len(production_texts), len(trained) // 2)
    if size < MIN_TEXTS:
        return None
    now, then, other = (count_words(texts[:size]) for texts in (production_texts, trained, trained[size : 2 * size]))
    value, baseline = compute_divergence(now, then), compute_divergence(other, then)
    return Drift(
        measure="jensen_shannon_unigrams",
        dataset_version=dataset_version,
        texts=size,
        value=round(value, 4),
        baseline=round(baseline, 4),
        times_baseline=round(value / baseline, 2) if baseline else None,
        words=_find_rising_words(now, then, limit=max_words),
    )


def compute_divergence(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    """The divergence of two distributions given as counts, 0 to 1. An empty one is 1 from any other."""
    if not one or not other:
        return float(bool(one) != bool(other))
    p, q = _compute_shares(one), _compute_shares(other)
    middle = {word: (p.get(word, 0) + q.get(word, 0)) / 2 for word in {*p, *q}}
    return min(1.0, max(0.0, (_relative_entropy(p, middle) + _relative_entropy(q, middle)) / 2))


def _relative_entropy(p: Mapping[str, float], m: Mapping[str, float]) -> float:
    return sum(share * math.log2(share / m[word]) for word, share in p.items() if share)


def _compute_shares(counts: Mapping[str, int]) -> dict[str, float]:
    total = sum(counts.values())
    return {word: count / total for word, count in counts.items()}


def _find_rising_words(now: Counter[str], then: Counter[str], *, limit: int) -> list[NewWord]:
    """The words whose share rose the most."""
    now_shares, trained = _compute_shares(now), _compute_shares(then)
    rising = sorted(now_shares, key=lambda word: (trained.get(word, 0) - now_shares[word], word))[:limit]
    return [
        NewWord(word=word, trained=round(trained.get(word, 0), 5), asked=round(now_shares[word], 5))
        for word in rising
        if now_shares[word] > trained.get(word, 0)
    ]
