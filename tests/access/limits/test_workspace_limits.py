"""Limits of a workspace: told, counted, and refused by name when they are reached; nobody else is held up."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.app import create_app
from tests.datasets.example_bodies import add, make_dataset
from tests.http_client import OPERATOR_KEY, SETTINGS, client

WithLimits = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def with_limits(engine: AsyncEngine, api: httpx.AsyncClient) -> WithLimits:
    """A client of an application over the same database, with these settings."""

    @asynccontextmanager
    async def open_client(**limits: int) -> AsyncIterator[httpx.AsyncClient]:
        settings = msgspec.structs.replace(SETTINGS, **{f"workspace_{name}": value for name, value in limits.items()})
        async with client(create_app(settings, engine), OPERATOR_KEY) as opened:
            yield opened

    return open_client


async def use_of(api: httpx.AsyncClient) -> dict[str, tuple[int | None, int | None]]:
    limits = (await api.get("/v1/limits")).json()["data"]
    return {limit["name"]: (limit["limit"], limit["used"]) for limit in limits}


def refusal(response: httpx.Response) -> tuple[int, str, str, bool]:
    problem = response.json()
    return response.status_code, problem["code"], problem["errors"][0]["code"], "retry-after" in response.headers


async def test_limits_and_their_use_are_listed(api: httpx.AsyncClient) -> None:
    use = await use_of(api)
    assert use["api_keys"] == (1_000, 1)
    assert use["stored_bytes"] == (None, None)
    assert use["requests_per_minute"][1] is not None


PATHS = {"api_keys": "/v1/api-keys", "webhooks": "/v1/webhooks"}


def build_body(name: str, number: int) -> dict[str, Any]:
    if name == "api_keys":
        return {"name": f"key {number}", "scopes": ["tasks:read"]}
    return {"url": "https://example.com/"}


@pytest.mark.parametrize("name", PATHS)
async def test_no_more_are_created_than_the_limit_and_one_that_ended_makes_room(
    with_limits: WithLimits, name: str
) -> None:
    path = PATHS[name]
    async with with_limits(**{name: 2}) as api:
        created: list[str] = []
        while (response := await api.post(path, json=build_body(name, len(created)))).is_success:
            created.append(response.json()["id"])
        assert refusal(response) == (429, "limit_reached", name, True)
        assert (await use_of(api))[name] == (2, 2)
        assert (await api.delete(f"{path}/{created[-1]}")).is_success
        assert (await api.post(path, json=build_body(name, 9))).status_code == 201


async def test_stored_texts_have_a_limit(with_limits: WithLimits) -> None:
    async with with_limits(stored_bytes=10) as api:
        dataset = await make_dataset(api)
        await add(api, dataset)
    async with with_limits(stored_bytes=10) as api:  # another process: the count is a minute old at most
        refused = await api.post(f"/v1/datasets/{dataset}/examples", json={})
        assert refusal(refused) == (429, "limit_reached", "stored_bytes", True)
        assert (await api.get(f"/v1/datasets/{dataset}/examples")).status_code == 200


async def test_one_workspace_that_used_its_minute_up_leaves_the_others_alone(
    with_limits: WithLimits, stranger: httpx.AsyncClient
) -> None:
    async with with_limits(requests_per_minute=3) as api:
        answers = [await api.get("/v1/me") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert refusal(answers[-1]) == (429, "limit_reached", "requests_per_minute", True)
        elsewhere = await api.get("/v1/me", headers={"Authorization": stranger.headers["Authorization"]})
        assert elsewhere.status_code == 200


async def test_streams_have_a_limit_and_one_that_ends_makes_room(with_limits: WithLimits) -> None:
    async with with_limits(streams=1) as api:
        for _ in range(3):  # each has ended when the next begins
            assert (await api.get("/v1/events/stream", params={"seconds": 0, "after": 0})).status_code == 200
        assert (await use_of(api))["streams"] == (1, 0)
