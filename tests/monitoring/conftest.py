import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.composition import open_ledger
from tests.models.world import World
from tests.monitoring.production import Production


@pytest.fixture
async def world(api: httpx.AsyncClient, engine: AsyncEngine) -> World:
    return await World(api, open_ledger(engine)).begin()


@pytest.fixture
async def production(world: World) -> Production:
    """A model with v1.0 and v1.1, and `production` at the first."""
    return await Production(world).begin()
