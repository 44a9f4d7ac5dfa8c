"""What agreement is measured on: for each example, who chose which categories. A missing label is simply not there."""

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
ONE_CATEGORY = "Only one category was ever chosen, so that chance alone would agree as well."


def undefined(reason: str) -> Value:
    return Value(value=None, reason=reason)


def mean(values: Iterable[float], *, otherwise: str = NO_SHARED_EXAMPLE) -> Value:
    found = list(values)
    return Value(value=sum(found) / len(found)) if found else undefined(otherwise)


def with_two_labels(units: Units) -> list[Unit]:
    """Those with at least two labels: of the others agreement says nothing."""
    return [unit for unit in units if len(unit) > 1]


def list_annotators(units: Units) -> list[Annotator]:
    return sorted({annotator for unit in units for annotator in unit})


def restrict_to(units: Units, *some: Annotator) -> list[Unit]:
    """The labels of these annotators alone."""
    return [{one: unit[one] for one in some if one in unit} for unit in units]


def binarize(units: Units, category: str) -> list[Unit]:
    """Each label as to whether it has this category; nothing else of it counts."""
    return [{one: chosen & {category} for one, chosen in unit.items()} for unit in units]


def number_answers(units: Units) -> dict[Categories, int]:
    """A number for each distinct answer, in a settled order."""
    distinct = {chosen for unit in units for chosen in unit.values()}
    return {chosen: number for number, chosen in enumerate(sorted(distinct, key=sorted))}
