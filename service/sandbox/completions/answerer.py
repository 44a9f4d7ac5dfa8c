"""Answer a chat request: by the tuned model if it knows an answer, else by the base model."""

import hashlib
import secrets
from pathlib import Path
from random import Random

from service.sandbox.base_model import base_model
from service.sandbox.completions import sampler, tool_caller
from service.sandbox.completions.chat_request import ChatRequest
from service.sandbox.completions.completion_objects import Answer
from service.sandbox.files.training_rows import build_reply, join_texts
from service.sandbox.tuned_model.tuned_model import load_tuned_model


def build_answers(request: ChatRequest, lessons: Path | None) -> list[Answer]:
    """Build as many answers as requested. `lessons` is None for a base model."""
    return [_build_answer(request, lessons, index) for index in range(request.n or 1)]


def _build_answer(request: ChatRequest, lessons: Path | None, index: int) -> Answer:
    temperature, random = request.temperature or 0.0, _build_random(request, index)
    tuned_answer = (
        load_tuned_model(lessons).answer(join_texts(request.messages), temperature=temperature, random=random)
        if lessons
        else None
    )
    if tuned_answer and tuned_answer.tool_calls:
        return Answer(message=build_reply(tuned_answer), finish="tool_calls")
    if call := tool_caller.call_tool(request, random=random):
        return call
    return sampler.build_answer(
        base_model.build_draft(request, tuned_answer.text if tuned_answer else None, random=random), request
    )


def _build_random(request: ChatRequest, index: int) -> Random:
    """The source of variation: fixed at temperature 0, else seeded by the request, or by each call without a seed."""
    if not request.temperature:
        return Random(_hash_to_number(join_texts(request.messages)))  # noqa: S311 - a choice of words, not a secret
    seed = secrets.token_hex(8) if request.seed is None else str(request.seed)
    return Random(_hash_to_number(f"{seed}:{index}:{join_texts(request.messages)}"))  # noqa: S311


def _hash_to_number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode(errors="replace")).digest()[:8], "big")
