"""Work that somebody may ask to stop while it runs."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

CHECK_SECONDS = 1.0  # how often running work looks whether it is to stop

Result = TypeVar("Result")


class StopRequested(Exception):  # noqa: N818 - it names a state
    """The work was asked to stop"""


async def run_until_stopped(work: Awaitable[Result], is_to_stop: Callable[[], Awaitable[bool]]) -> Result:
    """Run the work to its end. Raises StopRequested soon after it was asked for, also while the work only waits."""
    task = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait([task], timeout=CHECK_SECONDS))[0]:
            if await is_to_stop():
                raise StopRequested
        return await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
