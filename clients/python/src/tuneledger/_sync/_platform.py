"""What waiting means here. This one module is written twice; all else of the client without `await` is derived."""

import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def off_loop(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Work that waits for a disk; a caller without a loop waits itself."""
    return work(*args, **kwargs)
