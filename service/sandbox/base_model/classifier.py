"""Choosing among names: by the words they share with a text, and by a little that is known of the world."""

import re
from collections.abc import Sequence

from service.sandbox.base_model.banks import banks
from service.sandbox.base_model.request_reader import Reading
from service.sandbox.base_model.text_analysis import stem, stems

LISTED = re.compile(
    r"(?:categor(?:y|ies)|labels?|classes|options|one of(?: the following)?|choose from)[^:\n]{0,60}:"
    r"(?:[ \t]*([^\n]+)|((?:\s*\n[ \t]*[^\n]+)+))",
    re.IGNORECASE,
)
FALLBACKS = re.compile(r"unable|unknown|unclear|other|none|neither|n/?a\b", re.IGNORECASE)
LONGEST_NAME = 60  # characters of a category
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


def chosen(options: Sequence[str], reading: Reading) -> dict[str, float]:
    """How likely each option is for the text in the prompt, the likeliest first; the fallback when no word tells."""
    text = reading.labelled(*TEXTS) or LISTED.sub(" ", reading.passage or reading.asked)
    found = stems(text)
    marks = {option: _mark(option, found, reading) for option in options}
    if not any(marks.values()):
        spare = next((option for option in options if FALLBACKS.search(option)), None)
        marks = {option: 3.0 if option == spare else 1.0 for option in options}
    total = sum(2**mark for mark in marks.values())
    ranked = sorted(options, key=lambda option: (-marks[option], options.index(option)))
    return {option: 2 ** marks[option] / total for option in ranked}


def _mark(option: str, found: set[str], reading: Reading) -> float:
    """A word of the option's name counts double, one of its description or its field counts once."""
    name = re.sub(r"[_\-/]+", " ", option)
    described = next(
        (line for line in reading.prompt.splitlines() if option in line and len(line) > len(option) + 8), ""
    )
    described = described if all(mark in described for mark in (option, ":")) else ""
    fields = {stem(word) for key, known in banks().fields.items() if key in name.lower() for word in known.split()}
    about = stems(described.partition(":")[2]) if described.strip(" -*0123456789.").startswith(option) else set()
    return min(20.0, 2.0 * len(stems(name) & found) + len(about & found) + len(fields & found))


def listed(prompt: str) -> list[str]:
    """The categories that a prompt names, in a row or one a line; empty where it names none."""
    for found in LISTED.finditer(prompt):
        row = re.split(r"[.;](?:\s|$)", found[1] or "")[0]
        parts = (
            re.split(r"\s*(?:,|;|\||\bor\b)\s*", row) if row else (found[2] or "").strip().split("\n\n")[0].splitlines()
        )
        names = [re.split(r":\s| \(| - ", part.strip(" \t-*\u2022\"'`"))[0].strip(" \"'`.") for part in parts]
        names = list(dict.fromkeys(name for name in names if name))
        if len(names) > 1 and all(len(name) <= LONGEST_NAME for name in names):
            return names
    return []
