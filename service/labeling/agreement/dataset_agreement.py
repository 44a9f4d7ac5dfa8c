"""Agreement of a dataset's labels: which of them are measured, and the rows that come of it, off the event loop."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Literal
from uuid import UUID

import msgspec

from service.errors import Fault, Invalid, NotFound
from service.labeling.agreement.agreement_metrics import Metric
from service.labeling.agreement.agreement_rows import AgreementRow, By, Question, rows
from service.labeling.agreement.annotation_units import Chosen
from service.labeling.annotators import Annotator
from service.labeling.labels import queries as label_queries
from service.labeling.labels.queries import Counted, Counting
from service.ledger.store import Ledger
from service.tasks import ontology
from service.tasks.domain import Task

Who = Literal["people", "models", "all"]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be measured: on one question or on every one, of whom, and by what. `model` stands against people."""

    by: By
    metrics: Sequence[Metric]
    who: Who = "people"
    model: str | None = None
    question: str | None = None


async def agreement(
    ledger: Ledger,
    workspace_id: UUID,
    counting: Counting,
    task: Task,
    asked: Asked,
    *,
    after: UUID | None,
    limit: int,
) -> tuple[list[AgreementRow], UUID | None]:
    """All rows; or by example those of at most `limit` examples after one, and the last of them when there are more.

    Raises Invalid for an unknown question, NotFound for a model that has labelled nothing.
    """
    questions = _questions(task, asked.question)
    examples, last = None, None
    if asked.by == "example":
        examples = await label_queries.labelled_examples(
            ledger.engine, workspace_id, counting, least=2, after=after, limit=limit + 1
        )
        last = examples[limit - 1] if len(examples) > limit else None
        examples = examples[:limit]
    found = await label_queries.counted(ledger.engine, workspace_id, counting, examples=examples)
    against = Annotator(name=asked.model, kind="model") if asked.model is not None else None
    if against is not None and examples is None and all(label.annotator != against for label in found):
        raise NotFound(f"There is no label of a model named {asked.model!r}.")
    kept = [label for label in found if _counts(label.annotator, asked.who, against)]
    return await asyncio.to_thread(_measured, questions, kept, asked, against), last


def _questions(task: Task, name: str | None) -> list[ontology.Question]:
    found = [question for question in ontology.every(task.questions) if name in {None, question.name}]
    if not found:
        detail = "The task has no such question."
        raise Invalid(detail, errors=[Fault(pointer="?question", detail=detail, code="unknown_question")])
    return found


def _counts(annotator: Annotator, who: Who, against: Annotator | None) -> bool:
    if against is not None:
        return annotator.kind == "person" or annotator == against
    return who == "all" or (annotator.kind == "person") == (who == "people")


def _measured(
    questions: Sequence[ontology.Question], labels: Sequence[Counted], asked: Asked, against: Annotator | None
) -> list[AgreementRow]:
    found: list[AgreementRow] = []
    for question in questions:
        units: defaultdict[UUID, dict[Annotator, Chosen]] = defaultdict(dict)
        for label in labels:
            if question.name in label.answers:
                units[label.example_id][label.annotator] = frozenset(label.answers[question.name])
        table = Question(
            name=question.name, units=units, categories=question.names, metrics=asked.metrics, against=against
        )
        found += rows(table, asked.by)
    return sorted(found, key=lambda row: row.example_id or UUID(int=0)) if asked.by == "example" else found
