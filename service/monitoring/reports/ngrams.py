"""Split the users' text of an input into words and word runs."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

MAX_WORDS = 2_000  # of one text; more words add little
_WORD = re.compile(r"\w+")


def extract_user_text(value: Any) -> str:
    """A text input as it is; of messages, only the users': system messages are the same in all requests."""
    if isinstance(value, str):
        return value
    messages = [each for each in value or () if isinstance(each, dict) and each.get("role") == "user"]
    return "\n".join(_text_of(message.get("content")) for message in messages)


def split_words(text: str) -> list[str]:
    """Words in lower case: runs of letters, digits and _."""
    return [match[0].lower() for _, match in zip(range(MAX_WORDS), _WORD.finditer(text), strict=False)]


def split_shingles(text: str, size: int) -> set[str]:
    """Every run of `size` words; a shorter text is one run."""
    words = split_words(text)
    return {" ".join(words[start : start + size]) for start in range(max(1, len(words) - size + 1))}


def count_words(texts: Iterable[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(split_words(text))
    return counts


def _text_of(content: Any) -> str:
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else ()
    return "\n".join(part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str))
