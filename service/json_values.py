"""What a JSON text holds beyond its values: how much work it is to decode, and keys that an object has twice."""

import gc
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from service.errors import Fault
from service.json_pointers import pointer

MAX_VALUES = 300_000  # decoded within some 0.2 s; a batch of 1,000 examples has some 20,000
MAX_VALUES_WITHOUT_TEXTS = 50_000  # of bodies that carry no batches; a schema may have 20,000
ENCODER = msgspec.json.Encoder()


def has_too_many_values(text: bytes, limit: int = MAX_VALUES) -> bool:
    """Whether it has more than `limit` objects, lists and fields. Brackets in strings count, too."""
    return len(text) > limit and text.count(b"[") + text.count(b"{") + text.count(b'":') > limit


@contextmanager
def without_collection() -> Iterator[None]:
    """Create many objects without looking through all of them again and again: it takes a seventh of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def find_duplicate_key(text: bytes, value: object, *, at: str = "") -> Fault | None:
    """The fault of the first key that an object of the text has twice; `value` is the decoded text.

    Encoded again, the text has as many colons as before unless a key got lost, or a colon was written as an escape.
    Only then it is worth reading it in Python.
    """
    try:
        if text.count(b":") == ENCODER.encode(value).count(b":") and b"\\u003" not in text:
            return None
    except (OverflowError, UnicodeEncodeError, RecursionError):
        pass
    try:
        tree = json.loads(text, object_pairs_hook=_build_object, parse_int=len, parse_float=len)
    except (ValueError, RecursionError):
        return None
    return next(_find_marks(tree, at), None)


class _WithDuplicate(dict[str, Any]):
    """An object that has the key `twice` more than once."""

    twice: str


def _build_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) == len(pairs):
        return fields
    marked, seen = _WithDuplicate(fields), set[str]()
    marked.twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
    return marked


def _find_marks(tree: Any, at: str) -> Iterator[Fault]:
    waiting = [(at, tree)]
    while waiting:
        where, value = waiting.pop()
        if isinstance(value, _WithDuplicate):
            detail = f"The key {value.twice[:64]!r} stands twice in this object; which one is meant?"
            yield Fault(pointer=f"{where}{pointer(value.twice)}", detail=detail, code="duplicate_key")
        if isinstance(value, dict):
            waiting += [(f"{where}{pointer(name)}", child) for name, child in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{where}/{index}", child) for index, child in enumerate(value)]
