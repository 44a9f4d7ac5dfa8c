"""How much of an answer stands in the text it was asked of. Pure."""

import re
import unicodedata

from service.generation.documents.chunks.sentences import WORD

LETTERS = re.compile(r"\w+")
MIN_LETTERS = 4  # letters: shorter words stand in every text; signs of scripts without blanks count each


def measure_grounding(answer: str, source: str) -> float:
    """Word overlap: the share, 0 to 1, of the answer's distinct telling words that stand in the source.

    Telling are words of four letters or more, and numbers; where an answer has none, all its words. Case, punctuation
    and forms of letters make no difference.
    """
    said = _words(answer)
    telling = {word for word in said if len(word) >= MIN_LETTERS or not word.isascii() or word.isdigit()} or said
    return round(len(telling & _words(source)) / len(telling), 4) if telling else 0.0


def _words(text: str) -> set[str]:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return {word for letters in LETTERS.findall(folded) for word in WORD.findall(letters)}
