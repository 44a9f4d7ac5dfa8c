"""/metrics and /readyz: who may read them, and that many callers cost as much as one."""

import asyncio
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar, Request
from sqlalchemy.ext.asyncio import AsyncEngine

from service.errors import Forbidden, Unauthenticated
from service.server.metrics import check_reader
from service.server.short_cache import ShortCache
from service.settings import Settings
from tests.http_client import SECRET_KEY, SHARED, client

TOKEN = "a token for prometheus"


async def test_with_a_token_metrics_are_for_who_has_it(engine: AsyncEngine) -> None:
    app = SHARED.over(engine, Settings(secret_key=SECRET_KEY, metrics_token=TOKEN))
    async with client(app, None) as anyone, client(app, TOKEN) as prometheus:
        assert (await anyone.get("/metrics")).status_code == 401
        assert (await prometheus.get("/metrics")).status_code == 200
        assert (await anyone.get("/livez")).status_code == 200


@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("203.0.113.9", {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, 403),
    ],
)
async def test_without_a_token_metrics_are_for_this_machine(
    app: Litestar, peer: str, headers: dict[str, str], status: int
) -> None:
    transport = httpx.ASGITransport(cast("object", app), client=(peer, 1))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://t") as opened:
        assert (await opened.get("/metrics", headers=headers)).status_code == status


def test_on_their_own_port_metrics_are_for_who_reaches_it() -> None:
    scope: Any = {"type": "http", "headers": [], "client": ("203.0.113.9", 1)}
    elsewhere: Request[Any, Any, Any] = Request(scope)
    check_reader(elsewhere, Settings(metrics_port=9400))
    with pytest.raises(Unauthenticated):
        check_reader(elsewhere, Settings(metrics_port=9400, metrics_token=TOKEN))
    with pytest.raises(Forbidden):
        check_reader(elsewhere, Settings())


async def test_many_callers_cost_as_much_as_one_and_a_failure_is_not_remembered(engine: AsyncEngine) -> None:
    calls: list[AsyncEngine] = []

    async def compute(engine_: AsyncEngine) -> int:
        calls.append(engine_)
        await asyncio.sleep(0.01)
        if len(calls) == 1:
            raise ValueError("not yet")
        return len(calls)

    cache = ShortCache(compute)
    first = await asyncio.gather(*(cache.get(engine) for _ in range(8)), return_exceptions=True)
    assert {type(error) for error in first} == {ValueError}
    assert {await cache.get(engine) for _ in range(3)} == {2}
    assert len(calls) == 2
