"""A tuned model: it recalls answers to known prompts, and writes answers to new ones."""

import threading
from collections import Counter
from functools import lru_cache
from pathlib import Path
from random import Random
from statistics import median

from service.sandbox.files.training_rows import Lesson, Message, load_lessons
from service.sandbox.jobs.ngram_model import Memory
from service.sandbox.tuned_model.answer_writer import AnswerWriter

SAME = 0.6  # similarity from which a prompt counts as known
MIN_LESSONS = 30  # fewer show no style
SHARED = 0.3  # share of lessons from which a line of their prompts counts as instruction
REPEATED = 0.5  # share of different answers below which they count as choices, not texts
SHORTER = 2.5  # times that a prompt must be longer than its answer to be written from

_one_at_a_time = threading.Lock()


class TunedModel:
    def __init__(self, lessons: list[Lesson]) -> None:
        self._memory = Memory(lessons)
        lines = Counter(line for one in lessons for line in set(one.prompt.splitlines()))
        self._instructions = frozenset(line for line, count in lines.items() if count > SHARED * len(lessons))
        self._writer = (
            AnswerWriter([(self._remove_instructions(one.prompt), one.answer.text) for one in lessons])
            if _are_short_texts(lessons)
            else None
        )

    def answer(self, prompt: str, *, temperature: float, random: Random) -> Message | None:
        """Answer a prompt; None when no lesson is related to it."""
        if known := self._memory.exact(prompt):
            return known
        near = self._memory.nearest(prompt)
        if self._writer is None or near is None or near[1] >= SAME:
            return near[0] if near else None
        written = self._writer.write(self._remove_instructions(prompt), temperature=temperature, random=random)
        return Message(role="assistant", content=written) if written else near[0]

    def _remove_instructions(self, prompt: str) -> str:
        """The prompt without the lines that many prompts share."""
        return "\n".join(line for line in prompt.splitlines() if line not in self._instructions)


def _are_short_texts(lessons: list[Lesson]) -> bool:
    """Whether the answers are short texts about longer ones: no tool calls, no JSON, no choice among a few."""
    answers = [one.answer.text for one in lessons]
    if len(lessons) < MIN_LESSONS or any(one.answer.tool_calls for one in lessons):
        return False
    if len(set(answers)) < REPEATED * len(answers) or any(text.startswith(("{", "[")) for text in answers):
        return False
    longer = [len(one.prompt.split()) / max(1, len(one.answer.text.split())) for one in lessons]
    return median(longer) >= SHORTER


def load_tuned_model(lessons: Path) -> TunedModel:
    """Load the model of a file, cached by name: the file never changes."""
    with _one_at_a_time:
        return _load_cached(lessons)


@lru_cache(maxsize=8)
def _load_cached(lessons: Path) -> TunedModel:
    loaded = load_lessons(lessons)
    return TunedModel([*loaded.remembered, *loaded.train])
