"""Parse answers of models that were asked for JSON. Pure."""

import re
from typing import Any, TypeVar

import msgspec

from service.generation.documents.readers.builder import clean_text

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


class Judgment(msgspec.Struct, frozen=True):
    score: float
    reason: str = ""


class ParseError(msgspec.Struct, frozen=True, kw_only=True):
    """Why an answer cannot be parsed. It quotes nothing of the answer."""

    code: str
    detail: str


def parse_answer(text: str, kind: type[T]) -> T | ParseError:
    """The answer as `kind`. A Markdown fence around it is ignored."""
    fenced = FENCE.match(text)
    try:
        return msgspec.json.decode(fenced[1] if fenced else text, type=kind)
    except msgspec.ValidationError as error:
        return ParseError(
            code="schema_mismatch", detail=f"The answer has not the JSON that was asked for: {error}."[:500]
        )
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return ParseError(code="not_json", detail="The answer is not JSON.")


def to_text(value: Any) -> str:
    """A written input as a user would send it: text as it is, anything else as JSON, without unprintable characters."""
    return clean_text(value if isinstance(value, str) else msgspec.json.encode(value).decode()).strip()
