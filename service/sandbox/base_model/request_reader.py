"""A request as the base model reads it: what it is about, what there is to read in it, and how many are wanted."""

import json
import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from service.sandbox.base_model import text_analysis as texts
from service.sandbox.files.training_rows import Message

NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
TOPIC_LABELS = (
    "subtopic",
    "topic",
    "topics",
    "topic path",
    "path",
    "subject",
    "theme",
    "about",
    "node",
    "parent topic",
)
ABOUT = re.compile(
    r"\b(?:subtopics? (?:of|for|under)|topics? (?:of|is|on)|about|regarding|concerning|titled|into|on|for|of)\s+"
    r"(?:the (?:(?:broad|general|following|given) )?(?:sub)?(?:topic|subject|theme|area)s?(?: of)?:?\s+)?"
    r"[\"'\u201c]?([^\"'\u201c\u201d.\n:;,()]{3,80})",
    re.IGNORECASE,
)
COUNT = re.compile(
    r"\b(\d{1,3}|" + "|".join(NUMBERS[1:]) + r")\b(?!\s*(?:words?|sentences?|characters?|stars?|to\b|%|-|\d))"
)
MOST_MESSAGES = 20  # the latest; what lies before is forgotten
LONGEST_TOPIC = 6  # words
MOST_WANTED = 100


class Reading:
    """`prompt` is everything that was said, `asked` the last thing the user said."""

    def __init__(self, messages: Sequence[Message]) -> None:
        said = [texts.readable(message.text) for message in messages[-MOST_MESSAGES:]]
        self.prompt = "\n\n".join(said)
        users = [text for message, text in zip(messages[-MOST_MESSAGES:], said, strict=True) if message.role == "user"]
        self.asked = users[-1] if users else said[-1]

    @cached_property
    def sections(self) -> list[tuple[str, str]]:
        """What is set apart by labels, tags, or as the fields of a JSON object."""
        return [*_fields(self.asked), *texts.sections(self.prompt)]

    def labelled(self, *labels: str) -> str | None:
        """The last text under one of these labels, the first label first; empty where there is only an empty one."""
        known = dict(self.sections)
        texts_ = [known[label] for label in labels if label in known]
        return next((text for text in texts_ if text), texts_[0] if texts_ else None)

    @cached_property
    def passage(self) -> str | None:
        return texts.passage(self.asked) or texts.passage(self.prompt)

    @cached_property
    def topic(self) -> str:
        labelled = self.labelled(*TOPIC_LABELS)
        if labelled:
            return _short(re.split(r"\s*(?:>|→|»|/)\s*", labelled.splitlines()[0])[-1])
        for text in (self.asked, self.prompt):
            for found in ABOUT.finditer(text):
                if texts.telling(found[1]):
                    return _short(found[1])
        return " ".join(texts.telling(self.asked)[:3] or texts.telling(self.prompt)[:3]) or "everyday life"

    def wanted(self, name: str) -> int | None:
        """How many of `name` are asked for; any number of things where none stands with that name."""
        noun = texts.stem(name)
        counts = [
            (found, _number(found[1])) for text in (self.asked, self.prompt) for found in COUNT.finditer(text.lower())
        ]
        known = [(found, number) for found, number in counts if 0 < number <= MOST_WANTED]
        for found, number in known:
            if any(texts.stem(word).startswith(noun[:4]) for word in found.string[found.end() :].split()[:4]):
                return number
        return known[0][1] if known else None


def _number(text: str) -> int:
    return int(text) if text.isdigit() else NUMBERS.index(text)


def _short(topic: str) -> str:
    topic = re.sub(r"^(?:the|a|an)\s+", "", topic.strip(" \t\"'`*#-.\u201c\u201d"), flags=re.IGNORECASE)
    return " ".join(topic.split()[:LONGEST_TOPIC]) or "everyday life"


def _fields(text: str) -> list[tuple[str, str]]:
    try:
        read: Any = json.loads(text) if text.lstrip().startswith("{") else None
    except (ValueError, RecursionError):
        return []
    if not isinstance(read, dict):
        return []
    return [
        (name.lower().replace("_", " "), said if isinstance(said, str) else json.dumps(said))
        for name, said in read.items()
    ]
