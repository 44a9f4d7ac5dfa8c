"""An application whose streams end with the test, or when `stop` is set."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access.commands import create_first_workspace
from service.composition import open_ledger
from tests.http_client import OPERATOR_KEY, SETTINGS, SHARED


@pytest.fixture
async def stop() -> AsyncIterator[asyncio.Event]:
    event = asyncio.Event()
    yield event
    event.set()


@pytest.fixture
async def app(engine: AsyncEngine, stop: asyncio.Event) -> AsyncIterator[Litestar]:
    await create_first_workspace(open_ledger(engine), OPERATOR_KEY)
    ours = SHARED.over(engine, SETTINGS, stop=stop)
    yield ours
    for closing in ours.on_shutdown:
        await closing()  # type: ignore[call-arg]
