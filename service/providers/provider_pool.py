"""Open providers of this process, kept for the next caller: a new connection costs more than most requests."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager

import structlog

from service.providers.abilities import Provider
from service.providers.adapters import connect
from service.providers.provider import Account

MAX_OPEN = 200
IDLE_SECONDS = 60.0  # as long as a decrypted secret stays in memory after its last use

log = structlog.get_logger(__name__)


class PooledProvider:
    """A provider, the version of the account that it was opened with, and how many callers use it."""

    def __init__(self, provider: Provider, version: int) -> None:
        self.provider = provider
        self.version = version
        self.users = 0
        self.idle_since = 0.0


class ProviderPool:
    """Keeps one provider per key: replaced when the account's version grows, closed when idle.

    Beyond `max_open` the least recently used ones are closed. No provider is closed while a caller uses it.
    """

    def __init__(self, *, max_open: int = MAX_OPEN, idle_seconds: float = IDLE_SECONDS) -> None:
        self._max_open = max_open
        self._idle_seconds = idle_seconds
        self._pooled: OrderedDict[Hashable, PooledProvider] = OrderedDict()
        self._closing: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def use(
        self, key: Hashable, *, version: int, load: Callable[[], Awaitable[tuple[int, Account]]]
    ) -> AsyncIterator[Provider]:
        """Use the key's provider of this version or a later one. `load` gives an account's current version and itself.

        Raises what `load` and `connect` raise.
        """
        pooled = self._pooled.get(key)
        if pooled is None or pooled.version < version:
            pooled = self._replace(key, *await load())
        self._pooled.move_to_end(key)
        pooled.users += 1
        try:
            yield pooled.provider
        finally:
            pooled.users -= 1
            self._release(key, pooled)

    async def close(self) -> None:
        """Close every provider, also those in use. The pool can be used again."""
        pooled, self._pooled = self._pooled, OrderedDict()
        for each in pooled.values():
            self._close(each)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        await asyncio.gather(*self._closing)

    def _replace(self, key: Hashable, version: int, account: Account) -> PooledProvider:
        before = self._pooled.get(key)
        if before is not None and before.version >= version:
            return before  # another caller was faster
        pooled = self._pooled[key] = PooledProvider(connect(account), version)
        if before is not None and not before.users:
            self._close(before)
        return pooled

    def _release(self, key: Hashable, pooled: PooledProvider) -> None:
        if pooled.users:
            return
        pooled.idle_since = asyncio.get_running_loop().time()
        if self._pooled.get(key) is not pooled:
            self._close(pooled)
            return
        self._close_surplus()
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._idle_seconds, self._close_idle)

    def _close_surplus(self) -> None:
        unused = [key for key, each in self._pooled.items() if not each.users]
        for key in unused[: max(0, len(self._pooled) - self._max_open)]:
            self._close(self._pooled.pop(key))

    def _close_idle(self) -> None:
        loop = asyncio.get_running_loop()
        oldest = loop.time() - self._idle_seconds
        for key, each in list(self._pooled.items()):
            if not each.users and each.idle_since <= oldest:
                self._close(self._pooled.pop(key))
        # Anew while providers are open: one in use now is idle later.
        self._timer = loop.call_later(self._idle_seconds, self._close_idle) if self._pooled else None

    def _close(self, pooled: PooledProvider) -> None:
        task = asyncio.create_task(_close_quietly(pooled.provider))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


async def _close_quietly(provider: Provider) -> None:
    try:
        await provider.aclose()
    except Exception as error:  # noqa: BLE001 - nobody waits for it, and it is not used again
        log.warning("provider_not_closed", error=f"{type(error).__name__}")


PROVIDERS = ProviderPool()
"""The pool of this process."""
