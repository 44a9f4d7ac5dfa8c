"""Who answers: what was taught, where there is a tuned model and it knows; else the base model."""

import hashlib
import secrets
from pathlib import Path
from random import Random

from service.sandbox.base_model import base_model as base
from service.sandbox.completions import sampler as sampling
from service.sandbox.completions.chat_request import ChatRequest
from service.sandbox.completions.completion_objects import Answer
from service.sandbox.files.training_rows import prompt_of, reply
from service.sandbox.tuned_model.tuned_model import recall


def answers(asked: ChatRequest, lessons: Path | None) -> list[Answer]:
    """As many as were asked for. `lessons` is None for a base model."""
    return [_answer(asked, lessons, index) for index in range(asked.n or 1)]


def _answer(asked: ChatRequest, lessons: Path | None, index: int) -> Answer:
    heat, chance = asked.temperature or 0.0, _chance(asked, index)
    taught = recall(lessons).answer(prompt_of(asked.messages), heat=heat, chance=chance) if lessons else None
    if taught and taught.tool_calls:
        return Answer(message=reply(taught), finish="tool_calls")
    return sampling.answered(base.draft(asked, taught.text if taught else None, chance=chance), asked)


def _chance(asked: ChatRequest, index: int) -> Random:
    """What varies an answer: nothing at temperature 0; else the seed, and without one each call anew."""
    if not asked.temperature:
        return Random(_number(prompt_of(asked.messages)))  # noqa: S311 - a choice of words, not a secret
    seed = secrets.token_hex(8) if asked.seed is None else str(asked.seed)
    return Random(_number(f"{seed}:{index}:{prompt_of(asked.messages)}"))  # noqa: S311


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode(errors="replace")).digest()[:8], "big")
