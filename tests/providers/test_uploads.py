"""Training files on their way to a provider."""

import asyncio
import resource
from collections.abc import AsyncIterator, Callable

import pytest

from service.errors import ProviderRefused
from service.providers.provider import TuningProvider
from tests.providers.recorded_wire import Wire

Connect = Callable[..., TuningProvider]


async def test_an_upload_streams_and_waits_until_the_file_can_be_used(wire: Wire, provider_at: Connect) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for number in range(3):
            yield f'{{"row": {number}}}\n'.encode()

    wire.says("POST", "/v1/files", {"id": "file-1", "status": "pending"})
    wire.says("GET", "/v1/files/file-1", {"id": "file-1", "status": "processed"})
    assert await provider_at(wire.base_url).upload("train.jsonl", chunks()) == "file-1"
    sent = wire.requests[0]
    assert b'{"row": 0}\n{"row": 1}\n{"row": 2}\n' in sent.body
    assert b'filename="train.jsonl"' in sent.body
    assert b"fine-tune" in sent.body
    assert len(wire.asked("GET", "/v1/files/file-1")) == 1


async def test_a_large_upload_keeps_memory_flat(provider_at: Connect) -> None:
    megabytes = 160
    received = 0

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal received
        await reader.readuntil(b"\r\n\r\n")
        while received < megabytes << 20:
            received += len(await reader.read(1 << 16))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 15\r\nconnection: close\r\n\r\n" + b'{"id":"file-1"}')
        writer.close()

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(megabytes):
            yield bytes(1 << 20)

    async with await asyncio.start_server(swallow, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        provider = provider_at(f"http://127.0.0.1:{port}/v1")
        assert await provider.upload("train.jsonl", chunks()) == "file-1"
    assert received >= megabytes << 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


async def test_deleting_a_file_that_is_gone_is_fine(wire: Wire, provider_at: Connect) -> None:
    provider = provider_at(wire.base_url)
    await provider.delete_file("file-gone")
    wire.says("DELETE", "/v1/files/file-kept", {"error": {"message": "not yours"}}, status=403)
    with pytest.raises(ProviderRefused, match="not yours"):
        await provider.delete_file("file-kept")
