"""Measure how much of an answer occurs in its source text. Pure."""

import re
import unicodedata

from service.generation.documents.chunks.sentences import WORD

LETTERS = re.compile(r"\w+")
MIN_LETTERS = 4  # shorter words occur in every text; in scripts without blanks each sign counts


def measure_grounding(answer: str, source: str) -> float:
    """Word overlap: the share, 0 to 1, of the answer's distinct content words that occur in the source.

    Content words have four letters or more, or are numbers; an answer without any counts all its words. Case,
    punctuation and letter forms (NFKC) are ignored.
    """
    words = _find_words(answer)
    content_words = {word for word in words if len(word) >= MIN_LETTERS or not word.isascii() or word.isdigit()}
    content_words = content_words or words
    return round(len(content_words & _find_words(source)) / len(content_words), 4) if content_words else 0.0


def _find_words(text: str) -> set[str]:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return {word for letters in LETTERS.findall(folded) for word in WORD.findall(letters)}
