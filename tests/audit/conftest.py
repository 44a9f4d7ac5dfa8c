"""An application whose streams end with the test, or when `stop` is set."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncEngine

from service.app import create_app
from service.settings import Settings
from tests.http_client import OPERATOR_KEY, client


@pytest.fixture
async def stop() -> AsyncIterator[asyncio.Event]:
    event = asyncio.Event()
    yield event
    event.set()


@pytest.fixture
async def api(engine: AsyncEngine, app: Litestar, stop: asyncio.Event) -> AsyncIterator[httpx.AsyncClient]:
    ours = create_app(Settings(secret_key="A" * 43 + "="), engine, stop=stop)
    async with client(ours, OPERATOR_KEY) as opened:
        yield opened
    for closing in ours.on_shutdown:
        await closing()  # type: ignore[call-arg]
