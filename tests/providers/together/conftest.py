import hashlib
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from service.network.address_policy import LOOPBACK
from service.providers.abilities import TrainingFile
from service.providers.provider import Account
from service.providers.together.together_adapter import TogetherProvider
from tests.emulators.together import TogetherEmulator, emulate
from tests.emulators.together.server import SECRET

CHAT = {"messages": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "4"}]}
PREFERENCE = {
    "input": {"messages": [{"role": "user", "content": "2+2?"}]},
    "preferred_output": [{"role": "assistant", "content": "4"}],
    "non_preferred_output": [{"role": "assistant", "content": "5"}],
}


@pytest.fixture
async def emulator() -> AsyncIterator[TogetherEmulator]:
    """One whose clock the test turns."""
    async with emulate() as emulator:
        yield emulator


@pytest.fixture
async def provider(emulator: TogetherEmulator) -> AsyncIterator[TogetherProvider]:
    provider = TogetherProvider(account_at(emulator))
    yield provider
    await provider.aclose()


def account_at(emulator: TogetherEmulator, **settings: Any) -> Account:
    usual: dict[str, Any] = {"secret": SECRET, "policy": LOOPBACK, "timeout_seconds": 5.0}
    return Account(kind="together", base_url=emulator.base_url, **(usual | settings))


@pytest.fixture
def write_file(tmp_path: Path) -> Callable[..., TrainingFile]:
    def write(*rows: Any, name: str = "train.jsonl", times: int = 20) -> TrainingFile:
        lines = [json.dumps(row) if not isinstance(row, str) else row for row in (rows or (CHAT,)) * times]
        content = "".join(f"{line}\n" for line in lines).encode()
        path = tmp_path / name
        path.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        return TrainingFile(
            name=name, path=path, digest=digest, bytes=len(content), rows=len(lines), format="openai_chat"
        )

    return write
