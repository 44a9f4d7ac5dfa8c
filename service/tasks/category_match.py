"""A category read out of free text: what a model or a person wrote, as one of the names that a task allows. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

# A name ends where neither a letter nor a digit follows. An underscore joins words (`sports_news`), unless it
# only stands around the name, as Markdown's emphasis does.
_BEFORE = r"(?<![^\W_])(?<![^\W_]_)(?<![^\W_]__)"
_AFTER = r"(?!_{0,2}[^\W_])"


def first_named(text: str, categories: Sequence[str], fallback: str | None = None) -> str | None:
    """The category that `text` names first, as the task spells it; the longest where several begin at one place.

    Names are found as whole words in any case and any spacing, also the fallback's. Where none is named the answer is
    the fallback, or None without one.
    """
    found = named(text, categories, fallback)
    return fallback if found is None else found


def named(text: str, categories: Sequence[str], fallback: str | None = None) -> str | None:
    """Like `first_named`, but None where the text names neither a category nor the fallback."""
    pattern, spellings = _reader(tuple(categories), fallback)
    if pattern is None:
        return None
    match = pattern.search(_folded(text))
    return spellings[_key(match.group())] if match else None


@lru_cache(maxsize=256)
def _reader(categories: tuple[str, ...], fallback: str | None) -> tuple[re.Pattern[str] | None, dict[str, str]]:
    spellings: dict[str, str] = {}
    for name in (*categories, *([] if fallback is None else [fallback])):
        spellings.setdefault(_key(_folded(name)), name)
    spellings.pop("", None)
    if not spellings:
        return None, {}
    longest_first = sorted(spellings, key=len, reverse=True)
    choices = "|".join(r"\s+".join(map(re.escape, key.split(" "))) for key in longest_first)
    return re.compile(f"{_BEFORE}(?:{choices}){_AFTER}"), spellings


def _folded(text: str) -> str:
    """Composed and without case, so that é is é however it was typed."""
    return unicodedata.normalize("NFKC", text).casefold()


def _key(name: str) -> str:
    return " ".join(name.split())
