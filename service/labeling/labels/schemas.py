"""The requests and responses of labels."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from service.datasets.examples.ratings import AnnotatorKind
from service.errors import Fault, Invalid
from service.http.bodies import NO_NUL, Body, Name, Reason
from service.http.pagination import Page
from service.labeling.annotators import Annotator
from service.labeling.labels.domain import Review
from service.tasks.category_match import match_category
from service.tasks.ontology import Answers, Question, check_answers

MAX_LABELS = 1_000
FreeText = Annotated[
    str,
    msgspec.Meta(
        max_length=20_000,
        pattern=NO_NUL,
        description="What a model or a person wrote: the first category it names is the answer, else the fallback.",
    ),
]
Categories = Annotated[list[Name], msgspec.Meta(max_length=1_000)]
GivenAnswers = Annotated[
    dict[Name, Categories],
    msgspec.Meta(max_length=100, description="The chosen categories by question of the task's ontology."),
]


class Answered(Body):
    """Answers in one of three forms: by question, as a single category, or as text to read the category from."""

    answers: GivenAnswers | None = None
    """The chosen categories by question of the task's ontology."""
    category: Annotated[Name, msgspec.Meta(description="The answer to a task's only question.")] | None = None
    """The answer to the task's only question."""
    text: FreeText | None = None
    """Free text to read the answer from: the first category it names, else the fallback."""

    def parse_answers(self, questions: Sequence[Question], *, pointer: str) -> Answers | list[Fault]:
        """Return the answers in the ontology's order, or all their faults."""
        forms = [name for name in ("answers", "category", "text") if getattr(self, name) is not None]
        if len(forms) != 1:
            detail = "Give exactly one of `answers`, `category` and `text`."
            return [Fault(pointer=f"{pointer}/{name}", detail=detail, code="one_of") for name in forms or ["answers"]]
        if self.answers is not None:
            return check_answers(questions, self.answers, at=f"{pointer}/answers")
        return self._parse_category(questions, pointer=f"{pointer}/{forms[0]}")

    def _parse_category(self, questions: Sequence[Question], *, pointer: str) -> Answers | list[Fault]:
        if len(questions) != 1:
            detail = f"The task asks {len(questions)} questions; give `answers` by question."
            return [Fault(pointer=pointer, detail=detail, code="several_questions")]
        [question] = questions
        chosen = self.category
        if self.text is not None:
            chosen = match_category(self.text, question.names, question.fallback)
        if chosen is None:
            detail = "The text names no category, and the question has no fallback."
            return [Fault(pointer=pointer, detail=detail, code="no_category")]
        answers = check_answers(questions, {question.name: [chosen]}, at=pointer)
        if isinstance(answers, list):
            # Only one value was sent, so every fault points to it.
            return [msgspec.structs.replace(fault, pointer=pointer) for fault in answers]
        return answers


class NewAnnotator(Body):
    """Who labels. Default: the API key, as a person. Anybody else needs the scope labels:impersonate."""

    name: Name
    """The name of the person or model."""
    kind: AnnotatorKind = "person"
    """Person or model."""


class NewLabel(Answered, frozen=True, kw_only=True):
    """One annotator's label of an example. It replaces their earlier label."""

    example_id: UUID
    """The example to label."""
    annotator: NewAnnotator | None = None
    """Who labels. Default: the API key, as a person. Anybody else needs the scope labels:impersonate."""
    reason: Reason | None = None
    """Why; the label's history shows it."""


class CreateLabels(Body):
    """One label, or up to 1,000 under `labels`: all are saved, or none."""

    example_id: UUID | None = None
    """The example to label."""
    annotator: NewAnnotator | None = None
    """Who labels. Default: the API key, as a person. Anybody else needs the scope labels:impersonate."""
    answers: GivenAnswers | None = None
    """The chosen categories by question of the task's ontology."""
    category: Name | None = None
    """The answer to the task's only question."""
    text: FreeText | None = None
    """Free text to read the answer from: the first category it names, else the fallback."""
    reason: Reason | None = None
    """Why; the label's history shows it."""
    labels: Annotated[list[NewLabel], msgspec.Meta(min_length=1, max_length=MAX_LABELS)] | None = None
    """Up to 1,000 labels, in place of the single one."""
    task_id: UUID | None = None
    """The task to label for. Default: the dataset's task."""

    def to_list(self) -> list[NewLabel]:
        """Return the new labels, one or several. Raises Invalid if both forms are used, or neither."""
        single = {name: getattr(self, name) for name in NewLabel.__struct_fields__}
        if self.labels is not None:
            if extra := [name for name, value in single.items() if value is not None]:
                detail = "Give one label, or a list under `labels`, not both."
                raise Invalid(detail, errors=[Fault(pointer=f"/{name}", detail=detail) for name in extra])
            return self.labels
        if self.example_id is None:
            fault = Fault(pointer="/example_id", detail="A label needs an `example_id`.", code="required")
            raise Invalid(fault.detail, errors=[fault])
        return [NewLabel(**single)]


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """An annotator's answers about an example."""

    id: UUID
    """The label's id."""
    version: int
    """Grows by 1 with every change."""
    dataset_id: UUID
    """The dataset the example is in."""
    example_id: UUID
    """The labeled example."""
    task_id: UUID
    """The task the label answers."""
    annotator: Annotator
    """Who labeled."""
    answers: dict[str, list[str]]
    """The chosen categories by question."""
    text: str | None
    """The free text the answers were read from; null if there was none or it was erased."""
    task_version: int
    """The task's version when the label was given."""
    example_version: int
    """The version of the example that the annotator saw."""
    queue_id: UUID | None
    """The queue it was given in; null if it was given outside a queue."""
    review: Review | None
    """A reviewer's verdict, or that the annotator took it back; null until then. Only accepted labels and those without
    a review count."""
    reason: str | None
    """The reason given with the label."""
    given_at: datetime
    """When it was given."""
    given_by: str
    """The member who sent it; another name than the annotator's means that it was given in another's name."""


class LabelBatch(msgspec.Struct, frozen=True, kw_only=True):
    """The created labels, in the order of the request."""

    data: list[Label]
    """The labels, in the order of the request."""


class LabelPage(Page[Label], frozen=True, kw_only=True):
    """One page of labels, by example. All pages show the state of the first."""


def build_label(row: Any) -> Label:
    copied = [name for name in Label.__struct_fields__ if name not in {"annotator", "text"}]
    return Label(
        annotator=Annotator(name=row.annotator, kind=row.kind),
        text=None if row.text_body is None else bytes(row.text_body).decode(),
        **{name: getattr(row, name) for name in copied},
    )
