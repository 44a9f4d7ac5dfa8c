"""What waiting means here. This one module is written twice; all else of the client without `await` is derived."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def sleep(seconds: float) -> None:
    await asyncio.sleep(seconds)


async def off_loop(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Work that waits for a disk, on a thread."""
    return await asyncio.to_thread(work, *args, **kwargs)
