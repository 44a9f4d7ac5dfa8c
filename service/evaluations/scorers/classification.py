"""Classification: read a category from text or a JSON field; accuracy, precision, recall and confusion matrix."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from service.errors import Fault
from service.evaluations.scorers.fields import ABSENT, Path, get_value
from service.evaluations.scorers.json_validity import read_json
from service.evaluations.scorers.scorer import (
    NO_ANSWER,
    NO_REFERENCE,
    Config,
    Label,
    Score,
    Scorer,
    Summary,
    no_score,
    summarize,
)
from service.evaluations.scores.subject import Subject
from service.tasks.category_match import find_category

Rates = dict[str, float | int | None]


class ClassificationConfig(Config, frozen=True, kw_only=True, tag_field="scorer", tag="classification"):
    """`categories` and `fallback` replace the task's. `field` says where a JSON answer has its label."""

    categories: Annotated[tuple[Label, ...], msgspec.Meta(max_length=1_000)] = ()
    fallback: Label | None = None
    field: Path | None = None


def classification(subject: Subject, config: ClassificationConfig) -> Score:
    """1 if the answer's label is the expected one, else 0. The label is the first category named in the text. If it
    names none, the label is the fallback; without a fallback the answer has no label.

    Summary: accuracy (the mean); precision, recall and F1 by class with their macro, micro and weighted means, where
    a division by zero counts as 0, like scikit-learn's `zero_division=0`; and the confusion matrix.
    Source: scikit-learn's `precision_recall_fscore_support` and `confusion_matrix`.
    """
    categories = config.categories or subject.categories
    fallback = config.fallback if config.categories else subject.fallback
    if not categories:
        return no_score("no_categories", "Neither the settings nor the task has categories.")
    if subject.expected is None:
        return NO_REFERENCE
    if subject.output is None:
        return NO_ANSWER
    expected = find_category(_label_text(subject.expected, config.field), categories, fallback)
    if expected is None:
        return no_score("unknown_reference", "The example's answer names none of the categories.")
    category = find_category(_label_text(subject.output, config.field), categories, fallback)
    predicted = fallback if category is None else category
    details = {"expected": expected, "predicted": predicted, "named": category is not None}
    return Score(value=float(predicted == expected), passed=predicted == expected, details=details)


def summarize_classes(scores: Sequence[Score], config: ClassificationConfig) -> Summary:
    """Compute accuracy, the rates of each class and their means, and the non-empty cells of the confusion matrix."""
    cells = Counter(
        (score.details["expected"], score.details["predicted"]) for score in scores if score.value is not None
    )
    classes = sorted({name for cell in cells for name in cell if name is not None})
    rates = {name: _rates(name, cells) for name in classes}
    confusion = [
        {"expected": expected, "predicted": predicted, "count": count}
        for (expected, predicted), count in sorted(cells.items(), key=lambda cell: (cell[0][0], cell[0][1] or ""))
    ]
    general = summarize(scores, config)
    unnamed = sum(score.value is not None and not score.details["named"] for score in scores)
    return general | {
        "accuracy": general["mean"],
        "classes": rates,
        "macro": _mean(list(rates.values()), [1] * len(rates)),
        "micro": _micro(cells),
        "weighted": _mean(list(rates.values()), [int(rate["support"] or 0) for rate in rates.values()]),
        "confusion": confusion,
        "unnamed": unnamed,
    }


def _label_text(text: str, field: str | None) -> str:
    """Get the text to search for a label: all of it, or the value of the JSON field."""
    if field is None:
        return text
    value = read_json(text, fenced=True)
    label = ABSENT if isinstance(value, Fault) else get_value(value, field)
    return label if isinstance(label, str) else ""


def _rates(name: str, cells: Counter[tuple[str, str | None]]) -> Rates:
    right = cells[name, name]
    predicted = sum(count for (_, prediction), count in cells.items() if prediction == name)
    support = sum(count for (expected, _), count in cells.items() if expected == name)
    return _compute_rates(right, predicted, support) | {"support": support}


def _micro(cells: Counter[tuple[str, str | None]]) -> Rates:
    right = sum(count for (expected, prediction), count in cells.items() if expected == prediction)
    predicted = sum(count for (_, prediction), count in cells.items() if prediction is not None)
    return _compute_rates(right, predicted, cells.total())


def _compute_rates(right: int, predicted: int, support: int) -> Rates:
    total = predicted + support
    return {
        "precision": right / predicted if predicted else 0.0,
        "recall": right / support if support else 0.0,
        "f1": 2 * right / total if total else 0.0,
    }


def _mean(rates: Sequence[Rates], weights: Sequence[int]) -> dict[str, Any]:
    total = sum(weights)
    return {
        figure: sum((rate[figure] or 0) * weight for rate, weight in zip(rates, weights, strict=True)) / total
        if total
        else None
        for figure in ("precision", "recall", "f1")
    }


CLASSIFICATION = Scorer(
    name="classification",
    needs=frozenset({"reference", "categories"}),
    config=ClassificationConfig,
    score=classification,
    summarize=summarize_classes,
)
