"""Compare two versions of a prompt line by line. Pure."""

import difflib
from collections.abc import Iterator
from typing import Any

import msgspec

from service.errors import Erased, Unprocessable
from service.prompts.schemas import PromptVersion

COMPARED = ("messages", "variables", "parameters", "target", "examples", "inputs")
MAX_LINES = 2_000  # comparing takes quadratic time


def find_changed_fields(before: PromptVersion, after: PromptVersion) -> list[str]:
    """The names of the fields that differ."""
    return [name for name in COMPARED if _encode(getattr(before, name)) != _encode(getattr(after, name))]


def build_unified_diff(before: PromptVersion, after: PromptVersion) -> str:
    """The output of `diff -u`; empty if nothing differs. Raises Conflict if erased, Unprocessable if too long."""
    old, new = list(_write_lines(before)), list(_write_lines(after))
    if max(len(old), len(new)) > MAX_LINES:
        raise Unprocessable(f"A version has more than {MAX_LINES:,} lines, too many to compare.")
    names = (f"version {before.number}", f"version {after.number}")
    return "\n".join(difflib.unified_diff(old, new, *names, lineterm=""))


def _write_lines(version: PromptVersion) -> Iterator[str]:
    """A version as text for people: each message under its role, then everything else as JSON."""
    if version.messages is None:
        raise Erased(f"The texts of version {version.number} were erased.")
    for turn in version.messages:
        yield f"# {turn.role}"
        yield from turn.content.split("\n")
    for name in COMPARED[1:]:
        value = getattr(version, name)
        if value:
            yield f"# {name}"
            yield from msgspec.json.format(_encode(value), indent=2).decode().split("\n")


def _encode(value: Any) -> bytes:
    return msgspec.json.encode(value)
