"""What models answer where JSON was asked for: read, or the reason why not. Pure."""

import re
from typing import Any, TypeVar

import msgspec

from service.generation.documents.readers.builder import cleaned

T = TypeVar("T")
FENCE = re.compile(r"\A\s*```[a-zA-Z]*\n(.*?)\n?```\s*\Z", re.DOTALL)


class NamedTopics(msgspec.Struct, frozen=True):
    topics: list[str]


class WrittenInputs(msgspec.Struct, frozen=True):
    inputs: list[Any]


class Pair(msgspec.Struct, frozen=True):
    question: str
    answer: str


class WrittenPairs(msgspec.Struct, frozen=True):
    pairs: list[Pair]


class WrittenPrompt(msgspec.Struct, frozen=True):
    prompt: str


class Mark(msgspec.Struct, frozen=True):
    score: float
    reason: str = ""


class Unread(msgspec.Struct, frozen=True, kw_only=True):
    """Why an answer is no use; nothing of it is quoted."""

    code: str
    detail: str


def read(text: str, kind: type[T]) -> T | Unread:
    """The answer as `kind`, also out of a fence of Markdown."""
    fenced = FENCE.match(text)
    try:
        return msgspec.json.decode(fenced[1] if fenced else text, type=kind)
    except msgspec.ValidationError as error:
        return Unread(code="schema_mismatch", detail=f"The answer is not of the shape asked for: {error}."[:500])
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return Unread(code="not_json", detail="The answer is not JSON.")


def as_text(value: Any) -> str:
    """A written input as a user would send it: a text as it is, anything else as JSON, without what cannot be kept."""
    return cleaned(value if isinstance(value, str) else msgspec.json.encode(value).decode()).strip()
