from collections.abc import AsyncIterator

import pytest

from service.network.address_policy import LOOPBACK
from service.providers.fireworks.fireworks_adapter import FireworksProvider
from service.providers.provider import Account
from tests.emulators.fireworks import FireworksEmulator, emulate
from tests.emulators.fireworks.server import SECRET
from tests.emulators.fireworks.wire import ACCOUNT


@pytest.fixture
async def emulator() -> AsyncIterator[FireworksEmulator]:
    async with emulate() as emulator:
        yield emulator


@pytest.fixture
async def provider(emulator: FireworksEmulator) -> AsyncIterator[FireworksProvider]:
    account = Account(
        kind="fireworks", base_url=emulator.base_url, secret=SECRET, options={"account": ACCOUNT}, policy=LOOPBACK
    )
    opened = FireworksProvider(account)
    yield opened
    await opened.aclose()
