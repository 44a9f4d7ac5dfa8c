"""What a tuned model was taught, ready to answer: a memory for what it has seen, a hand for what is new."""

import threading
from collections import Counter
from functools import lru_cache
from pathlib import Path
from random import Random
from statistics import median

from service.sandbox.files.training_rows import Lesson, Message, lessons_at
from service.sandbox.jobs.ngram_model import Memory
from service.sandbox.tuned_model.answer_writer import Writer

SAME = 0.6  # likeness from which a prompt counts as one that was taught
LEAST_LESSONS = 30  # fewer teach no manner
SHARED = 0.3  # share of the lessons from which a line of their prompts is an instruction, not a matter
REPEATED = 0.5  # share of different answers under which they are choices, not texts
SHORTER = 2.5  # times that a prompt must be longer than its answer to be written from

_one_at_a_time = threading.Lock()


class Taught:
    def __init__(self, lessons: list[Lesson]) -> None:
        self._memory = Memory(lessons)
        lines = Counter(line for one in lessons for line in set(one.prompt.splitlines()))
        self._instructions = frozenset(line for line, count in lines.items() if count > SHARED * len(lessons))
        self._writer = (
            Writer([(self._matter(one.prompt), one.answer.text) for one in lessons]) if _texts(lessons) else None
        )

    def answer(self, prompt: str, *, heat: float, chance: Random) -> Message | None:
        """None when nothing that was taught has to do with the prompt. `heat` is the temperature."""
        if known := self._memory.exact(prompt):
            return known
        near = self._memory.nearest(prompt)
        if self._writer is None or near is None or near[1] >= SAME:
            return near[0] if near else None
        said = self._writer.written(self._matter(prompt), heat=heat, chance=chance)
        return Message(role="assistant", content=said) if said else near[0]

    def _matter(self, prompt: str) -> str:
        """The prompt without the lines that most prompts have."""
        return "\n".join(line for line in prompt.splitlines() if line not in self._instructions)


def _texts(lessons: list[Lesson]) -> bool:
    """Whether the answers are short texts about longer ones: no tool calls, no JSON, no choice among a few."""
    answers = [one.answer.text for one in lessons]
    if len(lessons) < LEAST_LESSONS or any(one.answer.tool_calls for one in lessons):
        return False
    if len(set(answers)) < REPEATED * len(answers) or any(text.startswith(("{", "[")) for text in answers):
        return False
    longer = [len(one.prompt.split()) / max(1, len(one.answer.text.split())) for one in lessons]
    return median(longer) >= SHORTER


def recall(lessons: Path) -> Taught:
    """The file is never changed once it is written, so its name is enough of a key."""
    with _one_at_a_time:
        return _recall(lessons)


@lru_cache(maxsize=8)
def _recall(lessons: Path) -> Taught:
    taught = lessons_at(lessons)
    return Taught([*taught.remembered, *taught.train])
