"""The pool keeps providers open for the next caller, and closes none under a caller."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from service.errors import ProviderUnavailable
from service.network.address_policy import LOOPBACK
from service.providers.provider import Account
from service.providers.provider_pool import ProviderPool
from tests.providers.recorded_wire import Wire

JOBS = "/v1/fine_tuning/jobs"


def loading(wire: Wire, *, version: int, secret: str = "sk-1") -> Callable[[], Awaitable[tuple[int, Account]]]:
    async def load() -> tuple[int, Account]:
        return version, Account(kind="openai", base_url=wire.base_url, secret=secret, policy=LOOPBACK)

    return load


async def test_a_provider_is_opened_once_and_replaced_by_a_new_version(wire: Wire) -> None:
    wire.says("GET", JOBS, {"data": [], "has_more": False})
    pool = ProviderPool()
    async with pool.use("a", version=1, load=loading(wire, version=1)) as first:
        pass
    async with (
        pool.use("a", version=1, load=loading(wire, version=1)) as again,
        pool.use("a", version=2, load=loading(wire, version=2, secret="sk-2")) as replaced,
    ):
        assert (again is first, replaced is first) == (True, False)
        await again.check()  # in use, so it works on although it was replaced
        await replaced.check()
    async with pool.use("a", version=1, load=loading(wire, version=1)) as late:
        assert late is replaced  # who read the version before the change gets what holds now
    sent = [request.headers["authorization"] for request in wire.requests if request.path == JOBS]
    assert sent == ["Bearer sk-1", "Bearer sk-2"]
    await pool.close()
    with pytest.raises((RuntimeError, ProviderUnavailable)):
        await first.check()


async def test_callers_at_once_share_one_provider(wire: Wire) -> None:
    pool, opened = ProviderPool(), set()

    async def use() -> None:
        async with pool.use("a", version=1, load=loading(wire, version=1)) as provider:
            opened.add(id(provider))
            await asyncio.sleep(0.01)

    await asyncio.gather(*(use() for _ in range(20)))
    assert len(opened) == 1
    await pool.close()


async def test_the_least_recently_used_is_closed_but_none_in_use(wire: Wire) -> None:
    pool = ProviderPool(max_open=2)
    async with pool.use("a", version=1, load=loading(wire, version=1)) as a:
        for key in ("b", "c", "d"):
            async with pool.use(key, version=1, load=loading(wire, version=1)) as last:
                pass
        async with pool.use("d", version=1, load=loading(wire, version=1)) as d:
            assert d is last
    async with pool.use("a", version=1, load=loading(wire, version=1)) as kept:
        assert kept is a
    async with pool.use("b", version=1, load=loading(wire, version=1)):
        pass
    assert len(pool._pooled) == 2
    await pool.close()


async def test_an_idle_provider_is_closed(wire: Wire) -> None:
    pool = ProviderPool(idle_seconds=0.05)
    async with pool.use("a", version=1, load=loading(wire, version=1)) as first:
        await asyncio.sleep(0.12)
    async with pool.use("a", version=1, load=loading(wire, version=1)) as again:
        assert again is first
    await asyncio.sleep(0.2)
    assert not pool._pooled
    async with pool.use("a", version=1, load=loading(wire, version=1)) as fresh:
        assert fresh is not first
    await pool.close()
