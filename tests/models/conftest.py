import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.composition import open_ledger
from tests.models.world import World


@pytest.fixture
async def world(api: httpx.AsyncClient, engine: AsyncEngine) -> World:
    return await World(api, open_ledger(engine)).begin()
