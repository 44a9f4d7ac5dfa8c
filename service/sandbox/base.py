"""The base model: it was taught no task, and says something general of what it has read."""

from random import Random

from service.sandbox.chat import ChatRequest
from service.sandbox.rows import prompt_of
from service.sandbox.sampling import Draft
from service.sandbox.texts import LEAST_PASSAGE, sentences


def draft(asked: ChatRequest, taught: str | None, *, heat: float, chance: Random) -> Draft:
    """`taught` is what a tuned model would say; a base model says something of its own."""
    if taught is not None:
        return Draft(text=taught)
    said = next((m.text for m in reversed(asked.messages) if m.role == "user"), prompt_of(asked.messages))
    read = sentences(said) or [said]
    opening = "Here is what I can say about it:" if len(said.split()) >= LEAST_PASSAGE else "You wrote about this:"
    return Draft(text=f"{opening} {read[-1]}")
