"""Agreement beyond chance: 1 is perfect, 0 is what chance alone would give, below 0 is worse than chance."""

from collections import Counter

from service.extras import require_extra
from service.labeling.agreement.annotation_units import (
    NO_SHARED_EXAMPLE,
    ONE_CATEGORY,
    Units,
    Value,
    list_annotators,
    number_answers,
    undefined_value,
    with_two_labels,
)

COHEN_ANNOTATORS = 2


def cohen_kappa(units: Units) -> Value:
    """Agreement of exactly two annotators, over the examples both labeled. J. Cohen, 1960; uses scikit-learn."""
    both = with_two_labels(units)
    annotators = list_annotators(both)
    if not both:
        return undefined_value(NO_SHARED_EXAMPLE)
    if len(annotators) != COHEN_ANNOTATORS:
        return undefined_value(f"Cohen's kappa needs exactly two annotators; there are {len(annotators)}.")
    numbers = number_answers(both)
    if len(numbers) == 1:
        return undefined_value(ONE_CATEGORY)
    require_extra("agreement")
    from sklearn.metrics import cohen_kappa_score  # noqa: PLC0415 - slow to import, and few processes need it

    one, other = ([numbers[unit[annotator]] for unit in both] for annotator in annotators)
    return Value(value=float(cohen_kappa_score(one, other, labels=list(numbers.values()))))


def fleiss_kappa(units: Units) -> Value:
    """Agreement over examples that all have the same number of labels, by any annotators. J. L. Fleiss, 1971."""
    rated = with_two_labels(units)
    sizes = sorted({len(unit) for unit in rated})
    if not rated:
        return undefined_value(NO_SHARED_EXAMPLE)
    if len(sizes) > 1:
        detail = f"Fleiss' kappa needs the same number of labels on each example; there are {sizes[0]} to {sizes[-1]}."
        return undefined_value(f"{detail} Krippendorff's alpha does not.")
    size, counts = sizes[0], [Counter(unit.values()) for unit in rated]
    totals = sum(counts, Counter())
    if len(totals) == 1:
        return undefined_value(ONE_CATEGORY)
    observed = sum(_agreeing_share(count, size) for count in counts) / len(counts)
    expected = sum((total / (size * len(rated))) ** 2 for total in totals.values())
    return Value(value=(observed - expected) / (1 - expected))


def krippendorff_alpha(units: Units) -> Value:
    """Agreement for any number of annotators; labels may be missing. K. Krippendorff, 2011; uses krippendorff.

    Several categories chosen together count as one answer.
    """
    rated = with_two_labels(units)
    if not rated:
        return undefined_value(NO_SHARED_EXAMPLE)
    numbers = number_answers(rated)
    if len(numbers) == 1:
        return undefined_value(ONE_CATEGORY)
    require_extra("agreement")
    import krippendorff  # noqa: PLC0415 - slow to import, and few processes need it

    counts = [Counter(numbers[chosen] for chosen in unit.values()) for unit in rated]
    table = [[count[number] for number in range(len(numbers))] for count in counts]
    return Value(value=float(krippendorff.alpha(value_counts=table, level_of_measurement="nominal")))


def _agreeing_share(count: Counter[frozenset[str]], size: int) -> float:
    """Share of an example's pairs of labels that are the same."""
    return sum(number * (number - 1) for number in count.values()) / (size * (size - 1))
