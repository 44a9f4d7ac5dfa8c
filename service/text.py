"""Text from outside, made fit to be kept: Postgres holds no NUL, and JSON no half of a surrogate pair."""

from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def legible(value: T) -> T:
    """The same value, with what cannot be kept in any of its texts replaced."""
    kept: T = msgspec.convert(_clean(msgspec.to_builtins(value)), type(value))
    return kept


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
