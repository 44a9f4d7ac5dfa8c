"""How much work a JSON text is, before it is decoded: 19 MB of nested lists would hold up everybody for ten seconds."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

MAX_VALUES = 300_000  # decoded within some 0.2 s; a batch of 1,000 examples has some 20,000
MAX_VALUES_WITHOUT_TEXTS = 50_000  # of bodies that carry no batches; a schema may have 20,000


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
