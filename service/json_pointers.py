"""JSON pointers (RFC 6901), and the conversion of msgspec's error messages into faults with a pointer."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec import inspect

from service.errors import Fault

_MESSAGE = re.compile(r"^(?P<text>.*?) - at `(?P<path>.*)`$", re.DOTALL)
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
_NOT_ALLOWED = re.compile(r"^Invalid (?:enum )?value ")
_ESCAPES = {ord("~"): "~0", ord("/"): "~1", 0: "\N{REPLACEMENT CHARACTER}"}  # NUL cannot be stored
_FIELD = re.compile(r"^Object (?:contains unknown|missing required) field `(?P<name>[^`]*)`")


def parse_fault(message: str, kind: Any = None) -> Fault:
    """Parse a msgspec message such as "Expected `str`, got `int` - at `$.a[0].b`" into a fault at /a/0/b.

    With `kind`, the decoded type, the fault of a wrong enum value lists the allowed values.
    """
    match = _MESSAGE.match(message)
    text, path = (match["text"], match["path"]) if match else (message, "$")
    steps = [key or index for key, index in _STEP.findall(path.removeprefix("key in "))]
    field = _FIELD.match(text)
    if field:
        steps.append(field["name"])
    code = "invalid"
    if field:
        code = "unknown_field" if "unknown" in text else "required"
    return Fault(pointer=pointer(*steps), detail=f"{add_allowed_values(text, kind, steps)}.", code=code)


def add_allowed_values(message: str, kind: Any, steps: Sequence[str] = ()) -> str:
    """Add the values that `kind` allows at the path `steps` to a message about a wrong enum value."""
    if message.endswith("with a timezone component"):
        return f"{message}: the zone is missing; add Z or an offset such as +02:00"
    if kind is None or not _NOT_ALLOWED.match(message):
        return message
    values = dict.fromkeys(_allowed_values(inspect.type_info(kind), steps))
    allowed = ", ".join(msgspec.json.encode(value).decode() for value in values)
    return f"{message}; use one of {allowed}" if allowed else message


def _allowed_values(kind: inspect.Type, steps: Sequence[str]) -> Iterator[Any]:
    match kind:
        case inspect.LiteralType() if not steps:
            yield from kind.values
        case inspect.EnumType() if not steps:
            yield from (member.value for member in kind.cls)
        case inspect.StructType() if [kind.tag_field] == list(steps):
            yield kind.tag
        case inspect.Metadata():
            yield from _allowed_values(kind.type, steps)
        case inspect.UnionType():
            for option in kind.types:
                yield from _allowed_values(option, steps)
        case _ if steps:
            for part in _parts(kind, steps[0]):
                yield from _allowed_values(part, steps[1:])


def _parts(kind: inspect.Type, step: str) -> Sequence[inspect.Type]:
    """The types that a value of this type may have at `step`."""
    match kind:
        case inspect.StructType():
            return [field.type for field in kind.fields if field.encode_name == step]
        case inspect.CollectionType():
            return [kind.item_type]
        case inspect.DictType():
            return [kind.key_type, kind.value_type]
        case _:
            return []


def pointer(*steps: str | int) -> str:
    return "".join("/" + str(step).translate(_ESCAPES) for step in steps)
