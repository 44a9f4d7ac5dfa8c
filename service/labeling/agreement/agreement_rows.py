"""Agreement by task, example, annotator, pair of annotators or category; of all of them, or of one with the rest."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Literal
from uuid import UUID

import msgspec

from service.labeling.agreement.agreement_metrics import Metric
from service.labeling.agreement.annotation_units import (
    LONELY,
    Unit,
    Units,
    Value,
    annotators_of,
    between,
    binarised,
    comparable,
    undefined,
)
from service.labeling.annotators import Annotator

By = Literal["task", "example", "annotator", "pair", "category"]
ONE_EXAMPLE = "One example alone says nothing of chance."


class AgreementRow(msgspec.Struct, frozen=True, kw_only=True):
    """Agreement on one question, over the examples that have at least two labels. `values` is by metric and version.

    What it is by is named: one of `example_id`, `annotator` (of a pair the first, with `other`) and `category`.
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
    values: dict[str, Value]
    """The measured value of each metric, by its name and version."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """The labels to be measured; with `against`, those of one annotator, a model say, with each of the others."""

    name: str
    units: Mapping[UUID, Unit]
    categories: Sequence[str]
    metrics: Sequence[Metric]
    against: Annotator | None = None


def rows(asked: Question, by: By) -> list[AgreementRow]:
    """In a settled order: by example id, by name, or as the ontology has it."""
    labelled = {id_: unit for id_, unit in asked.units.items() if asked.against is None or asked.against in unit}
    units = list(labelled.values())
    match by:
        case "task":
            return [_row(asked, units)]
        case "example":
            return [_of_example(asked, labelled[id_], id_) for id_ in sorted(labelled) if len(labelled[id_]) > 1]
        case "annotator":
            return [_row(asked, units, annotator=one) for one in annotators_of(units)]
        case "pair":
            return [_pair(asked, units, one, other) for one, other in _pairs(asked, units)]
        case "category":
            return [_of_category(asked, units, category) for category in asked.categories]


def _row(asked: Question, units: Units, *, annotator: Annotator | None = None) -> AgreementRow:
    focus = annotator or asked.against
    if annotator is not None and asked.against is not None and annotator != asked.against:
        units = between(units, annotator, asked.against)
    counted = [unit for unit in comparable(units) if focus is None or focus in unit]
    return AgreementRow(
        question=asked.name,
        annotator=annotator,
        examples=len(counted),
        labels=sum(map(len, counted)),
        values=_values(asked.metrics, units, focus),
    )


def _pair(asked: Question, units: Units, one: Annotator, other: Annotator) -> AgreementRow:
    row = _row(msgspec.structs.replace(asked, against=None), between(units, one, other))
    return msgspec.structs.replace(row, annotator=one, other=other)


def _of_example(asked: Question, unit: Unit, example_id: UUID) -> AgreementRow:
    seen = _values([metric for metric in asked.metrics if not metric.beyond_chance], [unit], asked.against)
    values = {metric.name: seen.get(metric.name, undefined(ONE_EXAMPLE)) for metric in asked.metrics}
    return AgreementRow(question=asked.name, example_id=example_id, examples=1, labels=len(unit), values=values)


def _of_category(asked: Question, units: Units, category: str) -> AgreementRow:
    """One category against the rest: beyond chance over all examples, else over those where somebody chose it."""
    yes_or_no = binarised(units, category)
    chosen = [unit for unit in yes_or_no if any(unit.values())]
    corrected = [metric for metric in asked.metrics if metric.beyond_chance]
    found = _values([metric for metric in asked.metrics if metric not in corrected], chosen, asked.against)
    found |= _values(corrected, yes_or_no, asked.against)
    counted = comparable(chosen)
    return AgreementRow(
        question=asked.name,
        category=category,
        examples=len(counted),
        labels=sum(len(unit) for unit in counted),
        values={metric.name: found[metric.name] for metric in asked.metrics},
    )


def _values(metrics: Sequence[Metric], units: Units, focus: Annotator | None) -> dict[str, Value]:
    """Of all; or of one with each of the others, as the mean over these pairs weighted by the examples they share."""
    if focus is None:
        return {metric.name: metric.measure(units) for metric in metrics}
    with_focus = [unit for unit in units if focus in unit]
    others = [one for one in annotators_of(with_focus) if one != focus]
    pairs = [comparable(between(with_focus, focus, other)) for other in others]
    return {metric.name: _weighted(metric, pairs) for metric in metrics}


def _weighted(metric: Metric, pairs: Sequence[Units]) -> Value:
    total = weight = 0.0
    reason = LONELY
    for shared in pairs:
        measured = metric.measure(shared)
        if measured.value is None:
            reason = measured.reason or reason
            continue
        total += measured.value * len(shared)
        weight += len(shared)
    return Value(value=total / weight) if weight else undefined(reason)


def _pairs(asked: Question, units: Units) -> Iterator[tuple[Annotator, Annotator]]:
    for one, other in combinations(annotators_of(units), 2):
        if asked.against in {None, one, other}:
            yield one, other
