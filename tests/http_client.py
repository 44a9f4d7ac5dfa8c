"""Clients of the whole application over a fresh database: `api` holds an admin's key, `stranger` another tenant's."""

from collections.abc import AsyncIterator
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access import commands as founding
from service.access.domain import generate_secret
from service.app import create_app
from service.composition import open_ledger
from service.settings import Settings

OPERATOR_KEY = generate_secret()
SECRET_KEY = "A" * 43 + "="


def client(app: Litestar, key: str | None) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    transport = httpx.ASGITransport(cast(Any, app))  # its types are ASGI's, put another way
    return httpx.AsyncClient(transport=transport, base_url="http://tuneledger.test", headers=headers)


@pytest.fixture
async def app(engine: AsyncEngine) -> Litestar:
    await founding.create_first_workspace(open_ledger(engine), OPERATOR_KEY)
    return create_app(Settings(secret_key=SECRET_KEY), engine)


@pytest.fixture
async def api(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with client(app, OPERATOR_KEY) as opened:
        yield opened


@pytest.fixture
async def stranger(app: Litestar, api: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    made = await api.post("/v1/workspaces", json={"name": "elsewhere"})
    async with client(app, made.json()["api_key"]) as opened:
        yield opened
