import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.ledger.store import Ledger
from tests.conftest import as_owner
from tests.ledger.toys import create_toys, toy_ledger


@pytest.fixture
async def ledger(engine: AsyncEngine) -> Ledger:
    async with as_owner(engine) as owner:
        await create_toys(owner)
    return toy_ledger(engine)
