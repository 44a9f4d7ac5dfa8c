from collections.abc import AsyncIterator

import httpx
import pytest
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncEngine

from service.access.commands import create_first_workspace
from service.composition import open_ledger
from tests.http_client import OPERATOR_KEY, SHARED
from tests.webhooks.delivery_worker import SETTINGS, Desk
from tests.webhooks.receivers import Receiver, receiving


@pytest.fixture
async def app(engine: AsyncEngine) -> Litestar:
    """One whose webhooks may go to this machine."""
    await create_first_workspace(open_ledger(engine), OPERATOR_KEY)
    return SHARED.over(engine, SETTINGS)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as opened:
        yield opened


@pytest.fixture
async def desk(api: httpx.AsyncClient, engine: AsyncEngine, receiver: Receiver) -> Desk:
    return Desk(api, engine, receiver)
