import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from service.ledger.store import Ledger
from tests.ledger.toys import toy_ledger


@pytest.fixture
async def ledger(engine: AsyncEngine) -> Ledger:
    return await toy_ledger(engine)
