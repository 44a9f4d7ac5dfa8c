"""A dataset of headlines with a task that asks for their topic."""

import httpx
import pytest

from tests.labeling.annotator_clients import Desk, open_desk


@pytest.fixture
async def desk(api: httpx.AsyncClient) -> Desk:
    return await open_desk(api)
