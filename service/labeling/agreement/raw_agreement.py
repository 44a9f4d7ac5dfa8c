"""Agreement as it is seen, without a correction for chance."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from math import comb

from service.labeling.agreement.annotation_units import Categories, Unit, Units, Value, mean, with_two_labels


def raw_share(units: Units) -> Value:
    """The share of examples whose annotators all gave the same answer. 0 to 1."""
    return mean(float(len(set(unit.values())) == 1) for unit in with_two_labels(units))


def pairwise(units: Units) -> Value:
    """Of all pairs of labels of one example, the share that are the same. 0 to 1."""
    same = pairs = 0
    for unit in with_two_labels(units):
        same += sum(comb(count, 2) for count in Counter(unit.values()).values())
        pairs += comb(len(unit), 2)
    return mean([same / pairs] if pairs else [])


def majority_share(units: Units) -> Value:
    """The mean over examples of the share of annotators who gave the commonest answer. 0 to 1, never 0."""
    return mean(max(Counter(unit.values()).values()) / len(unit) for unit in with_two_labels(units))


def jaccard(units: Units) -> Value:
    """The mean over all pairs of labels of one example of the categories chosen by both to those chosen by either.

    0 to 1; two empty answers count 1. P. Jaccard, 1901: intersection over union.
    """
    return mean(overlap for unit in with_two_labels(units) for overlap in _overlaps(unit))


def kili_consensus(units: Units) -> Value:
    """The mean over examples of Σ over the chosen categories C of (annotators who chose it / annotators) / |C|.

    With single choices that is 1 / |C|. Kili Technology, "Fine-tuning OpenAI's base models", the section on KPIs.
    """
    return mean(_consensus(unit) for unit in with_two_labels(units))


def intersection_over_union(one: Categories, other: Categories) -> float:
    return len(one & other) / len(one | other) if one or other else 1.0


def _overlaps(unit: Unit) -> Iterator[float]:
    for one, other in combinations(unit.values(), 2):
        yield intersection_over_union(one, other)


def _consensus(unit: Unit) -> float:
    chosen = Counter(category for answer in unit.values() for category in answer)
    if not chosen:
        return 1.0
    return sum(count / len(unit) for count in chosen.values()) / len(chosen)
