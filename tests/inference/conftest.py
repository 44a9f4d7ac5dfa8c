from uuid import UUID

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.inference.example_runs import Desk
from tests.tunes.conftest import sandbox, shared_sandbox

__all__ = ["sandbox", "shared_sandbox"]


@pytest.fixture
async def desk(api: httpx.AsyncClient, engine: AsyncEngine) -> Desk:
    me = (await api.get("/v1/me")).json()
    return Desk(api, engine, UUID(me["workspace_id"]))
