"""Texts with variables: `{{name}}` is replaced by a value, `{{{{` stands for `{{`. Nothing is evaluated.

A value is inserted as it is and not parsed again, so that no input can change the prompt.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from service.errors import Fault

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_MARK = re.compile(r"\{\{\{\{|\{\{[ \t]*(?P<name>" + NAME.pattern + r")[ \t]*\}\}")


class Slot(msgspec.Struct, frozen=True):
    """A place for the value of a variable."""

    name: str


Part = str | Slot


def parse(text: str) -> tuple[Part, ...]:
    """Literal texts and slots, in order. Faulty braces (see `find_faults`) stay literal."""
    parts: list[Part] = []
    literal, position = "", 0
    for mark in _MARK.finditer(text):
        literal += text[position : mark.start()]
        position = mark.end()
        if mark["name"] is None:
            literal += "{{"
            continue
        parts += [literal, Slot(mark["name"])] if literal else [Slot(mark["name"])]
        literal = ""
    literal += text[position:]
    return (*parts, literal) if literal else tuple(parts)


def join(parts: Iterable[Part]) -> str:
    """The text that parses to these parts."""
    return "".join(f"{{{{{part.name}}}}}" if isinstance(part, Slot) else escape(part) for part in parts)


def escape(text: str) -> str:
    """A text that stands for itself within a template."""
    return text.replace("{{", "{{{{")


def find_faults(text: str, *, at: str) -> Iterator[Fault]:
    """Braces that open neither a variable nor an escape."""
    end = 0
    for mark in [*_MARK.finditer(text), None]:
        between = text[end : mark.start()] if mark else text[end:]
        if "{{" in between:
            offset = end + between.index("{{")
            detail = f"At character {offset}, {{{{ opens no variable: write {{{{name}}}}, or {{{{{{{{ for {{{{ itself."
            yield Fault(pointer=at, detail=detail, code="bad_variable")
            return
        end = mark.end() if mark else end


def list_variables(parts: Iterable[Part]) -> list[str]:
    """Each variable once, in the order of first use."""
    return list(dict.fromkeys(part.name for part in parts if isinstance(part, Slot)))


def fill(parts: Iterable[Part], values: Mapping[str, str]) -> str:
    """The text with values filled in. Raises KeyError for a variable without a value."""
    return "".join(values[part.name] if isinstance(part, Slot) else part for part in parts)


def count_filled(parts: Iterable[Part], values: Mapping[str, str]) -> int:
    """How many characters `fill` would return, without building the text."""
    return sum(len(values.get(part.name, "")) if isinstance(part, Slot) else len(part) for part in parts)
