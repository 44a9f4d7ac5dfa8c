"""What a process keeps open between calls: one client for each account, with the secret that holds now."""

from collections.abc import AsyncIterator

import httpx
import pytest

from service.providers.provider_pool import PROVIDERS
from tests.datasets.example_bodies import ok
from tests.providers.recorded_wire import Wire, recorded_wire

JOBS, MODELS = "/v1/fine_tuning/jobs", "/v1/models"


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with recorded_wire() as wire:
        wire.says("GET", JOBS, {"data": [], "has_more": False})
        wire.says("GET", MODELS, {"data": []}, headers={"set-cookie": "tracked=yes; Path=/"})
        yield wire


async def test_calls_share_a_client_until_the_secret_is_replaced_or_the_connection_deleted(
    api: httpx.AsyncClient, wire: Wire
) -> None:
    account = {"name": "a", "kind": "openai", "base_url": wire.base_url, "secret": "sk-first"}
    path = f"/v1/connections/{(await ok(await api.post('/v1/connections', json=account)))['id']}"
    for _ in range(3):
        await ok(await api.post(f"{path}/check"))
    [kept] = [each.provider for each in PROVIDERS._pooled.values()]
    await ok(await api.patch(path, json={"secret": "sk-second"}))
    await ok(await api.post(f"{path}/check"))
    [replaced] = [each.provider for each in PROVIDERS._pooled.values()]
    assert replaced is not kept
    await ok(await api.patch(path, json={"timeout_seconds": 5}))
    await ok(await api.post(f"{path}/check"))
    sent = [request.headers["authorization"] for request in wire.asked("GET", JOBS)]
    assert sent == ["Bearer sk-first"] * 3 + ["Bearer sk-second"] * 2
    assert not any("cookie" in request.headers for request in wire.requests)  # a client keeps nothing of an answer
    await ok(await api.delete(path))
    assert (await api.post(f"{path}/check")).status_code == 404
