"""Ontologies: the questions a label answers, each with its categories, and whether an answer is one of them. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from service.errors import Fault
from service.json_pointers import pointer

Choice = Literal["single", "multiple"]
Answers = dict[str, tuple[str, ...]]  # the chosen categories by question
SHORTHAND = "category"  # the question that a task's plain `categories` stand for
DEEPEST = 5
MOST_QUESTIONS = 100
MOST_CATEGORIES = 1_000


class Category(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One answer there is; `children` are asked only of what got it."""

    name: str
    """Unique among the categories of its question."""
    description: str | None = None
    """When this category is the right answer."""
    children: "tuple[Question, ...]" = ()
    """Questions asked only of examples that got this category."""


class Question(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is asked of an example. The fallback is for what fits no category; it need not be listed as one."""

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
        """The answers it takes, in their order, the fallback last unless it is listed."""
        listed = tuple(category.name for category in self.categories)
        return listed if self.fallback is None or self.fallback in listed else (*listed, self.fallback)


def asked(
    ontology: Sequence[Question], *, categories: Sequence[str] = (), fallback: str | None = None
) -> tuple[Question, ...]:
    """A task's questions: its ontology, or the one that its plain categories stand for."""
    if ontology or not categories:
        return tuple(ontology)
    plain = tuple(Category(name=name) for name in categories)
    return (Question(name=SHORTHAND, categories=plain, fallback=fallback),)


def every(questions: Sequence[Question]) -> Iterator[Question]:
    """All of them, each before its children."""
    for question in questions:
        yield question
        for category in question.categories:
            yield from every(category.children)


def faults(ontology: Sequence[Question], *, at: str = "/ontology") -> list[Fault]:
    """What makes it unacceptable, each with its JSON pointer."""
    found = list(_faults(ontology, set(), at=at, depth=1))
    if sum(len(question.categories) for question in every(ontology)) > MOST_CATEGORIES:
        found.append(
            Fault(pointer=at, detail=f"An ontology has at most {MOST_CATEGORIES} categories.", code="too_many")
        )
    if sum(1 for _ in every(ontology)) > MOST_QUESTIONS:
        found.append(Fault(pointer=at, detail=f"An ontology has at most {MOST_QUESTIONS} questions.", code="too_many"))
    return found


def _faults(questions: Sequence[Question], seen: set[str], *, at: str, depth: int) -> Iterator[Fault]:
    if depth > DEEPEST:
        yield Fault(pointer=at, detail=f"Questions are nested at most {DEEPEST} deep.", code="too_deep")
        return
    for number, question in enumerate(questions):
        here = f"{at}/{number}"
        if question.name in seen:
            detail = "A question's name is there once in an ontology, children included."
            yield Fault(pointer=f"{here}/name", detail=detail, code="duplicate")
        seen.add(question.name)
        if not question.categories:
            yield Fault(pointer=f"{here}/categories", detail="A question needs a category.", code="empty")
        named: set[str] = set()
        for place, category in enumerate(question.categories):
            if category.name in named:
                where = f"{here}/categories/{place}/name"
                yield Fault(pointer=where, detail="This name is there twice.", code="duplicate")
            named.add(category.name)
            below = f"{here}/categories/{place}/children"
            yield from _faults(category.children, seen, at=below, depth=depth + 1)


def settled(
    questions: Sequence[Question], answers: Mapping[str, Sequence[str]], *, at: str = "/answers"
) -> Answers | list[Fault]:
    """The answers in the ontology's order, each category once; or everything that is wrong with them."""
    found: list[Fault] = []
    open_, kept = _reachable(questions, answers), Answers()
    for question in open_:
        kept |= _answer(question, answers, found, at=at)
    known = {question.name for question in open_}
    nested = {question.name for question in every(questions)} - known
    for name in answers:
        if name not in known:
            detail = "Its category was not chosen." if name in nested else "The task has no such question."
            code = "not_asked" if name in nested else "unknown_question"
            found.append(Fault(pointer=at + pointer(name), detail=detail, code=code))
    return found or kept


def _reachable(questions: Sequence[Question], answers: Mapping[str, Sequence[str]]) -> list[Question]:
    """The questions that these answers leave open to answer."""
    found: list[Question] = []
    for question in questions:
        found.append(question)
        for category in question.categories:
            if category.name in answers.get(question.name, ()):
                found += _reachable(category.children, answers)
    return found


def _answer(question: Question, answers: Mapping[str, Sequence[str]], found: list[Fault], *, at: str) -> Answers:
    given, here = answers.get(question.name), at + pointer(question.name)
    if question.required and not given:
        found.append(Fault(pointer=here, detail="This question needs an answer.", code="required"))
    if given is None:
        return {}
    names = question.names
    for place, name in enumerate(given):
        if name not in names:
            detail = f"The question has no category {name[:100]!r}."
            found.append(Fault(pointer=f"{here}/{place}", detail=detail, code="unknown_category"))
    if question.choice == "single" and len(set(given)) > 1:
        found.append(Fault(pointer=here, detail="One category only.", code="single_choice"))
    chosen = tuple(name for name in names if name in given)
    # An empty answer to a single choice is none; to a multiple choice it says that no category fits.
    return {question.name: chosen} if chosen or question.choice == "multiple" else {}
