from collections.abc import AsyncIterator

import httpx
import pytest
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access.commands import create_first_workspace
from service.composition import open_ledger
from tests.http_client import OPERATOR_KEY, SHARED
from tests.webhooks.delivery_worker import SETTINGS, WebhookScenario
from tests.webhooks.receivers import Receiver, open_receiver


@pytest.fixture
async def app(engine: AsyncEngine) -> Litestar:
    """An application whose webhooks may use loopback addresses."""
    await create_first_workspace(open_ledger(engine), OPERATOR_KEY)
    return SHARED.over(engine, SETTINGS)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with open_receiver() as opened:
        yield opened


@pytest.fixture
async def scenario(api: httpx.AsyncClient, engine: AsyncEngine, receiver: Receiver) -> WebhookScenario:
    return WebhookScenario(api, engine, receiver)
