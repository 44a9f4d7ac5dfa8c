"""Find the role of a schema's field from its name, its description and the request."""

import re
from typing import Literal

from service.sandbox.base_model.request_reader import RequestReader

Role = Literal["topic", "headline", "question", "answer", "quote", "reason", "summary", "words"]
_QUOTES = "quote evidence excerpt citation source_text span snippet support"
_REASONS = """
reason reasoning rationale explanation justification critique feedback comment why thinking thought analysis
"""
_ANSWERS = "answer answers output outputs response completion reply result solution assistant"
_TOPICS = "topic topics subtopic subtopics theme subject area node category label title name keyword tag children"
_TEXTS = """
input inputs summary summaries text article story news passage message body content prompt example examples sample
samples item items document description user email review request value data instruction
"""
_SCORES = "score scores rating ratings stars star grade points mark marks quality"
_PASSES = """
pass passed passes ok correct acceptable accepted valid meets met good grounded relevant faithful keep success
fulfilled satisfied helpful consistent
"""
NAMES: tuple[tuple[Role, frozenset[str]], ...] = (
    ("quote", frozenset(_QUOTES.split())),
    ("reason", frozenset(_REASONS.split())),
    ("question", frozenset(("question", "questions", "query"))),
    ("answer", frozenset(_ANSWERS.split())),
    ("topic", frozenset(_TOPICS.split())),
    ("headline", frozenset(("headline", "headlines"))),
    ("summary", frozenset(_TEXTS.split())),
)
SCORES = frozenset(_SCORES.split())
PASSES = frozenset(_PASSES.split())
ASKS_TOPICS = re.compile(r"\bsubtopics?\b", re.IGNORECASE)
ASKS_LONG = re.compile(
    r"\b(?:summar|article|story|stories|paragraph|passage|email|review|ticket|message)", re.IGNORECASE
)
ASKS_QUESTIONS = re.compile(r"\bquestions?\b", re.IGNORECASE)
ASKS_HEADLINES = re.compile(r"\bheadlines\b", re.IGNORECASE)


def split_name(name: str) -> list[str]:
    """Split a name: `answerText`, `answer_text` and `Answer text` all give `answer`, `text`."""
    return [part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", name)]


def find_role(name: str, description: str, reading: RequestReader) -> Role:
    """Find the role by the name's last known part, then its other parts, the description, and the request."""
    for words in (split_name(name)[::-1], split_name(description)):
        for word in words:
            for role, names in NAMES:
                if word in names:
                    return _match_request(role, reading) if role == "summary" else role
    return _match_request("summary", reading)


def _match_request(role: Role, reading: RequestReader) -> Role:
    """A general text has the role of the text that the request names."""
    if ASKS_TOPICS.search(reading.last_user_text):
        return "topic"
    if ASKS_LONG.search(reading.prompt):
        return role
    if ASKS_QUESTIONS.search(reading.prompt):
        return "question"
    return "headline" if ASKS_HEADLINES.search(reading.last_user_text) else role
