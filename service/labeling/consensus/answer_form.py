"""Turn a label into the text of an answer: a bare category, a field of a structured answer, or a template. Pure."""

import json
import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec

from service.errors import Fault
from service.http.bodies import NO_NUL, Body, Name
from service.tasks.ontology import Answers, Question, iterate_questions

PLACE = re.compile(r"\{([^{}]*)\}")
MAX_STEPS = 16
FieldPointer = Annotated[str, msgspec.Meta(max_length=500, pattern=r"^(/([^~/\x00]|~[01])*)+$")]


class AnswerForm(Body):
    """How the label becomes the answer. With none of the fields, the answer is the category of the only question."""

    question: Name | None = None
    """The question whose category is the answer; several categories are separated by commas."""
    field: FieldPointer | None = None
    """Write it into this field of a JSON answer, by its JSON pointer; the other fields stay."""
    template: Annotated[str, msgspec.Meta(min_length=1, max_length=20_000, pattern=NO_NUL)] | None = None
    """A text with `{question}` where the category of a question belongs."""
    over: Literal["unanswered", "all"] = "unanswered"
    """Which examples: those without an answer, or all, whose answers are then replaced."""

    def find_faults(self, questions: Sequence[Question], *, at: str) -> list[Fault]:
        """Find questions that the task does not ask, and fields that exclude each other."""
        names = [question.name for question in iterate_questions(questions)]
        faults = []
        if self.template is not None:
            detail = "A template names the questions itself; leave this out."
            faults += [
                Fault(pointer=f"{at}/{name}", detail=detail, code="one_of")
                for name in ("question", "field")
                if getattr(self, name) is not None
            ]
            faults += [
                Fault(pointer=f"{at}/template", detail=f"The task has no question {name!r}.", code="unknown_question")
                for name in PLACE.findall(self.template)
                if name not in names
            ]
            return faults
        if self.question is not None and self.question not in names:
            faults.append(
                Fault(pointer=f"{at}/question", detail=f"The task asks: {', '.join(names)}.", code="unknown_question")
            )
        if self.question is None and len(names) != 1:
            detail = f"The task asks {len(names)} questions; say which one is the answer, or give a template."
            faults.append(Fault(pointer=f"{at}/question", detail=detail, code="several_questions"))
        return faults

    def write(self, answers: Answers, questions: Sequence[Question], before: str) -> str | None:
        """The text of the answer; None where the label does not answer a question that it needs."""
        if self.template is not None:
            needed = set(PLACE.findall(self.template))
            if not needed <= answers.keys():
                return None
            return PLACE.sub(lambda place: ", ".join(answers[place[1]]), self.template)
        question = self._find_question(questions)
        chosen = answers.get(question.name)
        if not chosen:
            return None
        if self.field is None:
            return ", ".join(chosen)
        return write_field(before, self.field, list(chosen) if question.choice == "multiple" else chosen[0])

    def _find_question(self, questions: Sequence[Question]) -> Question:
        asked = list(iterate_questions(questions))
        return next(question for question in asked if self.question in (None, question.name))


def write_field(before: str, pointer: str, value: Any) -> str:
    """The JSON text `before` with the value at the pointer. A text that is no object is taken as an empty one."""
    try:
        document = json.loads(before)
    except (ValueError, RecursionError):
        document = {}
    if not isinstance(document, dict):
        document = {}
    *path, last = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]][:MAX_STEPS]
    holder = document
    for step in path:
        inner = holder.get(step)
        holder[step] = inner if isinstance(inner, dict) else {}
        holder = holder[step]
    holder[last] = value
    return json.dumps(document, ensure_ascii=False)
