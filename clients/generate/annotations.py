"""Schemas as Python types."""

import json
from collections.abc import Callable
from typing import Any

from clients.generate.document import reference

_FORMATS = {"date": "dt.date", "date-time": "dt.datetime", "decimal": "Decimal"}
_PLAIN = {"boolean": "bool", "integer": "int", "null": "None", "number": "float", "string": "str"}
_ANYTHING = "Any"
_LAST = ["Mapping[str, Any]", "UnsetType", "None"]


def received(schema: dict[str, Any]) -> str:
    """The type of a struct's field."""
    return _expression(schema, received, ("list", "dict", ""))


def sent(schema: dict[str, Any]) -> str:
    """The type of an argument: what a struct is for can also be given as a mapping."""
    found = _expression(schema, sent, ("Sequence", "Mapping", f" | {_LAST[0]}"))
    parts = [part.replace("dt.datetime", "dt.datetime | str") for part in _split(found)]
    return union(*parts)


def union(*parts: str) -> str:
    """Members once each: structs, then what may stand for them, then nothing at all."""
    members = dict.fromkeys(member for part in parts for member in _split(part))
    return " | ".join(sorted(members, key=lambda member: _LAST.index(member) if member in _LAST else -1))


def _expression(schema: dict[str, Any], inner: Callable[[dict[str, Any]], str], words: tuple[str, str, str]) -> str:
    if name := reference(schema):
        return name + words[2]
    if members := schema.get("anyOf") or schema.get("oneOf"):
        return union(*(inner(member) for member in members))
    if "enum" in schema or "const" in schema:
        return _choice(schema.get("enum", [schema.get("const")]))
    return _typed(schema, inner, words)


def _typed(schema: dict[str, Any], inner: Callable[[dict[str, Any]], str], words: tuple[str, str, str]) -> str:
    sequence, mapping, _ = words
    if isinstance(kinds := schema.get("type"), list):
        return union(*(inner({**schema, "type": kind}) for kind in kinds))
    if kinds == "array":
        return f"{sequence}[{inner(schema.get('items', {}))}]"
    if kinds == "object":
        values = schema.get("additionalProperties")
        return f"{mapping}[str, {inner(values) if isinstance(values, dict) else _ANYTHING}]"
    return _FORMATS.get(schema.get("format", "")) or _PLAIN.get(kinds or "", _ANYTHING)


def _choice(values: list[Any]) -> str:
    words = [json.dumps(value) for value in values if isinstance(value, str)]
    numbers = [repr(value) for value in values if isinstance(value, int)]
    parts = [f"OneOf[{', '.join(words)}]"] if words else []
    parts += [f"Literal[{', '.join(numbers)}]"] if numbers else []
    return union(*parts, *(["None"] if None in values else []))


def _split(expression: str) -> list[str]:
    """The members of a union, and not those within brackets or words."""
    parts, depth, quoted, begin = [], 0, False, 0
    for place, letter in enumerate(expression):
        if letter == '"':
            quoted = not quoted
        if quoted:
            continue
        depth += {"[": 1, "]": -1}.get(letter, 0)
        if depth == 0 and expression.startswith(" | ", place):
            parts.append(expression[begin:place])
            begin = place + 3
    return [*parts, expression[begin:]]
