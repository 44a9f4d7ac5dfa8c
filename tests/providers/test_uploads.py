"""Training files on their way to a provider."""

import asyncio
import hashlib
import json
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from service.errors import ProviderRefused
from service.providers.abilities import Provider
from service.providers.openai import stored_files
from tests.providers.conftest import write_training_file
from tests.providers.recorded_wire import Wire

Connect = Callable[..., Provider]


async def test_an_upload_waits_until_the_file_can_be_used(wire: Wire, provider_at: Connect, tmp_path: Path) -> None:
    file = write_training_file(tmp_path, b"".join(f'{{"row": {number}}}\n'.encode() for number in range(3)))
    wire.says("POST", "/v1/files", {"id": "file-1", "status": "pending"})
    wire.says("GET", "/v1/files/file-1", {"id": "file-1", "status": "processed"})
    assert await provider_at(wire.base_url).upload(file) == "file-1"
    sent = wire.requests[0]
    assert b'{"row": 0}\n{"row": 1}\n{"row": 2}\n' in sent.body
    assert b'filename="train.jsonl"' in sent.body
    assert b"fine-tune" in sent.body
    assert len(wire.asked("GET", "/v1/files/file-1")) == 1


async def test_a_large_upload_keeps_memory_flat(
    provider_at: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_files, "IN_PARTS_ABOVE", 1 << 30)
    megabytes = 160
    received = 0

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal received
        await reader.readuntil(b"\r\n\r\n")
        while received < megabytes << 20:
            received += len(await reader.read(1 << 16))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 15\r\nconnection: close\r\n\r\n" + b'{"id":"file-1"}')
        writer.close()

    file = write_training_file(tmp_path, b"")
    with file.path.open("wb") as target:
        target.truncate(megabytes << 20)
    async with await asyncio.start_server(swallow, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        provider = provider_at(f"http://127.0.0.1:{port}/v1")
        assert await provider.upload(file) == "file-1"
    assert received >= megabytes << 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


async def test_deleting_a_file_that_is_gone_is_fine(wire: Wire, provider_at: Connect) -> None:
    provider = provider_at(wire.base_url)
    await provider.delete_file("file-gone")
    wire.says("DELETE", "/v1/files/file-kept", {"error": {"message": "not yours"}}, status=403)
    with pytest.raises(ProviderRefused, match="not yours"):
        await provider.delete_file("file-kept")


async def test_a_large_file_goes_in_parts_with_its_checksum(
    wire: Wire, provider_at: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_files, "IN_PARTS_ABOVE", 10)
    monkeypatch.setattr(stored_files, "PART_BYTES", 8)
    file = write_training_file(tmp_path, b"0123456789ab\n")
    wire.says("POST", "/v1/uploads", {"id": "upload-1"})
    wire.says("POST", "/v1/uploads/upload-1/parts", {"id": "part-1"})
    wire.says("POST", "/v1/uploads/upload-1/parts", {"id": "part-2"})
    wire.says("POST", "/v1/uploads/upload-1/complete", {"id": "upload-1", "file": {"id": "file-9"}})
    assert await provider_at(wire.base_url).upload(file) == "file-9"
    sent = wire.asked("POST", "/v1/uploads/upload-1/parts")
    assert [piece in each.body for piece, each in zip((b"01234567", b"89ab\n"), sent, strict=True)] == [True, True]
    order = json.loads(wire.asked("POST", "/v1/uploads")[0].body)
    assert (order["bytes"], order["purpose"], order["filename"]) == (13, "fine-tune", "train.jsonl")
    end = json.loads(wire.asked("POST", "/v1/uploads/upload-1/complete")[0].body)
    md5 = hashlib.md5(b"0123456789ab\n", usedforsecurity=False).hexdigest()
    assert end == {"part_ids": ["part-1", "part-2"], "md5": md5}


async def test_a_server_without_uploads_in_parts_gets_the_whole_file(
    wire: Wire, provider_at: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_files, "IN_PARTS_ABOVE", 1)
    wire.says("POST", "/v1/files", {"id": "file-1"})
    assert await provider_at(wire.base_url).upload(write_training_file(tmp_path, b"{}\n")) == "file-1"


async def test_a_file_is_found_by_its_name_and_size(wire: Wire, provider_at: Connect, tmp_path: Path) -> None:
    file, provider = write_training_file(tmp_path, b"{}\n"), provider_at(wire.base_url)
    assert await provider.find_file(file) is None
    others = [{"id": "a", "filename": "train.jsonl", "bytes": 4}, {"id": "b", "filename": "x.jsonl", "bytes": 3}]
    wire.says("GET", "/v1/files", {"data": others, "has_more": False})
    wire.says("GET", "/v1/files", {"data": [{"id": "c", "filename": "train.jsonl", "bytes": 3}], "has_more": False})
    assert await provider.find_file(file) is None
    assert await provider.find_file(file) == "c"
