"""Retry: after a lost race, after a failure, and at intervals until a worker is stopped."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from service.errors import Problem, Unavailable

T = TypeVar("T")
MAX_ATTEMPTS = 12


class LostRace(Unavailable):
    """Another request changed the resource first"""

    code = "lost_race"


async def retry_on_conflict(
    attempt: Callable[[], Awaitable[T]], *, subject: str, conflict: type[Problem] = LostRace
) -> T:
    """Await `attempt` again, after a short random pause, while it raises `conflict`.

    `attempt` has to read its facts anew each time. Raises LostRace after MAX_ATTEMPTS.
    """
    for number in range(MAX_ATTEMPTS):
        try:
            return await attempt()
        except conflict:
            await asyncio.sleep(random.uniform(0, 0.01 * 2 ** min(number, 5)))  # noqa: S311 - a pause, not a secret
    raise LostRace(f"Too many requests are changing {subject} at once; try again.")


def backoff(attempts: int, *, base: float, cap: float, jitter: random.Random) -> float:
    """Seconds to wait after `attempts` failures: doubles from `base` up to `cap`, less up to half at random."""
    doublings = min(max(attempts - 1, 0), 32)
    return min(cap, base * 2.0**doublings) * jitter.uniform(0.5, 1)


async def sleep_or_stop(stop: asyncio.Event, seconds: float) -> None:
    """Sleep for `seconds`, or until `stop` is set."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
