"""Agreement beyond chance: 1 is perfect, 0 what chance alone would bring, below 0 is worse than chance."""

from collections import Counter

from service.extras import require_extra
from service.labeling.agreement.annotation_units import (
    NO_SHARED_EXAMPLE,
    ONE_CATEGORY,
    Units,
    Value,
    list_annotators,
    number_answers,
    undefined,
    with_two_labels,
)

TWO = 2


def cohen_kappa(units: Units) -> Value:
    """Of exactly two annotators, over the examples that both labelled. J. Cohen, 1960; by scikit-learn."""
    both = with_two_labels(units)
    people = list_annotators(both)
    if not both:
        return undefined(NO_SHARED_EXAMPLE)
    if len(people) != TWO:
        return undefined(f"Cohen's kappa is of two annotators; there are {len(people)}.")
    numbers = number_answers(both)
    if len(numbers) == 1:
        return undefined(ONE_CATEGORY)
    require_extra("agreement")
    from sklearn.metrics import cohen_kappa_score  # noqa: PLC0415 - slow to import, and few processes need it

    one, other = ([numbers[unit[person]] for unit in both] for person in people)
    return Value(value=float(cohen_kappa_score(one, other, labels=list(numbers.values()))))


def fleiss_kappa(units: Units) -> Value:
    """Of examples with one and the same number of labels each, whoever gave them. J. L. Fleiss, 1971."""
    rated = with_two_labels(units)
    sizes = sorted({len(unit) for unit in rated})
    if not rated:
        return undefined(NO_SHARED_EXAMPLE)
    if len(sizes) > 1:
        detail = f"Fleiss' kappa needs as many labels of each example; there are {sizes[0]} to {sizes[-1]}."
        return undefined(f"{detail} Krippendorff's alpha does not.")
    size, counts = sizes[0], [Counter(unit.values()) for unit in rated]
    totals = sum(counts, Counter())
    if len(totals) == 1:
        return undefined(ONE_CATEGORY)
    observed = sum(_agreeing(count, size) for count in counts) / len(counts)
    expected = sum((total / (size * len(rated))) ** 2 for total in totals.values())
    return Value(value=(observed - expected) / (1 - expected))


def krippendorff_alpha(units: Units) -> Value:
    """For nominal data, any number of annotators, and labels that are missing. K. Krippendorff, 2011; by krippendorff.

    Several categories chosen together count as one answer.
    """
    rated = with_two_labels(units)
    if not rated:
        return undefined(NO_SHARED_EXAMPLE)
    numbers = number_answers(rated)
    if len(numbers) == 1:
        return undefined(ONE_CATEGORY)
    require_extra("agreement")
    import krippendorff  # noqa: PLC0415 - slow to import, and few processes need it

    counts = [Counter(numbers[chosen] for chosen in unit.values()) for unit in rated]
    table = [[count[number] for number in range(len(numbers))] for count in counts]
    return Value(value=float(krippendorff.alpha(value_counts=table, level_of_measurement="nominal")))


def _agreeing(count: Counter[frozenset[str]], size: int) -> float:
    """The share of the pairs of one example's labels that are the same."""
    return sum(number * (number - 1) for number in count.values()) / (size * (size - 1))
