"""Measure agreement on a dataset: select the labels, and build the rows outside the event loop."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Literal
from uuid import UUID

import msgspec

from service.errors import Fault, Invalid, NotFound
from service.labeling.agreement.agreement_metrics import Metric
from service.labeling.agreement.agreement_rows import AgreementRow, By, MeasuredQuestion, build_rows
from service.labeling.agreement.annotation_units import Categories
from service.labeling.annotators import Annotator
from service.labeling.labels import queries as label_queries
from service.labeling.labels.queries import CountedLabel, LabelSelection
from service.ledger.store import Ledger
from service.tasks import ontology
from service.tasks.domain import TaskState

AnnotatorGroup = Literal["people", "models", "all"]


class AgreementRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What to measure: which question (default: all), whose labels, which metrics. `model` is compared with people."""

    by: By
    metrics: Sequence[Metric]
    group: AnnotatorGroup = "people"
    model: str | None = None
    question: str | None = None


async def measure_agreement(
    ledger: Ledger,
    workspace_id: UUID,
    selection: LabelSelection,
    task: TaskState,
    request: AgreementRequest,
    *,
    after: UUID | None,
    limit: int,
) -> tuple[list[AgreementRow], UUID | None]:
    """Return all rows and None; by example, a page of `limit` examples and the id to continue after.

    Raises Invalid for an unknown question, NotFound for a model without labels.
    """
    questions = _select_questions(task, request.question)
    examples, last = None, None
    if request.by == "example":
        examples = await label_queries.list_labeled_examples(
            ledger.engine, workspace_id, selection, minimum=2, after=after, limit=limit + 1
        )
        last = examples[limit - 1] if len(examples) > limit else None
        examples = examples[:limit]
    labels = await label_queries.list_counted_labels(ledger.engine, workspace_id, selection, examples=examples)
    against = Annotator(name=request.model, kind="model") if request.model is not None else None
    if against is not None and examples is None and all(label.annotator != against for label in labels):
        raise NotFound(f"No labels by a model named {request.model!r}.")
    measured = [label for label in labels if _is_measured(label.annotator, request.group, against)]
    return await asyncio.to_thread(_measure_questions, questions, measured, request, against), last


def _select_questions(task: TaskState, name: str | None) -> list[ontology.Question]:
    questions = [question for question in ontology.iterate_questions(task.questions) if name in {None, question.name}]
    if not questions:
        detail = "The task has no such question."
        raise Invalid(detail, errors=[Fault(pointer="?question", detail=detail, code="unknown_question")])
    return questions


def _is_measured(annotator: Annotator, group: AnnotatorGroup, against: Annotator | None) -> bool:
    if against is not None:
        return annotator.kind == "person" or annotator == against
    return group == "all" or (annotator.kind == "person") == (group == "people")


def _measure_questions(
    questions: Sequence[ontology.Question],
    labels: Sequence[CountedLabel],
    request: AgreementRequest,
    against: Annotator | None,
) -> list[AgreementRow]:
    rows: list[AgreementRow] = []
    for question in questions:
        units: defaultdict[UUID, dict[Annotator, Categories]] = defaultdict(dict)
        impersonated: defaultdict[UUID, set[Annotator]] = defaultdict(set)
        for label in labels:
            if question.name in label.answers:
                units[label.example_id][label.annotator] = frozenset(label.answers[question.name])
                if label.impersonated:
                    impersonated[label.example_id].add(label.annotator)
        measured_question = MeasuredQuestion(
            name=question.name,
            units=units,
            categories=question.names,
            metrics=request.metrics,
            against=against,
            impersonated=impersonated,
        )
        rows += build_rows(measured_question, request.by)
    return sorted(rows, key=lambda row: row.example_id or UUID(int=0)) if request.by == "example" else rows
