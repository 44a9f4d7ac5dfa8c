"""The input of agreement metrics: for each example, the categories each annotator chose. Missing labels are absent."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from service.labeling.annotators import Annotator

Categories = frozenset[str]
Unit = Mapping[Annotator, Categories]
Units = Sequence[Unit]


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """A measured value; null where it is undefined, with the reason."""

    value: float | None
    """The value; null where it is undefined."""
    reason: str | None = None
    """Why it is undefined."""


NO_SHARED_EXAMPLE = "No example has labels of two annotators."
ONE_CATEGORY = "Only one category was ever chosen, so chance alone would agree as well."


def undefined_value(reason: str) -> Value:
    return Value(value=None, reason=reason)


def mean(values: Iterable[float]) -> Value:
    numbers = list(values)
    return Value(value=sum(numbers) / len(numbers)) if numbers else undefined_value(NO_SHARED_EXAMPLE)


def with_two_labels(units: Units) -> list[Unit]:
    """Return the units with at least two labels; agreement is undefined for the others."""
    return [unit for unit in units if len(unit) > 1]


def list_annotators(units: Units) -> list[Annotator]:
    return sorted({annotator for unit in units for annotator in unit})


def restrict_to(units: Units, *annotators: Annotator) -> list[Unit]:
    """Keep only the labels by these annotators."""
    return [{annotator: unit[annotator] for annotator in annotators if annotator in unit} for unit in units]


def binarize(units: Units, category: str) -> list[Unit]:
    """Reduce each label to whether it has this category."""
    return [{annotator: chosen & {category} for annotator, chosen in unit.items()} for unit in units]


def number_answers(units: Units) -> dict[Categories, int]:
    """Number the distinct answers, in a fixed order."""
    distinct = {chosen for unit in units for chosen in unit.values()}
    return {chosen: number for number, chosen in enumerate(sorted(distinct, key=sorted))}
