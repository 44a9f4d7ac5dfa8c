"""Build agreement rows: by task, example, annotator, pair of annotators or category.

With `against`, only one annotator's agreement with each of the others is measured.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import combinations
from typing import Literal
from uuid import UUID

import msgspec

from service.labeling.agreement.agreement_metrics import Metric
from service.labeling.agreement.annotation_units import (
    NO_SHARED_EXAMPLE,
    Unit,
    Units,
    Value,
    binarize,
    list_annotators,
    restrict_to,
    undefined_value,
    with_two_labels,
)
from service.labeling.annotators import Annotator

By = Literal["task", "example", "annotator", "pair", "category"]
ONE_EXAMPLE = "Agreement beyond chance needs more than one example."


class AgreementRow(msgspec.Struct, frozen=True, kw_only=True):
    """Agreement on one question, over examples with at least two labels.

    Depending on `by`, one of `example_id`, `annotator` (with `other` for a pair) or `category` is set.
    """

    question: str
    """The question of the task's ontology."""
    example_id: UUID | None = None
    """The example; null unless rows are by example."""
    annotator: Annotator | None = None
    """The annotator, or the first of a pair; null unless rows are by annotator or pair."""
    other: Annotator | None = None
    """The second annotator of a pair; null unless rows are by pair."""
    category: str | None = None
    """The category; null unless rows are by category."""
    examples: int
    """How many examples were measured."""
    labels: int
    """How many labels these examples have."""
    impersonated: int = 0
    """How many of them somebody else gave in their annotator's name. By annotator or pair: of the labels in these
    names."""
    values: dict[str, Value]
    """The measured value of each metric, by its name and version."""


class MeasuredQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """The labels to measure. With `against`, compare this annotator (a model, say) with each of the others.

    `impersonated`: by example, the annotators in whose name somebody else gave the label.
    """

    name: str
    units: Mapping[UUID, Unit]
    categories: Sequence[str]
    metrics: Sequence[Metric]
    against: Annotator | None = None
    impersonated: Mapping[UUID, AbstractSet[Annotator]] = {}


def build_rows(question: MeasuredQuestion, by: By) -> list[AgreementRow]:
    """Build the rows in a fixed order: by example id, by name, or in the ontology's order."""
    units_by_example = {
        id_: unit for id_, unit in question.units.items() if question.against is None or question.against in unit
    }
    rows = _build_rows(question, units_by_example, by)
    return [_with_impersonated(row, question, units_by_example) for row in rows]


def _build_rows(question: MeasuredQuestion, units_by_example: Mapping[UUID, Unit], by: By) -> list[AgreementRow]:
    units = list(units_by_example.values())
    match by:
        case "task":
            return [_build_row(question, units)]
        case "example":
            return [
                _build_example_row(question, units_by_example[id_], id_)
                for id_ in sorted(units_by_example)
                if len(units_by_example[id_]) > 1
            ]
        case "annotator":
            return [_build_row(question, units, annotator=one) for one in list_annotators(units)]
        case "pair":
            return [_build_pair_row(question, units, one, other) for one, other in _list_pairs(question, units)]
        case "category":
            return [_build_category_row(question, units, category) for category in question.categories]


def _with_impersonated(
    row: AgreementRow, question: MeasuredQuestion, units_by_example: Mapping[UUID, Unit]
) -> AgreementRow:
    """Count the impersonated labels of the examples that the row measures."""
    named = {one for one in (row.annotator, row.other) if one is not None}
    number = 0
    for id_, impersonated in question.impersonated.items():
        unit = units_by_example.get(id_, {})
        measured = len(unit) > 1 and row.example_id in {None, id_} and named <= unit.keys()
        if measured and (row.category is None or any(row.category in chosen for chosen in unit.values())):
            number += len(impersonated & (named or unit.keys()))
    return msgspec.structs.replace(row, impersonated=number)


def _build_row(question: MeasuredQuestion, units: Units, *, annotator: Annotator | None = None) -> AgreementRow:
    focus = annotator or question.against
    if annotator is not None and question.against is not None and annotator != question.against:
        units = restrict_to(units, annotator, question.against)
    counted = [unit for unit in with_two_labels(units) if focus is None or focus in unit]
    return AgreementRow(
        question=question.name,
        annotator=annotator,
        examples=len(counted),
        labels=sum(map(len, counted)),
        values=_measure(question.metrics, units, focus),
    )


def _build_pair_row(question: MeasuredQuestion, units: Units, one: Annotator, other: Annotator) -> AgreementRow:
    row = _build_row(msgspec.structs.replace(question, against=None), restrict_to(units, one, other))
    return msgspec.structs.replace(row, annotator=one, other=other)


def _build_example_row(question: MeasuredQuestion, unit: Unit, example_id: UUID) -> AgreementRow:
    measured = _measure([metric for metric in question.metrics if not metric.beyond_chance], [unit], question.against)
    values = {metric.name: measured.get(metric.name, undefined_value(ONE_EXAMPLE)) for metric in question.metrics}
    return AgreementRow(question=question.name, example_id=example_id, examples=1, labels=len(unit), values=values)


def _build_category_row(question: MeasuredQuestion, units: Units, category: str) -> AgreementRow:
    """Measure one category against the rest.

    Metrics beyond chance take all examples; the others only examples where somebody chose the category.
    """
    yes_or_no = binarize(units, category)
    chosen = [unit for unit in yes_or_no if any(unit.values())]
    corrected = [metric for metric in question.metrics if metric.beyond_chance]
    measured = _measure([metric for metric in question.metrics if metric not in corrected], chosen, question.against)
    measured |= _measure(corrected, yes_or_no, question.against)
    counted = with_two_labels(chosen)
    return AgreementRow(
        question=question.name,
        category=category,
        examples=len(counted),
        labels=sum(len(unit) for unit in counted),
        values={metric.name: measured[metric.name] for metric in question.metrics},
    )


def _measure(metrics: Sequence[Metric], units: Units, focus: Annotator | None) -> dict[str, Value]:
    """Measure all annotators; or `focus` with each other one: the mean of these pairs, weighted by shared examples."""
    if focus is None:
        return {metric.name: metric.measure(units) for metric in metrics}
    with_focus = [unit for unit in units if focus in unit]
    others = [one for one in list_annotators(with_focus) if one != focus]
    pairs = [with_two_labels(restrict_to(with_focus, focus, other)) for other in others]
    return {metric.name: _weighted_mean(metric, pairs) for metric in metrics}


def _weighted_mean(metric: Metric, pairs: Sequence[Units]) -> Value:
    total = weight = 0.0
    reason = NO_SHARED_EXAMPLE
    for shared in pairs:
        measured = metric.measure(shared)
        if measured.value is None:
            reason = measured.reason or reason
            continue
        total += measured.value * len(shared)
        weight += len(shared)
    return Value(value=total / weight) if weight else undefined_value(reason)


def _list_pairs(question: MeasuredQuestion, units: Units) -> Iterator[tuple[Annotator, Annotator]]:
    for one, other in combinations(list_annotators(units), 2):
        if question.against in {None, one, other}:
            yield one, other
