"""Raw agreement, without a correction for chance. All values are 0 to 1."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from math import comb

from service.labeling.agreement.annotation_units import Categories, Unit, Units, Value, mean, with_two_labels


def raw_share(units: Units) -> Value:
    """Share of examples whose annotators all gave the same answer."""
    return mean(float(len(set(unit.values())) == 1) for unit in with_two_labels(units))


def pairwise(units: Units) -> Value:
    """Share of pairs of labels of the same example that are equal."""
    same = pairs = 0
    for unit in with_two_labels(units):
        same += sum(comb(count, 2) for count in Counter(unit.values()).values())
        pairs += comb(len(unit), 2)
    return mean([same / pairs] if pairs else [])


def majority_share(units: Units) -> Value:
    """Mean over examples of the share of annotators who gave the most common answer. Never 0."""
    return mean(max(Counter(unit.values()).values()) / len(unit) for unit in with_two_labels(units))


def jaccard(units: Units) -> Value:
    """Mean intersection over union of the chosen categories, over all pairs of labels of the same example.

    Two empty answers count 1. P. Jaccard, 1901.
    """
    return mean(overlap for unit in with_two_labels(units) for overlap in _list_overlaps(unit))


def kili_consensus(units: Units) -> Value:
    """Mean over examples of Σ over the chosen categories C of (annotators who chose it / annotators) / |C|.

    For single choices this is 1 / |C|. Source: Kili Technology, "Fine-tuning OpenAI's base models", section on KPIs.
    """
    return mean(_example_consensus(unit) for unit in with_two_labels(units))


def intersection_over_union(one: Categories, other: Categories) -> float:
    return len(one & other) / len(one | other) if one or other else 1.0


def _list_overlaps(unit: Unit) -> Iterator[float]:
    for one, other in combinations(unit.values(), 2):
        yield intersection_over_union(one, other)


def _example_consensus(unit: Unit) -> float:
    chosen = Counter(category for answer in unit.values() for category in answer)
    if not chosen:
        return 1.0
    return sum(count / len(unit) for count in chosen.values()) / len(chosen)
