"""What a tuned model was taught, ready to answer."""

import threading
from functools import lru_cache
from pathlib import Path
from random import Random

from service.sandbox.learning import Memory
from service.sandbox.rows import Lesson, Message, lessons_at

_one_at_a_time = threading.Lock()


class Taught:
    def __init__(self, lessons: list[Lesson]) -> None:
        self._memory = Memory(lessons)

    def answer(self, prompt: str, *, heat: float, chance: Random) -> Message | None:
        """None when nothing that was taught has to do with the prompt. `heat` is the temperature."""
        return self._memory.answer(prompt)


def recall(lessons: Path) -> Taught:
    """The file is never changed once it is written, so its name is enough of a key."""
    with _one_at_a_time:
        return _recall(lessons)


@lru_cache(maxsize=8)
def _recall(lessons: Path) -> Taught:
    taught = lessons_at(lessons)
    return Taught([*taught.remembered, *taught.train])
