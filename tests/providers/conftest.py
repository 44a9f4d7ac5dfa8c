from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from service.network.address_policy import LOOPBACK
from service.providers.adapters import connect
from service.providers.provider import Account, TuningProvider
from tests.providers.recorded_wire import Wire, recorded_wire


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with recorded_wire() as wire:
        yield wire


@pytest.fixture
async def provider_at() -> AsyncIterator[Callable[..., TuningProvider]]:
    """Connects to an address, and closes what it connected."""
    opened: list[TuningProvider] = []

    def open_at(base_url: str, **settings: Any) -> TuningProvider:
        defaults: dict[str, Any] = {
            "kind": "openai",
            "secret": "sk-very-secret",
            "timeout_seconds": 10.0,
            "policy": LOOPBACK,
        }
        opened.append(connect(Account(base_url=base_url, **(defaults | settings))))
        return opened[-1]

    yield open_at
    for provider in opened:
        await provider.aclose()
