"""Write events as sentences: what happened, by whom and why, from the templates in history_templates.py."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from service.access.actors import SYSTEM_ACTORS
from service.audit.history_templates import TEMPLATES
from service.ledger.readers.feed import FeedEvent

MAX_CHARACTERS = 200  # characters of a value in a sentence
_PART = re.compile(r"\[(?P<optional>[^\[\]]*)\]|\{(?P<field>[\w.+#?]+)\}")
_WORD = re.compile(r"[A-Z][a-z0-9]*")


class MissingField(KeyError):  # noqa: N818 - not an error: it ends a part of a sentence
    """The event lacks a field that the template requires"""


def write_sentence(event: FeedEvent) -> str:
    """Write, for example: repaired by *labeling-app*: output changed, because the name was misspelt."""
    data: dict[str, Any] = msgspec.json.decode(event.data)
    action, _, details = TEMPLATES.get(event.type, split_type_name(event.type)).partition("|")
    detail = _fill(details, data)
    sentence = f"{_fill(action, data) or split_type_name(event.type)} by {name_actor(event.actor)}"
    sentence += f": {detail}" if detail else ""
    reason = find_reason(data)
    return f"{sentence}, because {' '.join(reason.rstrip(' .').split())}" if reason else sentence


def find_reason(data: Mapping[str, Any]) -> str | None:
    """Find the reason that was given with the event, if any."""
    reason = data.get("reason")
    return reason if isinstance(reason, str) and reason.strip(" .") else None


def name_actor(actor: str) -> str:
    return SYSTEM_ACTORS.get(actor) or f"*{actor}*"


def split_type_name(type_: str) -> str:
    """Split an event's class name into words, for one without a template."""
    return " ".join(_WORD.findall(type_)).lower() or type_


def _fill(template: str, data: Mapping[str, Any]) -> str:
    """Fill a template; empty when a field outside brackets is absent."""
    try:
        return _fill_parts(template, data).strip(" ,")
    except MissingField:
        return ""


def _fill_parts(template: str, data: Mapping[str, Any]) -> str:
    # In one pass, so that braces in a value are not taken for fields.
    def fill(part: re.Match[str]) -> str:
        return _format_field(part["field"], data) if part["field"] else _fill_optional(part["optional"], data)

    return _PART.sub(fill, template)


def _fill_optional(part: str, data: Mapping[str, Any]) -> str:
    try:
        return _fill_parts(part, data)
    except MissingField:
        return ""


def _format_field(field: str, data: Mapping[str, Any]) -> str:
    """Format one field of a template. Raises MissingField."""
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
    text = _join(value) if isinstance(value, list) else f"{_require(value)}"
    return text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]}…"


def _join(values: Sequence[Any]) -> str:
    return ", ".join(str(value).replace("_", " ") for value in _require(values))


def _require(value: Any) -> Any:
    if value in (None, "", [], {}):
        raise MissingField
    return f"{value:g}" if isinstance(value, float) else value
