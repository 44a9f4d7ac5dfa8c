from collections.abc import AsyncIterator

import pytest

from tests.tunes.sandbox import Sandbox, sandbox_in


@pytest.fixture(scope="session")
async def shared_sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    async with sandbox_in(tmp_path_factory.mktemp("sandbox"), pace=0.05) as running:
        yield running


@pytest.fixture
async def sandbox(shared_sandbox: Sandbox) -> AsyncIterator[Sandbox]:
    yield shared_sandbox
    await shared_sandbox.http.delete("/sandbox/faults")
