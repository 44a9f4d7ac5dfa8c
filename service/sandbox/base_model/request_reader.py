"""Read a chat request: its topic, its passage, its labelled sections, and how many items it requests."""

import json
import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from service.sandbox.base_model import text_analysis
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
MAX_MESSAGES = 20  # only the latest are read
MAX_TOPIC_WORDS = 6  # words
MAX_COUNT = 100


class RequestReader:
    """`prompt` is the text of all messages, `last_user_text` that of the user's last one."""

    def __init__(self, messages: Sequence[Message]) -> None:
        texts = [text_analysis.cut_middle(message.text) for message in messages[-MAX_MESSAGES:]]
        self.prompt = "\n\n".join(texts)
        users = [text for message, text in zip(messages[-MAX_MESSAGES:], texts, strict=True) if message.role == "user"]
        self.last_user_text = users[-1] if users else texts[-1]

    @cached_property
    def sections(self) -> list[tuple[str, str]]:
        """The sections marked by labels, tags, or the fields of a JSON object."""
        return [*_parse_fields(self.last_user_text), *text_analysis.find_sections(self.prompt)]

    def find_labelled(self, *labels: str) -> str | None:
        """The last text under one of these labels; earlier labels win over later ones, texts over empty texts."""
        by_label = dict(self.sections)
        labelled = [by_label[label] for label in labels if label in by_label]
        return next((text for text in labelled if text), labelled[0] if labelled else None)

    @cached_property
    def passage(self) -> str | None:
        return text_analysis.find_passage(self.last_user_text) or text_analysis.find_passage(self.prompt)

    @cached_property
    def topic(self) -> str:
        labelled = self.find_labelled(*TOPIC_LABELS)
        if labelled:
            return _shorten_topic(re.split(r"\s*(?:>|→|»|/)\s*", labelled.splitlines()[0])[-1])
        for text in (self.last_user_text, self.prompt):
            for match in ABOUT.finditer(text):
                if text_analysis.find_content_words(match[1]):
                    return _shorten_topic(match[1])
        return (
            " ".join(
                text_analysis.find_content_words(self.last_user_text)[:3]
                or text_analysis.find_content_words(self.prompt)[:3]
            )
            or "everyday life"
        )

    def find_count(self, name: str) -> int | None:
        """How many of `name` the prompt requests; without that name, the first number of anything."""
        noun = text_analysis.stem(name)
        counts = [
            (match, _to_number(match[1]))
            for text in (self.last_user_text, self.prompt)
            for match in COUNT.finditer(text.lower())
        ]
        by_label = [(match, number) for match, number in counts if 0 < number <= MAX_COUNT]
        for match, number in by_label:
            if any(text_analysis.stem(word).startswith(noun[:4]) for word in match.string[match.end() :].split()[:4]):
                return number
        return by_label[0][1] if by_label else None


def _to_number(text: str) -> int:
    return int(text) if text.isdigit() else NUMBERS.index(text)


def _shorten_topic(topic: str) -> str:
    topic = re.sub(r"^(?:the|a|an)\s+", "", topic.strip(" \t\"'`*#-.\u201c\u201d"), flags=re.IGNORECASE)
    return " ".join(topic.split()[:MAX_TOPIC_WORDS]) or "everyday life"


def _parse_fields(text: str) -> list[tuple[str, str]]:
    try:
        value: Any = json.loads(text) if text.lstrip().startswith("{") else None
    except (ValueError, RecursionError):
        return []
    if not isinstance(value, dict):
        return []
    return [
        (name.lower().replace("_", " "), texts if isinstance(texts, str) else json.dumps(texts))
        for name, texts in value.items()
    ]
