"""One living server for all tests of the clients."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from tests.clients.living import KEY, Living, living
from tuneledger import Tuneledger


@pytest.fixture(scope="session")
async def server(
    clones: asyncpg.Connection, postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Living]:
    directory: Path = tmp_path_factory.mktemp("clients")
    async with living(clones, postgres_url, directory) as running:
        yield running


@pytest.fixture
def key(server: Living, request: pytest.FixtureRequest) -> str:
    """The key of a workspace of the test's own, where nobody has taken a name."""
    with Tuneledger(KEY, base_url=server.url) as client:
        return str(client.workspaces.create(name=request.node.name).api_key)
