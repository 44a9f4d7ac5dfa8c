"""Keep the garbage collector away from what stays to the end: it would walk through it again and again."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept_objects() -> Iterator[None]:
    """Collect nothing meanwhile, and leave what there is then out of all later collections."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
