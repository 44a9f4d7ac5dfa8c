"""Choose among categories by the words they share with a text, and by words typical of a field."""

import re
from collections.abc import Sequence

from service.sandbox.base_model.banks import load_banks
from service.sandbox.base_model.request_reader import RequestReader
from service.sandbox.base_model.text_analysis import find_stems, stem

LISTED = re.compile(
    r"(?:categor(?:y|ies)|labels?|classes|options|one of(?: the following)?|choose from)[^:\n]{0,60}:"
    r"(?:[ \t]*([^\n]+)|((?:\s*\n[ \t]*[^\n]+)+))",
    re.IGNORECASE,
)
FALLBACKS = re.compile(r"unable|unknown|unclear|other|none|neither|n/?a\b", re.IGNORECASE)
MAX_NAME_LENGTH = 60  # characters of a category
TEXTS = (
    "input",
    "text",
    "message",
    "passage",
    "document",
    "article",
    "summary",
    "review",
    "ticket",
    "content",
    "example",
)


def rank_options(options: Sequence[str], reading: RequestReader) -> dict[str, float]:
    """The chance of each option, the likeliest first; without shared words, a fallback such as `other` is likeliest."""
    text = reading.find_labelled(*TEXTS) or LISTED.sub(" ", reading.passage or reading.last_user_text)
    text_stems = find_stems(text)
    marks = {option: _score_option(option, text_stems, reading) for option in options}
    if not any(marks.values()):
        fallback = next((option for option in options if FALLBACKS.search(option)), None)
        marks = {option: 3.0 if option == fallback else 1.0 for option in options}
    total = sum(2**mark for mark in marks.values())
    ranked = sorted(options, key=lambda option: (-marks[option], options.index(option)))
    return {option: 2 ** marks[option] / total for option in ranked}


def _score_option(option: str, text_stems: set[str], reading: RequestReader) -> float:
    """Score an option: a shared word of its name counts double, one of its description or field once."""
    name = re.sub(r"[_\-/]+", " ", option)
    description = next(
        (line for line in reading.prompt.splitlines() if option in line and len(line) > len(option) + 8), ""
    )
    description = description if all(mark in description for mark in (option, ":")) else ""
    fields = {stem(word) for key, known in load_banks().fields.items() if key in name.lower() for word in known.split()}
    about = (
        find_stems(description.partition(":")[2]) if description.strip(" -*0123456789.").startswith(option) else set()
    )
    return min(20.0, 2.0 * len(find_stems(name) & text_stems) + len(about & text_stems) + len(fields & text_stems))


def find_categories(prompt: str) -> list[str]:
    """Find the categories that a prompt lists, in a row or one per line; empty without any."""
    for text_stems in LISTED.finditer(prompt):
        row = re.split(r"[.;](?:\s|$)", text_stems[1] or "")[0]
        parts = (
            re.split(r"\s*(?:,|;|\||\bor\b)\s*", row)
            if row
            else (text_stems[2] or "").strip().split("\n\n")[0].splitlines()
        )
        names = [re.split(r":\s| \(| - ", part.strip(" \t-*\u2022\"'`"))[0].strip(" \"'`.") for part in parts]
        names = list(dict.fromkeys(name for name in names if name))
        if len(names) > 1 and all(len(name) <= MAX_NAME_LENGTH for name in names):
            return names
    return []
