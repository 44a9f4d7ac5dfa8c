"""Texts as sets of short runs of words, by which repeats are known. Pure."""

import re
import unicodedata

SHINGLE_WORDS = 3
WORD = re.compile(r"\w+|[^\w\s]")  # signs count: 2 + 2 is not 2 - 2
ENDS = "\"'.,;:!?\u2026\u00ab\u00bb\u2018\u2019\u201c\u201d "


def normalize(text: str) -> str:
    """The same text after NFKC, without case, blanks and the punctuation at its ends."""
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return folded.strip(ENDS) or folded


def build_shingles(text: str) -> set[str]:
    """Runs of SHINGLE_WORDS words and signs of a normalized text; a shorter text is one run."""
    words = WORD.findall(text)
    count = max(1, len(words) - SHINGLE_WORDS + 1)
    return {" ".join(words[start : start + SHINGLE_WORDS]) for start in range(count)}
