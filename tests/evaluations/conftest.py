from uuid import UUID

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.evaluations.measurements import Lab
from tests.tunes.conftest import sandbox, shared_sandbox

__all__ = ["sandbox", "shared_sandbox"]


@pytest.fixture
async def lab(api: httpx.AsyncClient, engine: AsyncEngine) -> Lab:
    me = (await api.get("/v1/me")).json()
    return Lab(api, engine, UUID(me["workspace_id"]))
