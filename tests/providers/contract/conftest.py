from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest

from service.providers.abilities import Provider
from service.providers.adapters import connect
from tests.providers.contract.bedrock_emulated import emulate_bedrock
from tests.providers.contract.emulated import Emulated
from tests.providers.contract.fireworks_emulated import emulate_fireworks
from tests.providers.contract.openai_emulated import emulate_openai
from tests.providers.contract.together_emulated import emulate_together
from tests.providers.contract.vertex_emulated import emulate_vertex

# Each adapter's room adds its own here.
EMULATORS: dict[str, Callable[[], AbstractAsyncContextManager[Emulated]]] = {
    "bedrock": emulate_bedrock,
    "fireworks": emulate_fireworks,
    "openai": emulate_openai,
    "together": emulate_together,
    "vertex": emulate_vertex,
}


@pytest.fixture(params=sorted(EMULATORS))
async def emulated(request: pytest.FixtureRequest) -> AsyncIterator[Emulated]:
    async with EMULATORS[request.param]() as emulated:
        test = request.node.originalname
        if test in emulated.skips:
            pytest.skip(emulated.skips[test])
        yield emulated


@pytest.fixture
async def provider(emulated: Emulated) -> AsyncIterator[Provider]:
    opened = connect(emulated.account)
    yield opened
    await opened.aclose()
