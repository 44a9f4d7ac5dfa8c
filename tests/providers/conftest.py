import hashlib
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from service.network.address_policy import LOOPBACK
from service.providers.abilities import News, Provider, TrainingFile
from service.providers.adapters import connect
from service.providers.provider import Account, RemoteJob
from tests.providers.recorded_wire import Wire, recorded_wire


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """A job and its news."""

    job: RemoteJob
    news: News


async def look(provider: Provider, job_id: str, *, cursor: str | None = None) -> Look:
    job = await provider.job(job_id)
    return Look(job=job, news=await provider.news(job, cursor=cursor))


def write_training_file(directory: Path, content: bytes, *, name: str = "train.jsonl") -> TrainingFile:
    path = directory / f"{uuid.uuid4()}.jsonl"
    path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    return TrainingFile(
        name=name, path=path, digest=digest, bytes=len(content), rows=content.count(b"\n"), format="openai_chat"
    )


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with recorded_wire() as wire:
        yield wire


@pytest.fixture
async def provider_at() -> AsyncIterator[Callable[..., Provider]]:
    """Connects to an address, and closes what it connected."""
    opened: list[Provider] = []

    def open_at(base_url: str, **settings: Any) -> Provider:
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
