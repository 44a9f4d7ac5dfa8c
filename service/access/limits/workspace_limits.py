"""What one workspace may use, so that nobody slows another: limits from the settings, use counted where it arises."""

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Literal, TypeAlias, get_args
from uuid import UUID

from limits import RateLimitItemPerMinute
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access.limits.body_limits import BodiesInFlight
from service.access.limits.rate_counters import RateCounters
from service.errors import Fault, LimitReached
from service.settings import Settings

LimitName = Literal["requests_per_minute", "body_bytes", "streams", "imports", "api_keys", "webhooks", "stored_bytes"]
NAMES: tuple[LimitName, ...] = get_args(LimitName)
# How a workspace's use of each is counted in the database. The application names the functions: contexts above this
# one own the tables.
CountUse: TypeAlias = Callable[[AsyncEngine, UUID], Awaitable[int]]
UseCounts: TypeAlias = Mapping[LimitName, CountUse]
RETRY_SECONDS: Mapping[LimitName, float] = {"streams": 10, "imports": 10}
SLOW_COUNTS: Mapping[LimitName, float] = {"stored_bytes": 60.0}  # seconds for which such a count is remembered


class WorkspaceLimits:
    """The limits, and the use that only this process knows of."""

    def __init__(self, settings: Settings, use_counts: UseCounts) -> None:
        self.bodies = BodiesInFlight(
            timeout=settings.body_timeout,
            process_bytes=settings.body_bytes_process,
            workspace_bytes=settings.body_bytes_workspace,
        )
        self.maximum: dict[LimitName, int | None] = {
            name: settings.body_bytes_workspace
            if name == "body_bytes"
            else getattr(settings, f"workspace_{name}") or None
            for name in NAMES
        }
        self._use_counts = use_counts
        self._streams: Counter[UUID] = Counter()
        self._limiter = FixedWindowRateLimiter(RateCounters())
        self._remembered: dict[tuple[LimitName, UUID], tuple[float, int]] = {}
        per_minute = self.maximum["requests_per_minute"]
        self._rate = RateLimitItemPerMinute(per_minute) if per_minute else None

    def __deepcopy__(self, _: object) -> "WorkspaceLimits":
        return self  # Litestar copies its routers; a count is shared, not copied

    def count_request(self, workspace_id: UUID) -> None:
        """Raises LimitReached when the workspace has used its minute up."""
        if self._rate is not None and not self._limiter.hit(self._rate, str(workspace_id)):
            reset = self._limiter.get_window_stats(self._rate, str(workspace_id)).reset_time
            raise self._build_refusal("requests_per_minute", retry_after=max(1.0, reset - time.time()))

    @contextmanager
    def hold_stream(self, workspace_id: UUID) -> Iterator[None]:
        """Count a live stream for as long as it is open. Raises LimitReached."""
        maximum = self.maximum["streams"]
        if maximum is not None and self._streams[workspace_id] >= maximum:
            raise self._build_refusal("streams")
        self._streams[workspace_id] += 1
        try:
            yield
        finally:
            self._streams[workspace_id] -= 1

    async def check(self, name: LimitName, engine: AsyncEngine, workspace_id: UUID) -> None:
        """Raises LimitReached when the workspace has as many as it may have."""
        maximum = self.maximum[name]
        if maximum is not None and await self._count(name, engine, workspace_id) >= maximum:
            raise self._build_refusal(name)

    async def load_use(self, name: LimitName, engine: AsyncEngine, workspace_id: UUID) -> int | None:
        """How much of a limit is used; of requests, bodies and streams by this process alone. None without a limit."""
        if self.maximum[name] is None:
            return None
        if name == "body_bytes":
            return self.bodies.held_by(workspace_id)
        if name == "streams":
            return self._streams[workspace_id]
        if name == "requests_per_minute" and self._rate is not None:
            return self._rate.amount - self._limiter.get_window_stats(self._rate, str(workspace_id)).remaining
        return await self._count(name, engine, workspace_id)

    async def _count(self, name: LimitName, engine: AsyncEngine, workspace_id: UUID) -> int:
        counted_at, use = self._remembered.get((name, workspace_id), (float("-inf"), 0))
        if time.monotonic() - counted_at < SLOW_COUNTS.get(name, 0):
            return use
        use = await self._use_counts[name](engine, workspace_id)
        if name in SLOW_COUNTS:
            self._remembered[name, workspace_id] = (time.monotonic(), use)
        return use

    def _build_refusal(self, name: LimitName, *, retry_after: float | None = None) -> LimitReached:
        detail = f"This workspace has reached its limit of {self.maximum[name]:,} {name.replace('_', ' ')}."
        faults = [Fault(detail=detail, code=name)]
        return LimitReached(detail, errors=faults, retry_after=retry_after or RETRY_SECONDS.get(name, 60))
