"""Ontologies: the questions that a label answers, their categories, and the check of an answer. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from service.errors import Fault
from service.json_pointers import pointer

Choice = Literal["single", "multiple"]
Answers = dict[str, tuple[str, ...]]  # the chosen categories by question
SHORTHAND = "category"  # the question that a task's plain `categories` stand for
MAX_DEPTH = 5
MAX_QUESTIONS = 100
MAX_CATEGORIES = 1_000


class Category(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A possible answer; `children` are asked only when it was chosen."""

    name: str
    """Unique among the categories of its question."""
    description: str | None = None
    """When this category is the right answer."""
    children: "tuple[Question, ...]" = ()
    """Questions asked only of examples that got this category."""


class Question(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A question about an example. The fallback is for what fits no category; it need not be listed as one."""

    name: str
    """Unique in the ontology; answers refer to it."""
    categories: tuple[Category, ...]
    """The answers to choose from."""
    choice: Choice = "single"
    """Whether an answer is one category or several."""
    required: bool = True
    """Whether a label has to answer this question."""
    fallback: str | None = None
    """The answer for what fits no category."""
    instruction: str | None = None
    """How to answer the question."""

    @property
    def names(self) -> tuple[str, ...]:
        """The possible answers in order, with the fallback last unless it is listed."""
        listed = tuple(category.name for category in self.categories)
        return listed if self.fallback is None or self.fallback in listed else (*listed, self.fallback)


def build_questions(
    ontology: Sequence[Question], *, categories: Sequence[str] = (), fallback: str | None = None
) -> tuple[Question, ...]:
    """A task's questions: its ontology, or the one question that its plain categories stand for."""
    if ontology or not categories:
        return tuple(ontology)
    plain = tuple(Category(name=name) for name in categories)
    return (Question(name=SHORTHAND, categories=plain, fallback=fallback),)


def iterate_questions(questions: Sequence[Question]) -> Iterator[Question]:
    """All questions, each before its children."""
    for question in questions:
        yield question
        for category in question.categories:
            yield from iterate_questions(category.children)


def find_faults(ontology: Sequence[Question], *, at: str = "/ontology") -> list[Fault]:
    """Find everything that is wrong with an ontology, each fault with its JSON pointer."""
    faults = list(_find_question_faults(ontology, set(), at=at, depth=1))
    if sum(len(question.categories) for question in iterate_questions(ontology)) > MAX_CATEGORIES:
        detail = f"An ontology has at most {MAX_CATEGORIES} categories."
        faults.append(Fault(pointer=at, detail=detail, code="too_many"))
    if sum(1 for _ in iterate_questions(ontology)) > MAX_QUESTIONS:
        detail = f"An ontology has at most {MAX_QUESTIONS} questions."
        faults.append(Fault(pointer=at, detail=detail, code="too_many"))
    return faults


def _find_question_faults(questions: Sequence[Question], seen: set[str], *, at: str, depth: int) -> Iterator[Fault]:
    if depth > MAX_DEPTH:
        yield Fault(pointer=at, detail=f"Questions are nested at most {MAX_DEPTH} deep.", code="too_deep")
        return
    for number, question in enumerate(questions):
        here = f"{at}/{number}"
        if question.name in seen:
            detail = "Duplicate name: questions have unique names in an ontology, children included."
            yield Fault(pointer=f"{here}/name", detail=detail, code="duplicate")
        seen.add(question.name)
        if not question.categories:
            yield Fault(pointer=f"{here}/categories", detail="A question needs at least one category.", code="empty")
        names: set[str] = set()
        for index, category in enumerate(question.categories):
            if category.name in names:
                yield Fault(pointer=f"{here}/categories/{index}/name", detail="Duplicate name.", code="duplicate")
            names.add(category.name)
            children = f"{here}/categories/{index}/children"
            yield from _find_question_faults(category.children, seen, at=children, depth=depth + 1)


def check_answers(
    questions: Sequence[Question], answers: Mapping[str, Sequence[str]], *, at: str = "/answers"
) -> Answers | list[Fault]:
    """The answers in the ontology's order, each category once; or everything that is wrong with them."""
    open_questions = _find_open_questions(questions, answers)
    faults: list[Fault] = []
    checked = Answers()
    for question in open_questions:
        checked |= _check_answer(question, answers, faults, at=at)
    open_names = {question.name for question in open_questions}
    closed_names = {question.name for question in iterate_questions(questions)} - open_names
    for name in answers:
        if name in closed_names:
            detail = "This question is not asked: its category was not chosen."
            faults.append(Fault(pointer=at + pointer(name), detail=detail, code="not_asked"))
        elif name not in open_names:
            detail = "The task has no such question."
            faults.append(Fault(pointer=at + pointer(name), detail=detail, code="unknown_question"))
    return faults or checked


def _find_open_questions(questions: Sequence[Question], answers: Mapping[str, Sequence[str]]) -> list[Question]:
    """The questions that are asked, given these answers."""
    open_questions: list[Question] = []
    for question in questions:
        open_questions.append(question)
        for category in question.categories:
            if category.name in answers.get(question.name, ()):
                open_questions += _find_open_questions(category.children, answers)
    return open_questions


def _check_answer(question: Question, answers: Mapping[str, Sequence[str]], faults: list[Fault], *, at: str) -> Answers:
    """The answer to one question; what is wrong with it is added to `faults`."""
    categories, here = answers.get(question.name), at + pointer(question.name)
    if question.required and not categories:
        faults.append(Fault(pointer=here, detail="This question needs an answer.", code="required"))
    if categories is None:
        return {}
    names = question.names
    for index, name in enumerate(categories):
        if name not in names:
            detail = f"The question has no category {name[:100]!r}."
            faults.append(Fault(pointer=f"{here}/{index}", detail=detail, code="unknown_category"))
    if question.choice == "single" and len(set(categories)) > 1:
        faults.append(Fault(pointer=here, detail="Choose one category only.", code="single_choice"))
    chosen = tuple(name for name in names if name in categories)
    # An empty answer to a single choice means no answer; to a multiple choice it means that no category fits.
    return {question.name: chosen} if chosen or question.choice == "multiple" else {}
