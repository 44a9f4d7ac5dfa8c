"""What the cards of models and datasets share: the fields that the Hub reads, and texts in one line. Pure."""

from collections.abc import Iterable
from typing import Any

import msgspec


def write_front_matter(fields: Iterable[tuple[str, Any]]) -> str:
    """Write the fields as YAML, whose values may be JSON."""
    lines = [f"{name}: {msgspec.json.encode(value).decode()}" for name, value in fields]
    return "\n".join(["---", *lines, "---", ""])


def to_line(text: str) -> str:
    """A text that cannot leave its line, nor the backquotes around it."""
    return " ".join(text.replace("`", "'").split())
