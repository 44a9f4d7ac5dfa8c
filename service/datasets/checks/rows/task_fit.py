"""Hold a row against the task of its dataset: its schemas and its categories. Pure."""

from collections.abc import Iterator
from enum import IntEnum
from typing import Any

from service.datasets.checks.rows.conversation import Conversation
from service.datasets.checks.scan_input import ScanPlan, ScanRow
from service.tasks.category_match import find_category
from service.tasks.json_schema import find_output_faults
from service.tasks.ontology import check_answers


class Naming(IntEnum):
    """How an answer names one of the task's categories: alone, within a text, or not at all."""

    UNASKED = 0
    BARE = 1
    INSIDE = 2
    NONE = 3


class TaskFit:
    def __init__(self, plan: ScanPlan) -> None:
        self._plan = plan
        questions = plan.questions
        # Answers name a category where that is all there is to answer.
        self._answered = questions[0] if len(questions) == 1 and plan.output_schema is None else None
        self.names = questions[0].names if questions else ()
        self._known_labels: dict[str, bool] = {}

    def find_faults(self, row: ScanRow, talk: Conversation) -> Iterator[tuple[str, str]]:
        """The codes of the findings and their kinds."""
        plan = self._plan
        is_answered = bool(talk.answer.strip())
        if plan.output_schema is not None and is_answered and find_output_faults(plan.output_schema, talk.answer_text):
            yield "schema_mismatch", ""
        if plan.input_schema is not None and find_output_faults(plan.input_schema, _get_input(row)):
            yield "input_mismatch", ""
        if row.label and plan.questions and not self._is_label_known(row.label["answers"]):
            yield "unknown_category", "label"

    def find_category(self, label: dict[str, Any] | None, answer_text: str) -> str | None:
        """The category by the first question: of the label, else of the answer."""
        if not self.names:
            return None
        if label:
            chosen = label["answers"].get(self._plan.questions[0].name)
            return chosen[0] if chosen and chosen[0] in self.names else None
        return self._find_answer(answer_text) if self._answered else None

    def _is_label_known(self, answers: dict[str, list[str]]) -> bool:
        key = repr(answers)
        if key not in self._known_labels:
            self._known_labels[key] = not isinstance(check_answers(self._plan.questions, answers), list)
        return self._known_labels[key]

    def name_answer(self, talk: Conversation) -> Naming:
        """How the answer names a category. That is a fault only where nearly all others do."""
        if self._answered is None or not talk.answer_text.strip():
            return Naming.UNASKED
        category = self._find_answer(talk.answer_text)
        if category is None:
            return Naming.NONE
        is_bare = talk.answer_text.strip().casefold() == category.casefold()
        return Naming.BARE if is_bare else Naming.INSIDE

    def _find_answer(self, answer_text: str) -> str | None:
        question = self._answered
        if question is None:
            return None
        return find_category(answer_text, [each.name for each in question.categories], question.fallback)


def _get_input(row: ScanRow) -> str:
    """The user's last message."""
    for message in reversed(row.content["messages"]):
        if message["role"] == "user":
            content = message["content"]
            return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)
    return ""
