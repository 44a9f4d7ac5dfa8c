"""Events in words: what happened, by whom, and why. Each type has a phrase in service/audit/history_templates.py."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from service.audit.history_templates import PHRASES
from service.ledger.feed import FeedEvent

LONGEST = 200  # characters of a value in a sentence
OURSELVES: Mapping[str, str] = {
    "tuneledger": "Tuneledger itself",
    "command line": "the command line",
    "first start": "the first start",
}
_PART = re.compile(r"\[(?P<optional>[^\[\]]*)\]|\{(?P<field>[\w.+#?]+)\}")
_WORD = re.compile(r"[A-Z][a-z0-9]*")


class Absent(KeyError):  # noqa: N818 - it reads as what it is
    """The event does not have what the phrase would say"""


def sentence(event: FeedEvent) -> str:
    """Such as: repaired by key *labeling-app*: output changed, because the name was misspelt."""
    data: dict[str, Any] = msgspec.json.decode(event.data)
    what, _, more = PHRASES.get(event.type, plain(event.type)).partition("|")
    detail = _filled(more, data)
    said = f"{_filled(what, data) or plain(event.type)} by {who(event.actor)}"
    said += f": {detail}" if detail else ""
    reason = reason_of(data)
    return f"{said}, because {' '.join(reason.rstrip(' .').split())}" if reason else said


def reason_of(data: Mapping[str, Any]) -> str | None:
    """Why, in the words of who did it."""
    reason = data.get("reason")
    return reason if isinstance(reason, str) and reason.strip(" .") else None


def who(actor: str) -> str:
    return OURSELVES.get(actor) or f"key *{actor}*"


def plain(type_: str) -> str:
    """The words of an event's name: what is said of one that has no phrase."""
    return " ".join(_WORD.findall(type_)).lower() or type_


def _filled(phrase: str, data: Mapping[str, Any]) -> str:
    """The phrase without those parts in brackets whose fields are absent; empty when a field outside them is."""
    try:
        return _put(phrase, data).strip(" ,")
    except Absent:
        return ""


def _put(phrase: str, data: Mapping[str, Any]) -> str:
    # In one pass, so that braces within a value stay what they are.
    def put(part: re.Match[str]) -> str:
        return _value(part["field"], data) if part["field"] else _attempt(part["optional"], data)

    return _PART.sub(put, phrase)


def _attempt(part: str, data: Mapping[str, Any]) -> str:
    try:
        return _put(part, data)
    except Absent:
        return ""


def _value(field: str, data: Mapping[str, Any]) -> str:
    """What the mark in service/audit/history_templates.py stands for. Raises Absent."""
    if "+" in field:
        names = [name.replace("_", " ") for name in field.split("+") if name in data]
        return _listed(names)
    value: Any = data
    for name in field.rstrip("#?").split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    if field.endswith("?"):
        _present(value)
        return ""
    if field.endswith("#"):
        return str(len(_present(value)))
    shown = _listed(value) if isinstance(value, list) else f"{_present(value)}"
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"


def _listed(values: Sequence[Any]) -> str:
    return ", ".join(str(value).replace("_", " ") for value in _present(values))


def _present(value: Any) -> Any:
    if value in (None, "", [], {}):
        raise Absent
    return f"{value:g}" if isinstance(value, float) else value
