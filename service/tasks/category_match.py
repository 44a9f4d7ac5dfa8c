"""Find a category in free text: what a model or a person wrote, as one of the names that a task allows. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

# A name ends where neither a letter nor a digit follows. An underscore joins words (`sports_news`), unless it only
# surrounds the name, as in Markdown's emphasis.
_BEFORE = r"(?<![^\W_])(?<![^\W_]_)(?<![^\W_]__)"
_AFTER = r"(?!_{0,2}[^\W_])"


def match_category(text: str, categories: Sequence[str], fallback: str | None = None) -> str | None:
    """The category that `text` names first, as the task spells it; the longest where several begin at one position.

    Names, also the fallback's, are found as whole words in any case and with any spacing. A text that names none gets
    the fallback, or None without one.
    """
    category = find_category(text, categories, fallback)
    return fallback if category is None else category


def find_category(text: str, categories: Sequence[str], fallback: str | None = None) -> str | None:
    """Like `match_category`, but None where the text names neither a category nor the fallback."""
    pattern, spellings = _compile(tuple(categories), fallback)
    if pattern is None:
        return None
    match = pattern.search(_fold_case(text))
    return spellings[_join_words(match.group())] if match else None


@lru_cache(maxsize=256)
def _compile(categories: tuple[str, ...], fallback: str | None) -> tuple[re.Pattern[str] | None, dict[str, str]]:
    spellings: dict[str, str] = {}
    for name in (*categories, *([] if fallback is None else [fallback])):
        spellings.setdefault(_join_words(_fold_case(name)), name)
    spellings.pop("", None)
    if not spellings:
        return None, {}
    longest_first = sorted(spellings, key=len, reverse=True)
    choices = "|".join(r"\s+".join(map(re.escape, key.split(" "))) for key in longest_first)
    return re.compile(f"{_BEFORE}(?:{choices}){_AFTER}"), spellings


def _fold_case(text: str) -> str:
    """The text in composed Unicode without case, so that é equals é however it was typed."""
    return unicodedata.normalize("NFKC", text).casefold()


def _join_words(name: str) -> str:
    return " ".join(name.split())
