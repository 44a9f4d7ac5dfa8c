"""Events in words: what happened, by whom, and why. Each type has a phrase in service/audit/history_templates.py."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from service.audit.history_templates import PHRASES
from service.ledger.readers.feed import FeedEvent

MAX_CHARACTERS = 200  # characters of a value in a sentence
SYSTEM_ACTORS: Mapping[str, str] = {
    "tuneledger": "Tuneledger itself",
    "command line": "the command line",
    "first start": "the first start",
}
_PART = re.compile(r"\[(?P<optional>[^\[\]]*)\]|\{(?P<field>[\w.+#?]+)\}")
_WORD = re.compile(r"[A-Z][a-z0-9]*")


class MissingField(KeyError):  # noqa: N818 - it reads as what it is
    """The event does not have what the phrase would say"""


def write_sentence(event: FeedEvent) -> str:
    """Such as: repaired by key *labeling-app*: output changed, because the name was misspelt."""
    data: dict[str, Any] = msgspec.json.decode(event.data)
    what, _, more = PHRASES.get(event.type, split_type_name(event.type)).partition("|")
    detail = _fill(more, data)
    said = f"{_fill(what, data) or split_type_name(event.type)} by {name_actor(event.actor)}"
    said += f": {detail}" if detail else ""
    reason = find_reason(data)
    return f"{said}, because {' '.join(reason.rstrip(' .').split())}" if reason else said


def find_reason(data: Mapping[str, Any]) -> str | None:
    """Why, in the words of who did it."""
    reason = data.get("reason")
    return reason if isinstance(reason, str) and reason.strip(" .") else None


def name_actor(actor: str) -> str:
    return SYSTEM_ACTORS.get(actor) or f"key *{actor}*"


def split_type_name(type_: str) -> str:
    """The words of an event's name: what is said of one that has no phrase."""
    return " ".join(_WORD.findall(type_)).lower() or type_


def _fill(phrase: str, data: Mapping[str, Any]) -> str:
    """The phrase without those parts in brackets whose fields are absent; empty when a field outside them is."""
    try:
        return _fill_parts(phrase, data).strip(" ,")
    except MissingField:
        return ""


def _fill_parts(phrase: str, data: Mapping[str, Any]) -> str:
    # In one pass, so that braces within a value stay what they are.
    def put(part: re.Match[str]) -> str:
        return _format_field(part["field"], data) if part["field"] else _fill_optional(part["optional"], data)

    return _PART.sub(put, phrase)


def _fill_optional(part: str, data: Mapping[str, Any]) -> str:
    try:
        return _fill_parts(part, data)
    except MissingField:
        return ""


def _format_field(field: str, data: Mapping[str, Any]) -> str:
    """What the mark in service/audit/history_templates.py stands for. Raises Absent."""
    if "+" in field:
        names = [name.replace("_", " ") for name in field.split("+") if name in data]
        return _join(names)
    value: Any = data
    for name in field.rstrip("#?").split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    if field.endswith("?"):
        _require(value)
        return ""
    if field.endswith("#"):
        return str(len(_require(value)))
    shown = _join(value) if isinstance(value, list) else f"{_require(value)}"
    return shown if len(shown) <= MAX_CHARACTERS else f"{shown[:MAX_CHARACTERS]}…"


def _join(values: Sequence[Any]) -> str:
    return ", ".join(str(value).replace("_", " ") for value in _require(values))


def _require(value: Any) -> Any:
    if value in (None, "", [], {}):
        raise MissingField
    return f"{value:g}" if isinstance(value, float) else value
