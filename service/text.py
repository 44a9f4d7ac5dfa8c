"""Clean text from outside for storage: Postgres cannot hold NUL, nor JSON a lone surrogate."""

from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def replace_unstorable(value: T) -> T:
    """Copy a value, and replace the characters in its texts that cannot be stored."""
    cleaned: T = msgspec.convert(_clean(msgspec.to_builtins(value)), type(value))
    return cleaned


def _clean(value: Any) -> Any:
    match value:
        case str():
            return value.encode(errors="replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
        case dict():
            return {name: _clean(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_clean(inner) for inner in value]
        case _:
            return value
