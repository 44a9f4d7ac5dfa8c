"""Remember a result for a few seconds, so that many callers cost as much as one."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy.ext.asyncio import AsyncEngine

T = TypeVar("T")
SECONDS = 5.0


class ShortCache(Generic[T]):
    """Results by engine. Callers that come while one is computed wait for it; a failure is not remembered."""

    def __init__(self, compute: Callable[[AsyncEngine], Awaitable[T]], *, seconds: float = SECONDS) -> None:
        self._compute = compute
        self.seconds = seconds
        self._results: WeakKeyDictionary[AsyncEngine, tuple[float, T]] = WeakKeyDictionary()
        self._running: WeakKeyDictionary[AsyncEngine, asyncio.Task[T]] = WeakKeyDictionary()

    async def get(self, engine: AsyncEngine) -> T:
        """The result of the last seconds, or a new one. Raises what computing it raises."""
        at, result = self._results.get(engine, (None, None))
        if at is not None and time.monotonic() - at < self.seconds:
            return result  # type: ignore[return-value] # it is a T where there is a time
        task = self._running.get(engine)
        if task is None or task.done():
            task = self._running[engine] = asyncio.create_task(self._remember(engine))
        return await asyncio.shield(task)  # a caller that leaves must not end it for the others

    async def _remember(self, engine: AsyncEngine) -> T:
        result = await self._compute(engine)
        self._results[engine] = time.monotonic(), result
        return result
