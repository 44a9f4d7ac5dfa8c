import hashlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from service.network.address_policy import LOOPBACK
from service.providers.abilities import TrainingFile
from service.providers.bedrock.bedrock_adapter import BedrockProvider
from service.providers.provider import Account
from tests.emulators.bedrock import BedrockEmulator, emulate
from tests.emulators.bedrock.server import SECRET

ROW = b'{"messages":[{"role":"user","content":[{"text":"2+2?"}]},{"role":"assistant","content":[{"text":"4"}]}]}\n'


@pytest.fixture
async def emulator() -> AsyncIterator[BedrockEmulator]:
    """One whose clock the test turns."""
    async with emulate() as emulator:
        yield emulator


@pytest.fixture
async def provider(emulator: BedrockEmulator) -> AsyncIterator[BedrockProvider]:
    provider = BedrockProvider(account_at(emulator))
    yield provider
    await provider.aclose()


def account_at(emulator: BedrockEmulator, **settings: Any) -> Account:
    usual: dict[str, Any] = {"secret": SECRET, "policy": LOOPBACK, "timeout_seconds": 5.0, "options": emulator.options}
    return Account(kind="bedrock", base_url=emulator.address, **(usual | settings))


@pytest.fixture
def write_file(tmp_path: Path) -> Callable[..., TrainingFile]:
    def write(*, rows: int = 20, name: str = "train") -> TrainingFile:
        content = ROW * rows
        digest = hashlib.sha256(content).hexdigest()
        path = tmp_path / name
        path.write_bytes(content)
        settings: dict[str, Any] = {"digest": digest, "bytes": len(content), "rows": rows}
        return TrainingFile(name=f"{name}-{digest}.jsonl", path=path, format="bedrock_conversation", **settings)

    return write
