"""The words of an input: what people wrote, without what every request repeats."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

MAX_WORDS = 2_000  # of one text: what comes after says little more about it
_WORD = re.compile(r"\w+")


def extract_user_text(said: Any) -> str:
    """The text of an input: itself, or of its messages the users'; system messages are alike in all requests."""
    if isinstance(said, str):
        return said
    messages = [each for each in said or () if isinstance(each, dict) and each.get("role") == "user"]
    return "\n".join(_text_of(message.get("content")) for message in messages)


def split_words(text: str) -> list[str]:
    """In lower case; runs of letters, digits and _."""
    return [match[0].lower() for _, match in zip(range(MAX_WORDS), _WORD.finditer(text), strict=False)]


def split_shingles(text: str, size: int) -> set[str]:
    """Every run of so many words; of a shorter text, the whole of it."""
    said = split_words(text)
    return {" ".join(said[at : at + size]) for at in range(max(1, len(said) - size + 1))}


def count_words(texts: Iterable[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for text in texts:
        found.update(split_words(text))
    return found


def _text_of(content: Any) -> str:
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else ()
    return "\n".join(part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str))
