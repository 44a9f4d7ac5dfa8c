import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from service.network.address_policy import LOOPBACK
from service.providers.abilities import TrainingFile
from service.providers.provider import Account
from service.providers.vertex.vertex_adapter import VertexProvider
from tests.emulators.vertex import VertexEmulator, emulate
from tests.providers.conftest import write_training_file

CHAT = {"contents": [{"role": "user", "parts": [{"text": "2+2?"}]}, {"role": "model", "parts": [{"text": "4"}]}]}
PREFERENCE = {
    "contents": [{"role": "user", "parts": [{"text": "2+2?"}]}],
    "completions": [
        {"score": 1, "completion": {"role": "model", "parts": [{"text": "4"}]}},
        {"score": 0, "completion": {"role": "model", "parts": [{"text": "5"}]}},
    ],
}


@pytest.fixture
async def emulator() -> AsyncIterator[VertexEmulator]:
    """One whose clock the test turns."""
    async with emulate() as emulator:
        yield emulator


@pytest.fixture
async def provider(emulator: VertexEmulator) -> AsyncIterator[VertexProvider]:
    provider = VertexProvider(account_at(emulator))
    yield provider
    await provider.aclose()


def account_at(emulator: VertexEmulator, **settings: Any) -> Account:
    usual: dict[str, Any] = {"secret": emulator.tokens.write_key(), "options": emulator.options, "policy": LOOPBACK}
    return Account(kind="vertex", base_url=emulator.base_url, **(usual | settings))


@pytest.fixture
def write_file(tmp_path: Path) -> Callable[..., TrainingFile]:
    def write(row: Any = CHAT, *, times: int = 20) -> TrainingFile:
        file = write_training_file(tmp_path, f"{json.dumps(row)}\n".encode() * times)
        return msgspec.structs.replace(file, name=f"train-{file.digest}.jsonl", format="vertex_gemini")

    return write
